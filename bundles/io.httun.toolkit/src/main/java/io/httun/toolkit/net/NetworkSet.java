// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.net;

import io.httun.api.config.ConfigException;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * A list of addresses, networks and words for well-known ones, as every configuration writes it. Immutable; what the words
 * {@code this-host} and {@code local-networks} mean follows the interfaces.
 */
public final class NetworkSet {
    /** @param word null for a network */
    private record Element(String text, NetworkWord word, Network network) {
        boolean contains(InetAddress address, LocalNetworks local) {
            return word == null ? network.contains(address) : word.contains(address, local);
        }

        boolean isAny() {
            return word == NetworkWord.ANY;
        }

        boolean isWholeFamily() {
            return word == null && NetworkSet.FAMILIES.stream().anyMatch(network::contains);
        }

        boolean isLoopback() {
            return word == NetworkWord.LOOPBACK
                    || word == null && NetworkSet.LOOPBACK.stream().anyMatch(this::isIn);
        }

        private boolean isIn(Network block) {
            return block.contains(network);
        }
    }

    /** Holds no address. */
    public static final NetworkSet NONE = new NetworkSet(List.of(), LocalNetworks.ofSystem());

    private static final List<Network> FAMILIES = List.of(Network.parse("0.0.0.0/0"), Network.parse("::/0"));
    private static final List<Network> LOOPBACK = List.of(Network.parse("127.0.0.0/8"), Network.parse("::1"));

    private final List<Element> elements;
    private final LocalNetworks local;

    private NetworkSet(List<Element> elements, LocalNetworks local) {
        this.elements = elements;
        this.local = local;
    }

    /**
     * Reads a list, which may be empty.
     *
     * @throws ConfigException naming the property and the element that is wrong
     */
    public static NetworkSet parse(String property, List<String> elements) {
        return parse(property, elements, LocalNetworks.ofSystem());
    }

    /** As above, with the interfaces that {@code this-host} and {@code local-networks} are read from. */
    public static NetworkSet parse(String property, List<String> elements, LocalNetworks local) {
        return new NetworkSet(
                elements.stream().map(element -> element(property, element)).toList(), local);
    }

    /** As {@link #parse(String, List)}, but refuses an empty list. */
    public static NetworkSet required(String property, List<String> elements) {
        if (elements.isEmpty()) {
            throw new ConfigException(property, elements, "must hold at least one address or network, or the word any");
        }
        return parse(property, elements);
    }

    private static Element element(String property, String text) {
        Optional<NetworkWord> word = NetworkWord.of(text);
        if (word.isPresent()) {
            return new Element(text, word.get(), null);
        }
        try {
            return new Element(text, null, Network.parse(text));
        } catch (IllegalArgumentException e) {
            throw new ConfigException(property, text, e.getMessage() + "; words are " + NetworkWord.all());
        }
    }

    /** Whether a text is a word that stands for networks. */
    public static boolean isWord(String text) {
        return NetworkWord.of(text).isPresent();
    }

    /** The first element that has the address, as it was written. */
    public Optional<String> find(InetAddress address) {
        return elements.stream()
                .filter(element -> element.contains(address, local))
                .findFirst()
                .map(Element::text);
    }

    public boolean contains(InetAddress address) {
        return elements.stream().anyMatch(element -> element.contains(address, local));
    }

    /** As {@link #contains(InetAddress)}, for an address as text; one that is not known is in no list but one with {@code any}. */
    public boolean contains(String address) {
        return Network.literal(address).map(this::contains).orElseGet(() -> elements.stream()
                .anyMatch(Element::isAny));
    }

    /** Whether it holds every address, or all of IPv4 or IPv6. */
    public boolean holdsAll() {
        return elements.stream().anyMatch(element -> element.isAny() || element.isWholeFamily());
    }

    /** Whether it holds loopback addresses only. */
    public boolean isLoopback() {
        return elements.stream().allMatch(Element::isLoopback);
    }

    public boolean isEmpty() {
        return elements.isEmpty();
    }

    public int size() {
        return elements.size();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NetworkSet that && elements.equals(that.elements);
    }

    @Override
    public int hashCode() {
        return elements.hashCode();
    }

    /** As configured. */
    @Override
    public String toString() {
        return String.join(", ", elements.stream().map(Element::text).toList());
    }
}
