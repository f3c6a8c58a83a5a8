// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import io.httun.api.config.ConfigException;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.stream.Stream;

/**
 * An IP address with the length of its network's prefix.
 *
 * @param address with bits of a host where it is an interface's
 * @param length bits of the prefix
 */
record Prefix(InetAddress address, int length) {
    /** @throws ConfigException if it is none */
    static Prefix parse(String property, String text) {
        int slash = text.indexOf('/');
        String host = slash < 0 ? text : text.substring(0, slash);
        if (!NetUtil.isValidIpV4Address(host) && !NetUtil.isValidIpV6Address(host) || host.indexOf('%') >= 0) {
            throw new ConfigException(
                    property, text, "must be addresses with prefix lengths, such as 10.9.0.2/24 or fd09::2/64");
        }
        InetAddress address = NetUtil.createInetAddressFromIpAddressString(host);
        int bits = address.getAddress().length * Byte.SIZE;
        String length = slash < 0 ? String.valueOf(bits) : text.substring(slash + 1);
        if (!length.matches("\\d{1,3}") || Integer.parseInt(length) > bits) {
            throw new ConfigException(property, text, "the prefix length must be 0 to " + bits);
        }
        return new Prefix(address, Integer.parseInt(length));
    }

    static Prefix host(InetAddress address) {
        return new Prefix(address, address.getAddress().length * Byte.SIZE);
    }

    boolean isV4() {
        return address.getAddress().length == 4;
    }

    /** Without the bits of a host. */
    Prefix network() {
        byte[] raw = address.getAddress();
        for (int bit = length; bit < raw.length * Byte.SIZE; bit++) {
            raw[bit / Byte.SIZE] &= (byte) ~(0x80 >>> bit % Byte.SIZE);
        }
        return of(raw, length);
    }

    boolean contains(InetAddress other) {
        return other.getAddress().length == address.getAddress().length
                && new Prefix(other, length).network().equals(network());
    }

    /** Both halves of a default route: more specific than the one that is there, which therefore needs no change. */
    Stream<Prefix> split() {
        if (length > 0) {
            return Stream.of(this);
        }
        byte[] upper = address.getAddress();
        upper[0] = (byte) 0x80;
        return Stream.of(new Prefix(address, 1), of(upper, 1));
    }

    static Prefix of(byte[] raw, int length) {
        try {
            return new Prefix(InetAddress.getByAddress(raw), length);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(raw.length + " bytes are no address", e);
        }
    }

    @Override
    public String toString() {
        return NetUtil.toAddressString(address) + '/' + length;
    }
}
