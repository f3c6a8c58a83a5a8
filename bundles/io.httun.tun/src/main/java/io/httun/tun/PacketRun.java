// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import io.httun.api.tun.PacketBatch;
import io.httun.protocol.InternetChecksum;
import io.httun.protocol.IpPacket;
import java.util.Arrays;

/**
 * Finds consecutive packets of a TCP or UDP flow that the kernel can take in one call (GRO). Packets are joined only
 * if cutting would restore exactly these packets and their checksums are valid: the kernel does not check them again.
 */
final class PacketRun {
    static final int TCP_CHECKSUM_AT = 16;
    static final int UDP_CHECKSUM_AT = 6;
    static final int TCP_FLAGS_AT = 13;
    static final int PSH = 0x08;

    private static final int ACK = 0x10;
    private static final int TCP_OFFSET_AT = 12;
    private static final int TCP_SEQUENCE_AT = 4;
    private static final int UDP_HEADER = 8;
    private static final int UDP_LENGTH_AT = 4;
    private static final int TCP_HEADER = 20;

    /** Packets in the run; the other fields are valid if there are two or more. */
    int count;

    boolean udp;
    int upper;
    int headers;
    /** Payload of each packet but the last, in bytes. */
    int size;
    /** Size of the joined packet in bytes. */
    int total;

    /**
     * Searches for a run that starts at {@code first}; the packets must have no {@linkplain IpPacket#defect defect}.
     */
    void find(PacketBatch batch, int first, boolean udpToo) {
        count = 1;
        byte[] array = batch.array(first);
        int offset = batch.offset(first);
        total = batch.length(first);
        if (first + 1 == batch.size() || !isCandidate(array, offset, total, udpToo)) {
            return;
        }
        size = total - headers;
        int last = size;
        for (int i = first + 1; i < batch.size() && last == size; i++) {
            int length = batch.length(i);
            last = length - headers;
            if (last < 1
                    || last > size
                    || total + last > IpPacket.MAX_LENGTH
                    || !follows(array, offset, batch.array(i), batch.offset(i), length)) {
                break;
            }
            total += last;
            count++;
            if (!udp && (batch.array(i)[batch.offset(i) + upper + TCP_FLAGS_AT] & PSH) != 0) {
                break;
            }
        }
        if (count > 1 && !checksumsAreRight(batch, first)) {
            count = 1;
        }
    }

    private boolean isCandidate(byte[] array, int offset, int length, boolean udpToo) {
        upper = IpPacket.headerLength(array, offset);
        boolean v4 = IpPacket.isV4(array, offset);
        if (v4 && (upper != IpPacket.V4_HEADER || IpPacket.isV4Fragment(array, offset))) {
            return false;
        }
        int protocol = IpPacket.protocol(array, offset);
        udp = protocol == IpPacket.UDP;
        if (udp) {
            headers = upper + UDP_HEADER;
            return udpToo
                    && length > headers
                    && IpPacket.unsignedShort(array, offset + upper + UDP_LENGTH_AT) == length - upper
                    && IpPacket.unsignedShort(array, offset + upper + UDP_CHECKSUM_AT) != 0;
        }
        if (protocol != IpPacket.TCP || length <= upper + TCP_HEADER) {
            return false;
        }
        int header = (array[offset + upper + TCP_OFFSET_AT] & 0xf0) >>> 2;
        headers = upper + header;
        return header >= TCP_HEADER && length > headers && array[offset + upper + TCP_FLAGS_AT] == ACK;
    }

    /**
     * Whether the headers agree except for lengths, IPv4 identification, checksums and PSH, and the sequence number
     * continues.
     */
    private boolean follows(byte[] a, int aAt, byte[] b, int bAt, int length) {
        if (!sameIp(a, aAt, b, bAt)) {
            return false;
        }
        int aUpper = aAt + upper;
        int bUpper = bAt + upper;
        if (udp) {
            return same(a, aUpper, b, bUpper, 0, UDP_LENGTH_AT)
                    && IpPacket.unsignedShort(b, bUpper + UDP_LENGTH_AT) == length - upper
                    && IpPacket.unsignedShort(b, bUpper + UDP_CHECKSUM_AT) != 0;
        }
        return sequence(b, bUpper) == sequence(a, aUpper) + total - headers
                && (b[bUpper + TCP_FLAGS_AT] & ~PSH) == ACK
                && same(a, aUpper, b, bUpper, 0, TCP_SEQUENCE_AT)
                && same(a, aUpper, b, bUpper, TCP_SEQUENCE_AT + Integer.BYTES, TCP_FLAGS_AT)
                && same(a, aUpper, b, bUpper, TCP_FLAGS_AT + 1, TCP_CHECKSUM_AT)
                && same(a, aUpper, b, bUpper, TCP_CHECKSUM_AT + Short.BYTES, headers - upper);
    }

    private static boolean sameIp(byte[] a, int aAt, byte[] b, int bAt) {
        if (IpPacket.isV4(a, aAt)) {
            return same(a, aAt, b, bAt, 0, 2) && same(a, aAt, b, bAt, 6, 10) && same(a, aAt, b, bAt, 12, 20);
        }
        return same(a, aAt, b, bAt, 0, 4) && same(a, aAt, b, bAt, 6, IpPacket.V6_HEADER);
    }

    private static boolean same(byte[] a, int aAt, byte[] b, int bAt, int from, int to) {
        return Arrays.equals(a, aAt + from, aAt + to, b, bAt + from, bAt + to);
    }

    private static int sequence(byte[] array, int tcp) {
        return IpPacket.unsignedShort(array, tcp + TCP_SEQUENCE_AT) << Short.SIZE
                | IpPacket.unsignedShort(array, tcp + TCP_SEQUENCE_AT + Short.BYTES);
    }

    private boolean checksumsAreRight(PacketBatch batch, int first) {
        int protocol = udp ? IpPacket.UDP : IpPacket.TCP;
        long pseudo = IpPacket.pseudoHeader(batch.array(first), batch.offset(first), protocol, 0);
        for (int i = first; i < first + count; i++) {
            int length = batch.length(i) - upper;
            long sum = InternetChecksum.add(pseudo + length, batch.array(i), batch.offset(i) + upper, length);
            if (InternetChecksum.finish(sum) != 0) {
                return false;
            }
        }
        return true;
    }
}
