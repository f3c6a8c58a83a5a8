// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * Payload of L7 frames ({@code wire/httun.md} sections 2 and 5): the address of the target, and bytes for it or from it. Empty
 * data means close.
 *
 * @param address IPv4 addresses travel mapped into IPv6
 * @param port 0 to 65535
 * @param data a view of the payload it was read from, valid as long as that is
 */
public record L7Container(InetAddress address, int port, ByteBuf data) {
    /** Bytes before the data. */
    public static final int HEADER_LENGTH = 18;

    /** Most data that fits, in bytes. */
    public static final int MAX_DATA = Frame.MAX_PAYLOAD - HEADER_LENGTH;

    private static final int ADDRESS_LENGTH = 16;
    private static final int V4_LENGTH = 4;

    /**
     * Reads a container.
     *
     * @param payload not changed
     * @throws FrameException if it is shorter than a header or longer than a payload may be
     */
    public static L7Container read(ByteBuf payload) {
        int length = payload.readableBytes();
        if (length < HEADER_LENGTH || length > Frame.MAX_PAYLOAD) {
            throw new FrameException(
                    "L7 container of " + length + " bytes, expected " + HEADER_LENGTH + " to " + Frame.MAX_PAYLOAD);
        }
        byte[] raw = new byte[ADDRESS_LENGTH];
        int at = payload.readerIndex();
        payload.getBytes(at, raw);
        try {
            // A mapped address comes back as IPv4.
            return new L7Container(
                    InetAddress.getByAddress(raw),
                    payload.getUnsignedShort(at + ADDRESS_LENGTH),
                    payload.slice(at + HEADER_LENGTH, length - HEADER_LENGTH));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("16 bytes are an address", e);
        }
    }

    /** Appends the 18 bytes that precede the data. */
    public static void writeHeader(ByteBuf payload, InetAddress address, int port) {
        byte[] raw = address.getAddress();
        if (raw.length == V4_LENGTH) {
            payload.writeZero(ADDRESS_LENGTH - V4_LENGTH - Short.BYTES).writeShort(0xffff);
        }
        payload.writeBytes(raw).writeShort(port);
    }
}
