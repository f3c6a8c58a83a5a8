// SPDX-License-Identifier: Apache-2.0
package io.httun.api.carried;

import io.httun.api.config.ConfigException;
import io.netty.util.NetUtil;
import java.math.BigInteger;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/** Addresses that may come: {@code any}, addresses and networks such as {@code 10.0.0.0/8} or {@code fd00::/8}. Immutable. */
public final class SourceList {
    private static final int BYTE_BITS = 8;

    private record Network(byte[] prefix, int bits) {
        boolean isLoopback() {
            return prefix.length == 4
                    ? prefix[0] == 127 && bits >= BYTE_BITS
                    : bits == prefix.length * BYTE_BITS
                            && prefix[15] == 1
                            && new BigInteger(1, prefix).bitLength() == 1;
        }

        boolean holds(byte[] address) {
            if (address.length != prefix.length) {
                return false;
            }
            for (int bit = 0; bit < bits; bit += BYTE_BITS) {
                int mask = 0xff << Math.max(0, BYTE_BITS - (bits - bit));
                if (((address[bit / BYTE_BITS] ^ prefix[bit / BYTE_BITS]) & mask) != 0) {
                    return false;
                }
            }
            return true;
        }
    }

    private final List<String> words;
    private final List<Network> networks = new ArrayList<>();
    private final boolean any;

    private SourceList(String property, List<String> words) {
        this.words = List.copyOf(words);
        this.any = words.equals(List.of("any"));
        if (words.isEmpty()) {
            throw new ConfigException(property, words, "must hold at least one address or network, or the word any");
        }
        for (String word : any ? List.<String>of() : words) {
            networks.add(network(property, word));
        }
    }

    /** @throws ConfigException naming the property and the word that is wrong */
    public static SourceList parse(String property, List<String> words) {
        return new SourceList(property, words);
    }

    private static Network network(String property, String word) {
        int slash = word.indexOf('/');
        byte[] address = NetUtil.createByteArrayFromIpAddressString(slash < 0 ? word : word.substring(0, slash));
        String bits = slash < 0 ? "" : word.substring(slash + 1);
        if (address != null && (slash < 0 || bits.matches("[0-9]{1,3}"))) {
            int length = slash < 0 ? address.length * BYTE_BITS : Integer.parseInt(bits);
            if (length <= address.length * BYTE_BITS) {
                return new Network(address, length);
            }
        }
        throw new ConfigException(property, word, "must be any, an address, or a network such as 10.0.0.0/8");
    }

    /** Whether it holds loopback addresses only. */
    public boolean isLoopback() {
        return !any && networks.stream().allMatch(Network::isLoopback);
    }

    public boolean holds(InetAddress address) {
        byte[] bytes = address.getAddress();
        return any || networks.stream().anyMatch(network -> network.holds(bytes));
    }

    /** As {@link #holds(InetAddress)}, for an address as text; one that is not known is in no list but {@code any}. */
    public boolean holds(String address) {
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(address);
        return any || bytes != null && networks.stream().anyMatch(network -> network.holds(bytes));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SourceList that && words.equals(that.words);
    }

    @Override
    public int hashCode() {
        return words.hashCode();
    }

    @Override
    public String toString() {
        return String.join(", ", words);
    }
}
