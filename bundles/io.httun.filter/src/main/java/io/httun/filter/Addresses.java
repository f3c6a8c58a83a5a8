// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;

/** Addresses as bytes, and the IPv4 addresses that some IPv6 addresses stand for. */
final class Addresses {
    private static final int V4 = 4;
    private static final Cidr COMPATIBLE = Cidr.parse("::/96");
    private static final Cidr NAT64 = Cidr.parse("64:ff9b::/96");
    private static final Cidr SIX_TO_FOUR = Cidr.parse("2002::/16");
    private static final Cidr TEREDO = Cidr.parse("2001::/32");

    private Addresses() {}

    /** @throws IllegalArgumentException if it is no address literal */
    static byte[] parse(String literal) {
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(literal);
        if (bytes == null || literal.indexOf('%') >= 0) {
            throw new IllegalArgumentException("is neither an IP address nor a CIDR block");
        }
        return bytes;
    }

    static String text(byte[] address) {
        return NetUtil.toAddressString(of(address));
    }

    /**
     * The address itself and, where it is an IPv6 address that routers or translators take for an IPv4 one, that one too.
     * A filter must allow each of them.
     */
    static List<InetAddress> forms(InetAddress address) {
        if (!(address instanceof Inet6Address)) {
            return List.of(address);
        }
        byte[] bytes = address.getAddress();
        InetAddress plain = of(bytes);
        if (!(plain instanceof Inet6Address)) {
            // Java itself takes the bytes of an IPv4-mapped address for the IPv4 address.
            return List.of(plain);
        }
        if (NAT64.contains(address) || COMPATIBLE.contains(address) && !isUnspecifiedOrLoopback(address)) {
            return List.of(address, embedded(bytes, 12));
        }
        if (SIX_TO_FOUR.contains(address)) {
            return List.of(address, embedded(bytes, 2));
        }
        if (TEREDO.contains(address)) {
            // RFC 4380 section 4: the client's address is sent with every bit inverted.
            for (int i = 12; i < bytes.length; i++) {
                bytes[i] = (byte) ~bytes[i];
            }
            return List.of(address, embedded(bytes, 12));
        }
        return List.of(address);
    }

    private static boolean isUnspecifiedOrLoopback(InetAddress address) {
        return address.isAnyLocalAddress() || address.isLoopbackAddress();
    }

    private static InetAddress embedded(byte[] address, int offset) {
        return of(Arrays.copyOfRange(address, offset, offset + V4));
    }

    private static InetAddress of(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("an address has 4 or 16 bytes, got " + bytes.length, e);
        }
    }
}
