// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import java.util.Arrays;
import java.util.Optional;

/**
 * ICMP errors for the sender of a packet (RFC 792, RFC 1191, RFC 4443), as whole packets whose source is the packet's destination. Empty where
 * an error must not be sent: for ICMP errors, later fragments and multicast. The caller limits the rate.
 */
public final class IcmpError {
    private static final int ICMP_HEADER = 8;
    /** RFC 1812 section 4.3.2.3 and RFC 4443 section 2.4: as much of the packet as fits. */
    private static final int V4_LARGEST = 576;

    private static final int V6_LARGEST = 1280;

    private static final int V4_UNREACHABLE = 3;
    private static final int V4_FRAGMENTATION_NEEDED = 4;
    private static final int V4_PROHIBITED = 13;
    private static final int V6_UNREACHABLE = 1;
    private static final int V6_PROHIBITED = 1;
    private static final int V6_TOO_BIG = 2;
    private static final int V6_FRAGMENT_HEADER = 44;
    private static final int V4_OFFSET = 0x1fff;
    private static final int HOPS = 64;

    private IcmpError() {}

    /** "Communication administratively prohibited". */
    public static Optional<byte[]> prohibited(byte[] array, int offset, int length) {
        return IpPacket.isV4(array, offset)
                ? v4(array, offset, length, V4_PROHIBITED, 0)
                : v6(array, offset, length, V6_UNREACHABLE, V6_PROHIBITED, 0);
    }

    /**
     * "Fragmentation needed" and "packet too big".
     *
     * @param mtu largest packet that would have passed
     */
    public static Optional<byte[]> tooBig(byte[] array, int offset, int length, int mtu) {
        return IpPacket.isV4(array, offset)
                ? v4(array, offset, length, V4_FRAGMENTATION_NEEDED, mtu)
                : v6(array, offset, length, V6_TOO_BIG, 0, mtu);
    }

    private static Optional<byte[]> v4(byte[] array, int offset, int length, int code, int mtu) {
        int header = IpPacket.headerLength(array, offset);
        boolean error = IpPacket.protocol(array, offset) == IpPacket.ICMP
                && (length <= header || !isV4Information(array[offset + header]));
        boolean laterFragment = (IpPacket.unsignedShort(array, offset + 6) & V4_OFFSET) != 0;
        if (error || laterFragment || isMulticast(array, offset)) {
            return Optional.empty();
        }
        byte[] packet = new byte[Math.min(length + IpPacket.V4_HEADER + ICMP_HEADER, V4_LARGEST)];
        packet[0] = 0x45;
        IpPacket.putShort(packet, 2, packet.length);
        packet[8] = HOPS;
        packet[9] = IpPacket.ICMP;
        finish(packet, IpPacket.V4_HEADER, array, offset, V4_UNREACHABLE, code, mtu);
        IpPacket.putShort(packet, 10, InternetChecksum.finish(InternetChecksum.add(0, packet, 0, IpPacket.V4_HEADER)));
        checksum(packet, IpPacket.V4_HEADER, 0);
        return Optional.of(packet);
    }

    private static Optional<byte[]> v6(byte[] array, int offset, int length, int type, int code, int mtu) {
        int next = IpPacket.protocol(array, offset);
        boolean error =
                next == IpPacket.ICMPV6 && (length <= IpPacket.V6_HEADER || array[offset + IpPacket.V6_HEADER] >= 0);
        // "Packet too big" is sent for multicast as well (RFC 4443 section 2.4 e), but in practice no multicast
        // goes through a tunnel.
        if (error
                || isMulticast(array, offset)
                || next == V6_FRAGMENT_HEADER && isLaterFragment(array, offset, length)) {
            return Optional.empty();
        }
        byte[] packet = new byte[Math.min(length + IpPacket.V6_HEADER + ICMP_HEADER, V6_LARGEST)];
        packet[0] = 0x60;
        IpPacket.putShort(packet, 4, packet.length - IpPacket.V6_HEADER);
        packet[6] = IpPacket.ICMPV6;
        packet[7] = HOPS;
        finish(packet, IpPacket.V6_HEADER, array, offset, type, code, mtu);
        checksum(
                packet,
                IpPacket.V6_HEADER,
                IpPacket.pseudoHeader(packet, 0, IpPacket.ICMPV6, packet.length - IpPacket.V6_HEADER));
        return Optional.of(packet);
    }

    private static void finish(byte[] packet, int icmp, byte[] array, int offset, int type, int code, int mtu) {
        int address = IpPacket.addressLength(array, offset);
        System.arraycopy(array, IpPacket.destinationAt(array, offset), packet, IpPacket.sourceAt(packet, 0), address);
        System.arraycopy(array, IpPacket.sourceAt(array, offset), packet, IpPacket.destinationAt(packet, 0), address);
        packet[icmp] = (byte) type;
        packet[icmp + 1] = (byte) code;
        IpPacket.putShort(packet, icmp + 6, mtu);
        System.arraycopy(array, offset, packet, icmp + ICMP_HEADER, packet.length - icmp - ICMP_HEADER);
    }

    private static void checksum(byte[] packet, int icmp, long sum) {
        IpPacket.putShort(
                packet,
                icmp + 2,
                InternetChecksum.finish(InternetChecksum.add(sum, packet, icmp, packet.length - icmp)));
    }

    /** Echo, timestamp, information, address mask, router discovery: all types that are not errors. */
    private static boolean isV4Information(byte type) {
        return switch (type) {
            case 0, 8, 9, 10, 13, 14, 15, 16, 17, 18 -> true;
            default -> false;
        };
    }

    private static boolean isLaterFragment(byte[] array, int offset, int length) {
        return length < IpPacket.V6_HEADER + 4
                || (IpPacket.unsignedShort(array, offset + IpPacket.V6_HEADER + 2) & 0xfff8) != 0;
    }

    /** Whether either address is multicast, or the source unspecified: such a packet gets no error. */
    private static boolean isMulticast(byte[] array, int offset) {
        int source = IpPacket.sourceAt(array, offset);
        int destination = IpPacket.destinationAt(array, offset);
        int address = IpPacket.addressLength(array, offset);
        boolean unspecified = Arrays.equals(array, source, source + address, new byte[address], 0, address);
        int group = IpPacket.isV4(array, offset) ? 0xe0 : 0xff;
        return unspecified || (array[source] & 0xff) >= group || (array[destination] & 0xff) >= group;
    }
}
