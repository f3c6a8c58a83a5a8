// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Memory that the kernel reads and writes, in the host's byte order. Every system call with its address is made here,
 * and keeps the memory reachable until it returns. To the garbage collector the address is a number: it could free a
 * buffer after its last use in Java while the kernel still uses it. A call neither allocates nor copies.
 */
final class KernelMemory {
    static {
        Native.register(KernelMemory.class, "c");
    }

    private final ByteBuffer bytes;
    private final long address;

    KernelMemory(int size) {
        bytes = ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
        address = Pointer.nativeValue(Native.getDirectBufferPointer(bytes));
    }

    ByteBuffer bytes() {
        return bytes;
    }

    long read(int fd, long count) {
        try {
            return read(fd, address, count);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    long write(int fd, long count) {
        try {
            return write(fd, address, count);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    int ioctl(int fd, long request) {
        try {
            return ioctl(fd, request, address);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    int poll(long count, int timeoutMillis) {
        try {
            return poll(address, count, timeoutMillis);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    int bind(int fd, int length) {
        try {
            return bind(fd, address, length);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    long send(int fd, long count) {
        try {
            return send(fd, address, count, 0);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    long receive(int fd, long count) {
        try {
            return recv(fd, address, count, 0);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    private static native long read(int fd, long address, long count);

    private static native long write(int fd, long address, long count);

    private static native int ioctl(int fd, long request, long address);

    private static native int poll(long address, long count, int timeoutMillis);

    private static native int bind(int fd, long address, int length);

    private static native long send(int fd, long address, long count, int flags);

    private static native long recv(int fd, long address, long count, int flags);
}
