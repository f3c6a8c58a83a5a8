// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import io.httun.api.tun.TunDrop;

/**
 * Reads IPv4 (RFC 791) and IPv6 (RFC 8200) packets in place. Nothing here allocates. Every method except {@link #defect} requires a
 * packet without a defect.
 */
public final class IpPacket {
    /** Smallest IPv4 header. */
    public static final int V4_HEADER = 20;

    /** The IPv6 header, without extension headers. */
    public static final int V6_HEADER = 40;

    /** Largest packet that a frame can carry. */
    public static final int MAX_LENGTH = Frame.MAX_PAYLOAD;

    public static final int TCP = 6;
    public static final int UDP = 17;
    public static final int ICMP = 1;
    public static final int ICMPV6 = 58;

    private static final int V4 = 4;
    private static final int V6 = 6;
    private static final int V4_LENGTH_AT = 2;
    private static final int V4_PROTOCOL_AT = 9;
    private static final int V4_SOURCE_AT = 12;
    private static final int V4_FRAGMENT_AT = 6;
    private static final int V4_ADDRESS = 4;
    private static final int V6_LENGTH_AT = 4;
    private static final int V6_PROTOCOL_AT = 6;
    private static final int V6_SOURCE_AT = 8;
    private static final int V6_ADDRESS = 16;
    private static final int DONT_FRAGMENT = 0x4000;
    private static final int FRAGMENT = 0x3fff;

    private static final int TCP_HEADER = 20;
    private static final int TCP_OFFSET_AT = 12;
    private static final int TCP_FLAGS_AT = 13;
    /** URG, RST and SYN: a packet with one of these must not become several. */
    private static final int TCP_SINGLE = 0x26;
    /** Least bytes of data in a piece, so that a packet is not cut into very many. */
    private static final int LEAST_PIECE = 8;

    private IpPacket() {}

    /**
     * What is wrong with a packet that comes from outside and may hold anything.
     *
     * @return null if nothing is wrong: it is IPv4 or IPv6, its header is whole, and the header's length field says {@code length}
     */
    public static TunDrop defect(byte[] array, int offset, int length) {
        if (length < 1) {
            return TunDrop.TRUNCATED;
        }
        int version = version(array, offset);
        if (version == V4) {
            return length < V4_HEADER ? TunDrop.TRUNCATED : v4Defect(array, offset, length);
        } else if (version != V6) {
            return TunDrop.NOT_IP;
        } else if (length < V6_HEADER) {
            return TunDrop.TRUNCATED;
        }
        return V6_HEADER + unsignedShort(array, offset + V6_LENGTH_AT) == length ? null : TunDrop.WRONG_LENGTH;
    }

    private static TunDrop v4Defect(byte[] array, int offset, int length) {
        int header = v4Header(array, offset);
        if (header < V4_HEADER || unsignedShort(array, offset + V4_LENGTH_AT) != length) {
            return TunDrop.WRONG_LENGTH;
        }
        return header > length ? TunDrop.TRUNCATED : null;
    }

    private static int version(byte[] array, int offset) {
        return (array[offset] & 0xf0) >>> 4;
    }

    private static int v4Header(byte[] array, int offset) {
        return (array[offset] & 0xf) << 2;
    }

    public static boolean isV4(byte[] array, int offset) {
        return version(array, offset) == V4;
    }

    /** Bytes of the IPv4 header with its options, or of the IPv6 header without its extension headers. */
    public static int headerLength(byte[] array, int offset) {
        return isV4(array, offset) ? v4Header(array, offset) : V6_HEADER;
    }

    /** Number of the protocol that follows the header, for example {@link #TCP}; for IPv6 it may be that of an extension header. */
    public static int protocol(byte[] array, int offset) {
        return array[offset + (isV4(array, offset) ? V4_PROTOCOL_AT : V6_PROTOCOL_AT)] & 0xff;
    }

    /** Bytes of an address: 4 or 16. */
    public static int addressLength(byte[] array, int offset) {
        return isV4(array, offset) ? V4_ADDRESS : V6_ADDRESS;
    }

    /** Index in {@code array} of the source address, which the destination follows. */
    public static int sourceAt(byte[] array, int offset) {
        return offset + (isV4(array, offset) ? V4_SOURCE_AT : V6_SOURCE_AT);
    }

    /** Index in {@code array} of the destination address. */
    public static int destinationAt(byte[] array, int offset) {
        return sourceAt(array, offset) + addressLength(array, offset);
    }

    /** Whether this is a fragment of an IPv4 packet. In IPv6 an extension header says so. */
    public static boolean isV4Fragment(byte[] array, int offset) {
        return (unsignedShort(array, offset + V4_FRAGMENT_AT) & FRAGMENT) != 0;
    }

    /** Whether routers must not fragment it: always for IPv6, and for IPv4 with the flag. */
    public static boolean mayNotFragment(byte[] array, int offset) {
        return !isV4(array, offset) || (unsignedShort(array, offset + V4_FRAGMENT_AT) & DONT_FRAGMENT) != 0;
    }

    /**
     * Whether a packet can go to a device with this MTU: it fits, can be {@linkplain #cuttableAt cut}, or may be fragmented on its way. The sender
     * of any other packet is to be told ({@link IcmpError#tooBig}).
     */
    public static boolean passes(byte[] array, int offset, int length, int mtu) {
        return length <= mtu || !mayNotFragment(array, offset) || cuttableAt(array, offset, length, mtu) > 0;
    }

    /**
     * Offset of the data in a TCP packet that can be cut into several packets of at most {@code mtu} bytes; 0 for every other packet. The checksum
     * is not verified.
     */
    public static int cuttableAt(byte[] array, int offset, int length, int mtu) {
        int upper = headerLength(array, offset);
        if (protocol(array, offset) != TCP
                || isV4(array, offset) && isV4Fragment(array, offset)
                || length < upper + TCP_HEADER) {
            return 0;
        }
        int header = (array[offset + upper + TCP_OFFSET_AT] & 0xf0) >>> 2;
        int data = upper + header;
        boolean single = (array[offset + upper + TCP_FLAGS_AT] & TCP_SINGLE) != 0;
        return header < TCP_HEADER || data >= length || single || mtu < data + LEAST_PIECE ? 0 : data;
    }

    /** The sum of TCP's or UDP's pseudo header, for {@link InternetChecksum}. */
    public static long pseudoHeader(byte[] array, int offset, int protocol, int upperLength) {
        return pseudoHeaderWithoutLength(array, offset, protocol) + upperLength;
    }

    /** As {@link #pseudoHeader}, for a length that is added later. */
    public static long pseudoHeaderWithoutLength(byte[] array, int offset, int protocol) {
        return InternetChecksum.add(0, array, sourceAt(array, offset), 2 * addressLength(array, offset)) + protocol;
    }

    public static int unsignedShort(byte[] array, int at) {
        return (array[at] & 0xff) << Byte.SIZE | array[at + 1] & 0xff;
    }

    public static void putShort(byte[] array, int at, int value) {
        array[at] = (byte) (value >>> Byte.SIZE);
        array[at + 1] = (byte) value;
    }
}
