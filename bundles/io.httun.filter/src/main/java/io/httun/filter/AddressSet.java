// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

import io.httun.api.config.ConfigException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Blocks of addresses and words for well-known ones; tells which element has an address. */
record AddressSet(List<Cidr> blocks, List<String> words) {
    private static final String PUBLIC = "public";
    private static final String ANY = "any";
    private static final Map<String, List<Cidr>> WORDS = new LinkedHashMap<>();

    static {
        // 0.0.0.0 and :: reach the local host on Linux.
        word("loopback", "127.0.0.0/8", "0.0.0.0/32", "::1/128", "::/128");
        // With the shared space of RFC 6598 and the local NAT64 prefix of RFC 8215.
        word(
                "private",
                "10.0.0.0/8",
                "172.16.0.0/12",
                "192.168.0.0/16",
                "100.64.0.0/10",
                "fc00::/7",
                "fec0::/10",
                "64:ff9b:1::/48");
        word("link-local", "169.254.0.0/16", "fe80::/10");
        word("multicast", "224.0.0.0/4", "ff00::/8");
        word(
                "reserved",
                "0.0.0.0/8",
                "192.0.0.0/24",
                "192.0.2.0/24",
                "192.88.99.0/24",
                "198.18.0.0/15",
                "198.51.100.0/24",
                "203.0.113.0/24",
                "240.0.0.0/4",
                "100::/64",
                "2001:db8::/32",
                "3fff::/20",
                "5f00::/16");
    }

    private static void word(String name, String... blocks) {
        WORDS.put(name, List.of(blocks).stream().map(Cidr::parse).toList());
    }

    /** @throws ConfigException naming the element that is wrong */
    static AddressSet parse(String property, String... elements) {
        List<Cidr> blocks = new ArrayList<>();
        List<String> words = new ArrayList<>();
        for (String element : elements) {
            if (isWord(element)) {
                words.add(element);
                continue;
            }
            try {
                blocks.add(Cidr.parse(element));
            } catch (IllegalArgumentException e) {
                throw new ConfigException(
                        property,
                        element,
                        e.getMessage() + "; words are any, public, " + String.join(", ", WORDS.keySet()));
            }
        }
        return new AddressSet(List.copyOf(blocks), List.copyOf(words));
    }

    static boolean isWord(String element) {
        return WORDS.containsKey(element) || element.equals(PUBLIC) || element.equals(ANY);
    }

    /** The element that has the address. */
    Optional<String> find(InetAddress address) {
        for (String word : words) {
            if (means(word, address)) {
                return Optional.of(word);
            }
        }
        for (Cidr block : blocks) {
            if (block.contains(address)) {
                return Optional.of(block.text());
            }
        }
        return Optional.empty();
    }

    int size() {
        return blocks.size() + words.size();
    }

    private static boolean means(String word, InetAddress address) {
        return switch (word) {
            case ANY -> true;
            case PUBLIC -> WORDS.values().stream().flatMap(List::stream).noneMatch(block -> block.contains(address));
            default -> WORDS.get(word).stream().anyMatch(block -> block.contains(address));
        };
    }
}
