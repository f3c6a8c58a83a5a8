// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/**
 * The L7 container of the wire protocol (section 2): a target and bytes for it; no bytes mean close.
 *
 * @param address a resolved target; IPv4 travels as IPv4-mapped IPv6
 * @param data at most 65,517 bytes; not copied
 */
public record StockContainer(InetSocketAddress address, byte[] data) {

    static final int HEADER = 18;

    public static final int MAX_DATA = StockFrame.MAX_PAYLOAD - HEADER;

    public byte[] toBytes() {
        ByteBuffer buffer = ByteBuffer.allocate(HEADER + data.length);
        if (address.getAddress() instanceof Inet4Address) {
            buffer.putLong(0).putShort((short) 0).putShort((short) -1);
        }
        return buffer.put(address.getAddress().getAddress())
                .putShort((short) address.getPort())
                .put(data)
                .array();
    }

    public static StockContainer parse(byte[] payload) throws StockException {
        if (payload.length < HEADER || payload.length > HEADER + MAX_DATA) {
            throw new StockException("L7 container of " + payload.length + " bytes");
        }
        ByteBuffer buffer = ByteBuffer.wrap(payload);
        byte[] ip = new byte[16];
        buffer.get(ip);
        int port = buffer.getShort() & 0xFFFF;
        byte[] data = new byte[buffer.remaining()];
        buffer.get(data);
        try {
            // The JDK turns an IPv4-mapped address into the IPv4 one by itself.
            return new StockContainer(new InetSocketAddress(InetAddress.getByAddress(ip), port), data);
        } catch (UnknownHostException e) {
            throw new StockException("not an address", e);
        }
    }
}
