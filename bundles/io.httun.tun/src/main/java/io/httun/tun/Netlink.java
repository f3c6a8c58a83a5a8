// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;

/** A socket to the kernel's routing tables (rtnetlink). Not thread-safe. */
final class Netlink implements AutoCloseable {
    static final int NEW_LINK = 16;
    static final int DELETE_LINK = 17;
    static final int GET_LINK = 18;
    static final int NEW_ADDRESS = 20;
    static final int DELETE_ADDRESS = 21;
    static final int GET_ADDRESS = 22;
    static final int NEW_ROUTE = 24;
    static final int DELETE_ROUTE = 25;
    static final int GET_ROUTE = 26;

    static final int CREATE = 0x400;
    static final int EXCLUSIVE = 0x200;
    static final int REPLACE = 0x100;
    private static final int DUMP = 0x300;
    private static final int REQUEST_ACK = 5;

    /** Changes of links, and of routes of both families. */
    static final int WATCHED = 0x1 | 0x40 | 0x400;

    private static final int FAMILY = 16;
    private static final int RAW_CLOEXEC = 0x80003;
    private static final int RAW_CLOEXEC_NONBLOCK = 0x80803;
    private static final int ROUTE = 0;
    private static final int ADDRESS_LENGTH = 12;
    private static final int HEADER = 16;
    private static final int ATTRIBUTE_HEADER = 4;
    private static final int ERROR = 2;
    private static final int DONE = 3;
    private static final int BUFFER = 64 << 10;

    private final int fd;
    private final KernelMemory outMemory = new KernelMemory(512);
    private final ByteBuffer out = outMemory.bytes();
    private final KernelMemory inMemory = new KernelMemory(BUFFER);
    private final ByteBuffer in = inMemory.bytes();
    private int sequence;

    private Netlink(int type, int groups) {
        fd = LibC.socket(FAMILY, type, ROUTE);
        if (fd < 0) {
            throw LinuxException.of(LibC.errno(), "cannot open a netlink socket");
        }
        out.putShort(0, (short) FAMILY).putInt(8, groups);
        if (outMemory.bind(fd, ADDRESS_LENGTH) < 0) {
            int errno = LibC.errno();
            close();
            throw LinuxException.of(errno, "cannot bind a netlink socket");
        }
    }

    /** For requests. */
    static Netlink open() {
        return new Netlink(RAW_CLOEXEC, 0);
    }

    /** For polling: readable after a change of the {@linkplain #WATCHED watched} objects. */
    static Netlink watch() {
        return new Netlink(RAW_CLOEXEC_NONBLOCK, WATCHED);
    }

    int fd() {
        return fd;
    }

    /** Discards the notifications. */
    void drain() {
        while (inMemory.receive(fd, BUFFER) > 0) {
            // The current state is read afterwards.
        }
    }

    /** Starts a request; its fixed part follows. */
    ByteBuffer request(int type, int flags) {
        out.clear();
        return out.putInt(0)
                .putShort((short) type)
                .putShort((short) (REQUEST_ACK | flags))
                .putInt(++sequence)
                .putInt(0);
    }

    Netlink attribute(int type, byte[] value) {
        out.putShort((short) (ATTRIBUTE_HEADER + value.length))
                .putShort((short) type)
                .put(value);
        while (out.position() % ATTRIBUTE_HEADER != 0) {
            out.put((byte) 0);
        }
        return this;
    }

    Netlink attribute(int type, int value) {
        out.putShort((short) (ATTRIBUTE_HEADER + Integer.BYTES))
                .putShort((short) type)
                .putInt(value);
        return this;
    }

    /** @return 0 or the errno */
    int send() {
        return exchange(message -> {});
    }

    /** Requests all objects of a type. */
    void dump(int type, int family, Consumer<ByteBuffer> each) {
        ByteBuffer request = request(type, DUMP);
        // The longest fixed part of all types; the kernel reads the part that it knows.
        request.putLong(family).putLong(0);
        int errno = exchange(each);
        if (errno != 0) {
            throw LinuxException.of(errno, "cannot read the kernel's network configuration");
        }
    }

    /**
     * Sends the request and receives the answers.
     *
     * @param each receives every message but the last, from its fixed part on; valid until it returns
     */
    int exchange(Consumer<ByteBuffer> each) {
        out.putInt(0, out.position());
        if (outMemory.send(fd, out.position()) < 0) {
            return LibC.errno();
        }
        while (true) {
            long length = inMemory.receive(fd, BUFFER);
            if (length < 0) {
                if (LibC.errno() == LibC.EINTR) {
                    continue;
                }
                return LibC.errno();
            }
            for (int at = 0; at + HEADER <= length; ) {
                int size = in.getInt(at);
                int type = in.getShort(at + 4);
                if (in.getInt(at + 8) == sequence) {
                    if (type == ERROR) {
                        return -in.getInt(at + HEADER);
                    } else if (type == DONE) {
                        return 0;
                    }
                    each.accept(in.duplicate()
                            .order(ByteOrder.nativeOrder())
                            .limit(at + size)
                            .position(at + HEADER)
                            .slice()
                            .order(ByteOrder.nativeOrder()));
                }
                at += Math.max(HEADER, size + 3 & ~3);
            }
        }
    }

    /** Parses the attributes after a fixed part; each value is valid until the callback returns. */
    static void attributes(ByteBuffer message, int fixed, Attribute attribute) {
        for (int at = fixed; at + ATTRIBUTE_HEADER <= message.limit(); ) {
            int length = message.getShort(at) & 0xffff;
            if (length < ATTRIBUTE_HEADER || at + length > message.limit()) {
                return;
            }
            byte[] value = new byte[length - ATTRIBUTE_HEADER];
            message.get(at + ATTRIBUTE_HEADER, value);
            attribute.take(message.getShort(at + 2) & 0x3fff, value);
            at += length + 3 & ~3;
        }
    }

    interface Attribute {
        void take(int type, byte[] value);
    }

    static int number(byte[] value) {
        return value.length < Integer.BYTES
                ? 0
                : ByteBuffer.wrap(value).order(ByteOrder.nativeOrder()).getInt();
    }

    @Override
    public void close() {
        LibC.close(fd);
    }
}
