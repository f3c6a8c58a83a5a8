// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Gets threads out of {@code poll}: readable from the signal on, until it is cleared. */
final class Wake implements AutoCloseable {
    private final int fd = LibC.eventfd(0, LibC.EFD_NONBLOCK_CLOEXEC);
    private boolean closed;
    private final ByteBuffer value = ByteBuffer.allocateDirect(Long.BYTES).order(ByteOrder.nativeOrder());

    Wake() {
        if (fd < 0) {
            throw LinuxException.of(LibC.errno(), "cannot make an eventfd");
        }
    }

    int fd() {
        return fd;
    }

    synchronized void signal() {
        if (!closed) {
            value.putLong(0, 1);
            LibC.write(fd, LibC.address(value), Long.BYTES);
        }
    }

    synchronized void clear() {
        LibC.read(fd, LibC.address(value), Long.BYTES);
    }

    @Override
    public synchronized void close() {
        closed = true;
        LibC.close(fd);
    }
}
