// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.protocol.IpPacket;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/** An IPv4 or IPv6 address as a key; IPv4 in its IPv4-mapped form. */
record IpAddress(long high, long low) {
    private static final long MAPPED = 0xffff_0000_0000L;
    private static final int V4 = 4;

    static IpAddress sourceOf(byte[] packet, int offset) {
        return at(packet, IpPacket.sourceAt(packet, offset), IpPacket.addressLength(packet, offset));
    }

    static IpAddress destinationOf(byte[] packet, int offset) {
        return at(packet, IpPacket.destinationAt(packet, offset), IpPacket.addressLength(packet, offset));
    }

    static IpAddress of(InetAddress address) {
        byte[] bytes = address.getAddress();
        return at(bytes, 0, bytes.length);
    }

    private static IpAddress at(byte[] bytes, int at, int length) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return length == V4
                ? new IpAddress(0, MAPPED | buffer.getInt(at) & 0xffff_ffffL)
                : new IpAddress(buffer.getLong(at), buffer.getLong(at + Long.BYTES));
    }

    boolean isV4() {
        return high == 0 && low >>> Integer.SIZE == MAPPED >>> Integer.SIZE;
    }

    boolean isUnspecified() {
        return high == 0 && (low == 0 || low == MAPPED);
    }

    /** Whether one host can have it as its own on a network: neither multicast nor loopback nor 0.0.0.0/8. */
    boolean isHost() {
        if (isV4()) {
            int first = (int) (low >>> 24 & 0xff);
            return first != 0 && first != 127 && first < 0xe0;
        }
        return high >>> 56 != 0xff && !(high == 0 && low >>> 1 == 0);
    }

    @Override
    public String toString() {
        byte[] bytes = isV4()
                ? ByteBuffer.allocate(V4).putInt((int) low).array()
                : ByteBuffer.allocate(2 * Long.BYTES).putLong(high).putLong(low).array();
        return NetUtil.bytesToIpAddress(bytes);
    }
}
