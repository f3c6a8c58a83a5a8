// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import io.httun.api.HttunException;

/** A refusal by the kernel, with its remedy in the message. */
final class LinuxException extends HttunException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    LinuxException(int errno, String message) {
        super(message);
        this.errno = errno;
    }

    /** @param what the failed operation, for example {@code cannot set the MTU of httun-c-0} */
    static LinuxException of(int errno, String what) {
        String reason =
                switch (errno) {
                    case LibC.EPERM, LibC.EACCES ->
                        "not permitted; run as root or with CAP_NET_ADMIN, or let an administrator do it and remove it from the configuration";
                    default -> LibC.strerror(errno) + " (errno " + errno + ")";
                };
        return new LinuxException(errno, what + ": " + reason);
    }

    int errno() {
        return errno;
    }
}
