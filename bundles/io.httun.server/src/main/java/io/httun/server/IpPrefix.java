// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.netty.util.NetUtil;
import java.net.InetAddress;

/** A block of addresses; {@code bits} count from the front of the 128 bits of the IPv6 or IPv4-mapped form. */
record IpPrefix(IpAddress network, int bits) {
    private static final int WIDTH = 128;
    private static final int V4_BITS = 96;

    /** @throws IllegalArgumentException saying what is wrong */
    static IpPrefix parse(String text) {
        int slash = text.indexOf('/');
        InetAddress address = NetUtil.createInetAddressFromIpAddressString(slash < 0 ? text : text.substring(0, slash));
        if (address == null) {
            throw new IllegalArgumentException(text + " is neither an IP address nor a CIDR block");
        }
        IpAddress network = IpAddress.of(address);
        int width = network.isV4() ? WIDTH - V4_BITS : WIDTH;
        int bits = slash < 0 ? width : length(text.substring(slash + 1), width);
        return new IpPrefix(network, bits + WIDTH - width);
    }

    private static int length(String text, int width) {
        if (!text.matches("[0-9]{1,3}") || Integer.parseInt(text) > width) {
            throw new IllegalArgumentException("a prefix has 0 to " + width + " bits, got " + text);
        }
        return Integer.parseInt(text);
    }

    boolean isSingle() {
        return bits == WIDTH;
    }

    boolean contains(IpAddress address) {
        return (address.high() & mask(bits)) == (network.high() & mask(bits))
                && (address.low() & mask(bits - Long.SIZE)) == (network.low() & mask(bits - Long.SIZE));
    }

    private static long mask(int ones) {
        return ones <= 0 ? 0 : ones >= Long.SIZE ? -1 : -1L << Long.SIZE - ones;
    }
}
