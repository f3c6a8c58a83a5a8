// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

/** An eventfd that wakes threads from {@code poll}: readable after the signal. */
final class WakeEvent implements AutoCloseable {
    private final int fd = LibC.eventfd(0, LibC.EFD_NONBLOCK_CLOEXEC);
    private boolean closed;
    private final KernelMemory value = new KernelMemory(Long.BYTES);

    WakeEvent() {
        if (fd < 0) {
            throw LinuxException.of(LibC.errno(), "cannot make an eventfd");
        }
    }

    int fd() {
        return fd;
    }

    synchronized void signal() {
        if (!closed) {
            value.bytes().putLong(0, 1);
            value.write(fd, Long.BYTES);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        LibC.close(fd);
    }
}
