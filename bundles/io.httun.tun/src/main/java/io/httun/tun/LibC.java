// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import com.sun.jna.Native;
import com.sun.jna.Pointer;

/**
 * The C library by JNA's direct mapping: calls with numbers and names. Calls with memory are in {@link KernelMemory}.
 * The constants are those of Linux on x86_64 and aarch64, which agree for this subset.
 */
final class LibC {
    static final int EPERM = 1;
    static final int ENOENT = 2;
    static final int EINTR = 4;
    static final int EIO = 5;
    static final int ENXIO = 6;
    static final int EAGAIN = 11;
    static final int EACCES = 13;
    static final int EBUSY = 16;
    static final int EEXIST = 17;
    static final int ENODEV = 19;
    static final int EINVAL = 22;
    static final int EBADFD = 77;
    static final int ESRCH = 3;
    static final int EADDRNOTAVAIL = 99;

    static final int O_RDWR_NONBLOCK_CLOEXEC = 0x80802;

    static final int POLLIN = 1;
    static final int POLLERR_OR_HUP = 0x18;

    static final int EFD_NONBLOCK_CLOEXEC = 0x80800;

    static {
        Native.register(LibC.class, "c");
    }

    private LibC() {}

    static native int open(String path, int flags);

    static native int close(int fd);

    /** For requests with a number as argument. */
    static native int ioctl(int fd, long request, long number);

    static native int eventfd(int initial, int flags);

    static native int socket(int domain, int type, int protocol);

    static native Pointer getpwnam(String name);

    static native String strerror(int errno);

    /** The errno of this thread's last failed call. */
    static int errno() {
        return Native.getLastError();
    }
}
