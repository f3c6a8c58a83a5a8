// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.target.Target;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The header of a SOCKS client's datagrams in both directions (RFC 1928 section 7). */
final class SocksDatagram {
    private static final int IPV4 = 1;
    private static final int NAME = 3;
    private static final int IPV6 = 4;
    private static final int MAX_HEADER = 22;

    private SocksDatagram() {}

    /**
     * Reads the header and leaves the data.
     *
     * @return empty for a malformed header or a fragment: the datagram must be dropped
     */
    static Optional<Target> readTarget(ByteBuf datagram) {
        try {
            datagram.skipBytes(2);
            int fragment = datagram.readUnsignedByte();
            int type = datagram.readUnsignedByte();
            if (fragment != 0) {
                return Optional.empty();
            }
            return switch (type) {
                case IPV4 -> Optional.of(address(datagram, 4));
                case IPV6 -> Optional.of(address(datagram, 16));
                case NAME -> {
                    int length = datagram.readUnsignedByte();
                    String name = datagram.readCharSequence(length, StandardCharsets.ISO_8859_1)
                            .toString();
                    yield Optional.of(Target.of(name, datagram.readUnsignedShort()));
                }
                default -> Optional.empty();
            };
        } catch (IndexOutOfBoundsException | IllegalArgumentException | UnknownHostException e) {
            return Optional.empty();
        }
    }

    private static Target address(ByteBuf datagram, int length) throws UnknownHostException {
        byte[] bytes = new byte[length];
        datagram.readBytes(bytes);
        return Target.of(InetAddress.getByAddress(bytes), datagram.readUnsignedShort());
    }

    static ByteBuf header(ByteBufAllocator allocator, InetSocketAddress from) {
        if (from.isUnresolved()) {
            String name = from.getHostString();
            ByteBuf header = allocator.buffer(MAX_HEADER + name.length());
            header.writeZero(3).writeByte(NAME).writeByte(name.length());
            header.writeCharSequence(name, StandardCharsets.US_ASCII);
            return header.writeShort(from.getPort());
        }
        byte[] address = from.getAddress().getAddress();
        return allocator
                .buffer(MAX_HEADER)
                .writeZero(3)
                .writeByte(address.length == 4 ? IPV4 : IPV6)
                .writeBytes(address)
                .writeShort(from.getPort());
    }
}
