// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import io.httun.api.config.ConfigException;
import io.httun.toolkit.net.Network;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.stream.Stream;

/**
 * An IP address with the length of its network's prefix.
 *
 * @param address with host bits for an interface's address
 * @param length of the prefix in bits
 */
record Prefix(InetAddress address, int length) {
    /** @throws ConfigException if the text is invalid */
    static Prefix parse(String property, String text) {
        try {
            return Network.parse(text, Prefix::new);
        } catch (IllegalArgumentException e) {
            throw new ConfigException(
                    property,
                    text,
                    e.getMessage() + "; expected addresses with prefix lengths, such as 10.9.0.2/24 or fd09::2/64");
        }
    }

    static Prefix host(InetAddress address) {
        return new Prefix(address, address.getAddress().length * Byte.SIZE);
    }

    boolean isV4() {
        return address.getAddress().length == 4;
    }

    /** Without host bits. */
    Prefix network() {
        return new Prefix(Network.around(address, length).first(), length);
    }

    boolean contains(InetAddress other) {
        return Network.around(address, length).contains(other);
    }

    /** The two halves of a default route: more specific than the existing default route, which stays unchanged. */
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
