// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.net;

import io.httun.api.config.ConfigException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Finds the IPv4 addresses that routers or translators take an IPv6 address for: NAT64 (RFC 6052, RFC 8215), 6to4 (RFC 3056), Teredo (RFC
 * 4380), ISATAP (RFC 5214) and IPv4-compatible (RFC 4291). Java itself makes IPv4 addresses of IPv4-mapped ones.
 *
 * @param nat64 prefixes of translators
 */
public record EmbeddedIpv4(List<Nat64> nat64) {
    /** A translator's prefix, and how many bits before the IPv4 address. */
    record Nat64(Network network, int bits) {}

    private static final int V4 = 4;
    private static final Set<Integer> LENGTHS = Set.of(32, 40, 48, 56, 64, 96);
    /** Bits 64 to 71 of a NAT64 address are zero (RFC 6052 section 2.2): the IPv4 address leaves this byte out. */
    private static final int ZERO_BYTE = 8;

    private static final Network COMPATIBLE = Network.parse("::/96");
    private static final Network SIX_TO_FOUR = Network.parse("2002::/16");
    private static final Network TEREDO = Network.parse("2001::/32");
    private static final Network LOCAL_NAT64 = Network.parse("64:ff9b:1::/48");
    private static final List<Nat64> WELL_KNOWN = List.of(
            new Nat64(Network.parse("64:ff9b::/96"), 96),
            // Which length a network uses within this one is not known: the two that are in use.
            new Nat64(LOCAL_NAT64, 48),
            new Nat64(LOCAL_NAT64, 96));

    /** With the well-known prefixes only. */
    public static final EmbeddedIpv4 STANDARD = new EmbeddedIpv4(WELL_KNOWN);

    /**
     * With further NAT64 prefixes, of which the network's own translators make IPv4 addresses.
     *
     * @throws ConfigException naming the property and the prefix that is wrong
     */
    public static EmbeddedIpv4 withNat64(String property, List<String> prefixes) {
        LinkedHashSet<Nat64> all = new LinkedHashSet<>(WELL_KNOWN);
        for (String text : prefixes) {
            Network prefix;
            try {
                prefix = Network.parse(text);
            } catch (IllegalArgumentException e) {
                throw new ConfigException(property, text, e.getMessage());
            }
            if (prefix.isV4() || !LENGTHS.contains(prefix.bits())) {
                throw new ConfigException(
                        property, text, "must be an IPv6 prefix of 32, 40, 48, 56, 64 or 96 bits, as RFC 6052 defines");
            }
            all.add(new Nat64(prefix, prefix.bits()));
        }
        return new EmbeddedIpv4(List.copyOf(all));
    }

    /** The address itself first, then every IPv4 address that it may lead to. A filter must allow each of them. */
    public List<InetAddress> forms(InetAddress address) {
        byte[] bytes = address.getAddress();
        InetAddress plain = of(bytes);
        if (!(plain instanceof Inet6Address)) {
            return List.of(plain);
        }
        Set<InetAddress> forms = new LinkedHashSet<>();
        forms.add(plain);
        if (COMPATIBLE.contains(plain) && !plain.isAnyLocalAddress() && !plain.isLoopbackAddress()) {
            forms.add(at(bytes, 12));
        }
        if (SIX_TO_FOUR.contains(plain)) {
            forms.add(at(bytes, 2));
        }
        if (TEREDO.contains(plain)) {
            // Its server, and the client's address with every bit inverted (RFC 4380 section 4).
            forms.add(at(bytes, 4));
            forms.add(of(new byte[] {(byte) ~bytes[12], (byte) ~bytes[13], (byte) ~bytes[14], (byte) ~bytes[15]}));
        }
        if (isIsatap(bytes)) {
            forms.add(at(bytes, 12));
        }
        addTranslated(bytes, plain, forms);
        return List.copyOf(forms);
    }

    private void addTranslated(byte[] bytes, InetAddress address, Set<InetAddress> forms) {
        List<InetAddress> translated = nat64.stream()
                .filter(prefix -> prefix.network().contains(address))
                .map(prefix -> translated(bytes, prefix.bits()))
                .distinct()
                .toList();
        // Where several lengths are possible, those at which there is nothing tell nothing.
        translated.stream()
                .filter(form -> translated.size() == 1 || !form.isAnyLocalAddress())
                .forEach(forms::add);
    }

    /** RFC 6052 section 2.2. */
    private static InetAddress translated(byte[] bytes, int bits) {
        byte[] v4 = new byte[V4];
        int from = bits / Byte.SIZE;
        for (int i = 0; i < V4; i++) {
            from += from == ZERO_BYTE ? 1 : 0;
            v4[i] = bytes[from++];
        }
        return of(v4);
    }

    /** RFC 5214 section 6.1: the interface identifier is 0000:5efe or 0200:5efe with the IPv4 address. */
    private static boolean isIsatap(byte[] bytes) {
        return (bytes[8] & ~2) == 0 && bytes[9] == 0 && bytes[10] == 0x5e && bytes[11] == (byte) 0xfe;
    }

    private static InetAddress at(byte[] address, int offset) {
        return of(Arrays.copyOfRange(address, offset, offset + V4));
    }

    private static InetAddress of(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("got an address of " + bytes.length + " bytes, expected 4 or 16", e);
        }
    }
}
