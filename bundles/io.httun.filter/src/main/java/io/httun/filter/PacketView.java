// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

/**
 * Finds a packet's transport header (RFC 791, RFC 8200 section 4). To avoid allocation the result is one {@code
 * long}: the protocol above bit 32, and the header's index below, or -1 if the packet does not contain the header.
 */
final class PacketView {
    private static final int V4 = 4;
    private static final int V6_HEADER = 40;
    private static final int V4_OFFSET_MASK = 0x1fff;
    private static final int MAX_EXTENSIONS = 16;
    private static final int HOP_BY_HOP = 0;
    private static final int ROUTING = 43;
    private static final int FRAGMENT = 44;
    private static final int AUTHENTICATION = 51;
    private static final int DESTINATION = 60;

    private PacketView() {}

    static boolean isV4(byte[] packet, int offset) {
        return (packet[offset] & 0xf0) >>> 4 == V4;
    }

    static int protocol(long transport) {
        return (int) (transport >>> Integer.SIZE);
    }

    static int at(long transport) {
        return (int) transport;
    }

    private static long result(int protocol, int at) {
        return (long) protocol << Integer.SIZE | at & 0xffff_ffffL;
    }

    static long transport(byte[] packet, int offset, int length) {
        if (!isV4(packet, offset)) {
            return v6(packet, offset, offset + length);
        }
        boolean later = (unsignedShort(packet, offset + 6) & V4_OFFSET_MASK) != 0;
        int header = (packet[offset] & 0xf) << 2;
        return result(packet[offset + 9] & 0xff, later ? -1 : offset + header);
    }

    private static long v6(byte[] packet, int offset, int end) {
        int next = packet[offset + 6] & 0xff;
        int at = offset + V6_HEADER;
        boolean later = false;
        for (int i = 0; i < MAX_EXTENSIONS; i++) {
            int length;
            switch (next) {
                case HOP_BY_HOP, ROUTING, DESTINATION:
                    length = at + 2 <= end ? 8 + ((packet[at + 1] & 0xff) << 3) : -1;
                    break;
                case AUTHENTICATION:
                    length = at + 2 <= end ? 8 + ((packet[at + 1] & 0xff) << 2) : -1;
                    break;
                case FRAGMENT:
                    length = at + 4 <= end ? 8 : -1;
                    later |= length > 0 && (unsignedShort(packet, at + 2) & 0xfff8) != 0;
                    break;
                default:
                    return result(next, later ? -1 : at);
            }
            if (length < 0 || later) {
                // The rest is truncated, or was in the first fragment.
                return result(later ? packet[at] & 0xff : next, -1);
            }
            next = packet[at] & 0xff;
            at += length;
        }
        return result(next, -1);
    }

    /** Source port at 0, destination port at 2; -1 if the packet does not contain it. */
    static int port(byte[] packet, int offset, int length, long transport, int which) {
        int at = at(transport);
        return at < 0 || at + 4 > offset + length ? -1 : unsignedShort(packet, at + which);
    }

    private static int unsignedShort(byte[] packet, int at) {
        return (packet[at] & 0xff) << Byte.SIZE | packet[at + 1] & 0xff;
    }
}
