// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import io.httun.api.tun.PacketBatch;
import io.httun.protocol.InternetChecksum;
import io.httun.protocol.IpPacket;

/**
 * Cuts a GSO packet into its segments, with checksums. The packet's content is untrusted: it may come from a packet
 * socket and not from the kernel's TCP.
 */
final class Segments {
    private static final int LENGTH_V4_AT = 2;
    private static final int ID_V4_AT = 4;
    private static final int CHECKSUM_V4_AT = 10;
    private static final int LENGTH_V6_AT = 4;

    private static final int TCP_HEADER = 20;
    private static final int TCP_SEQUENCE_AT = 4;
    private static final int TCP_OFFSET_AT = 12;
    private static final int TCP_FLAGS_AT = 13;
    private static final int TCP_CHECKSUM_AT = 16;
    private static final int TCP_FIN_PSH = 0x09;
    private static final int TCP_CWR = 0x80;

    private static final int UDP_HEADER = 8;
    private static final int UDP_LENGTH_AT = 4;
    private static final int UDP_CHECKSUM_AT = 6;

    private Segments() {}

    /** Length of the headers that every segment repeats; 0 if they contradict {@code udp} and {@code upper}. */
    static int headers(byte[] packet, int length, boolean udp, int upper) {
        boolean v4 = IpPacket.isV4(packet, 0);
        if (v4 ? upper != IpPacket.headerLength(packet, 0) || !isProtocol(packet, udp) : upper < IpPacket.V6_HEADER) {
            return 0;
        }
        if (upper + (udp ? UDP_HEADER : TCP_HEADER) > length) {
            return 0;
        }
        int header = udp ? UDP_HEADER : (packet[upper + TCP_OFFSET_AT] & 0xf0) >>> 2;
        return header < UDP_HEADER || upper + header > length ? 0 : upper + header;
    }

    private static boolean isProtocol(byte[] packet, boolean udp) {
        return IpPacket.protocol(packet, 0) == (udp ? IpPacket.UDP : IpPacket.TCP);
    }

    /** Size of all segments together in bytes. */
    static int space(int length, int headers, int size) {
        return length + (count(length - headers, size) - 1) * headers;
    }

    private static int count(int payload, int size) {
        return Math.max(1, (payload + size - 1) / size);
    }

    /**
     * Writes the segments one after the other.
     *
     * @param offset index of the packet, to which all other indices are relative
     * @param upper index of the TCP or UDP header
     * @param headers from {@link #headers}, not 0
     * @param size payload of each segment but the last, in bytes
     * @param out with capacity for {@link #space}
     * @return end of the last segment in {@code out}
     */
    static int cut(
            byte[] packet,
            int offset,
            int length,
            boolean udp,
            int upper,
            int headers,
            int size,
            byte[] out,
            int at,
            PacketBatch batch) {
        int count = count(length - headers, size);
        int start = at;
        for (int i = 0; i < count; i++) {
            int from = headers + i * size;
            int payload = Math.min(size, length - from);
            System.arraycopy(packet, offset, out, start, headers);
            System.arraycopy(packet, offset + from, out, start + headers, payload);
            finishIp(out, start, headers + payload, i);
            if (udp) {
                IpPacket.putShort(out, start + upper + UDP_LENGTH_AT, UDP_HEADER + payload);
                finishUdp(out, start, upper, headers + payload - upper);
            } else {
                finishTcp(out, start, upper, headers + payload - upper, i * size, i == 0, i == count - 1);
            }
            batch.add(out, start, headers + payload);
            start += headers + payload;
        }
        return start;
    }

    private static void finishIp(byte[] out, int start, int total, int index) {
        if (!IpPacket.isV4(out, start)) {
            IpPacket.putShort(out, start + LENGTH_V6_AT, total - IpPacket.V6_HEADER);
            return;
        }
        IpPacket.putShort(out, start + LENGTH_V4_AT, total);
        IpPacket.putShort(out, start + ID_V4_AT, IpPacket.unsignedShort(out, start + ID_V4_AT) + index);
        IpPacket.putShort(out, start + CHECKSUM_V4_AT, 0);
        long sum = InternetChecksum.add(0, out, start, IpPacket.headerLength(out, start));
        IpPacket.putShort(out, start + CHECKSUM_V4_AT, InternetChecksum.finish(sum));
    }

    private static void finishTcp(byte[] out, int start, int upper, int length, int sent, boolean first, boolean last) {
        int tcp = start + upper;
        int sequence = IpPacket.unsignedShort(out, tcp + TCP_SEQUENCE_AT) << Short.SIZE
                | IpPacket.unsignedShort(out, tcp + TCP_SEQUENCE_AT + Short.BYTES);
        sequence += sent;
        IpPacket.putShort(out, tcp + TCP_SEQUENCE_AT, sequence >>> Short.SIZE);
        IpPacket.putShort(out, tcp + TCP_SEQUENCE_AT + Short.BYTES, sequence);
        if (!last) {
            out[tcp + TCP_FLAGS_AT] &= ~TCP_FIN_PSH;
        }
        if (!first) {
            out[tcp + TCP_FLAGS_AT] &= (byte) ~TCP_CWR;
        }
        IpPacket.putShort(out, tcp + TCP_CHECKSUM_AT, 0);
        IpPacket.putShort(out, tcp + TCP_CHECKSUM_AT, checksum(out, start, IpPacket.TCP, upper, length));
    }

    private static void finishUdp(byte[] out, int start, int upper, int length) {
        IpPacket.putShort(out, start + upper + UDP_CHECKSUM_AT, 0);
        int checksum = checksum(out, start, IpPacket.UDP, upper, length);
        // 0 would mean "no checksum".
        IpPacket.putShort(out, start + upper + UDP_CHECKSUM_AT, checksum == 0 ? 0xffff : checksum);
    }

    private static int checksum(byte[] out, int start, int protocol, int upper, int length) {
        long pseudo = IpPacket.pseudoHeader(out, start, protocol, length);
        return InternetChecksum.finish(InternetChecksum.add(pseudo, out, start + upper, length));
    }

    /** Whether TCP's checksum is valid, so that it may be replaced by new ones. */
    static boolean isWhole(byte[] packet, int offset, int length) {
        int upper = IpPacket.headerLength(packet, offset);
        return checksum(packet, offset, IpPacket.TCP, upper, length - upper) == 0;
    }

    /**
     * Completes a checksum left to the device: the field holds the sum of the pseudo header.
     *
     * @param from index of the checksummed part in the packet
     * @param field index of the field in that part
     * @return false if the indices are outside the packet
     */
    static boolean finishChecksum(byte[] array, int offset, int length, int from, int field) {
        if (from + field + Short.BYTES > length) {
            return false;
        }
        int checksum = InternetChecksum.finish(InternetChecksum.add(0, array, offset + from, length - from));
        // 0 means "no checksum" to UDP; for other protocols 0xffff is equivalent.
        IpPacket.putShort(array, offset + from + field, checksum == 0 ? 0xffff : checksum);
        return true;
    }
}
