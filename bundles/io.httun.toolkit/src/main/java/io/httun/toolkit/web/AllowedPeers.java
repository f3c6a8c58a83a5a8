// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.web;

import io.httun.api.config.ConfigException;
import io.httun.toolkit.net.NetworkSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * The peers that may use a servlet: none, or the addresses of a list. Others cannot even learn that there is a servlet.
 *
 * @param addresses of those who may
 */
public record AllowedPeers(NetworkSet addresses) {
    private static final String OFF = "off";

    /** Words and prefixes that allow every address. */
    private static final Set<String> EVERYBODY = Set.of("any", "public", "0.0.0.0/0", "::/0");

    /** Behind a proxy the address is the proxy's: loopback would be everybody whom a web server on this host serves. */
    private static final List<String> FORWARDED =
            List.of("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP");

    /**
     * @param property for the message of an error
     * @param words addresses, networks and the words of {@link NetworkSet}, or the single word {@code off}
     * @throws ConfigException naming the property
     */
    public static AllowedPeers of(String property, String... words) {
        List<String> list = List.of(words);
        if (list.equals(List.of(OFF))) {
            return new AllowedPeers(NetworkSet.NONE);
        }
        list.stream().filter(EVERYBODY::contains).findFirst().ifPresent(word -> {
            throw new ConfigException(property, word, "must not be open to everyone; list addresses or networks");
        });
        return new AllowedPeers(NetworkSet.required(property, list));
    }

    public boolean isOff() {
        return addresses.isEmpty();
    }

    /**
     * Whether a request may be answered.
     *
     * @param address of the peer
     * @param header the value of a header of the request; null if there is none
     */
    public boolean allows(String address, UnaryOperator<String> header) {
        return addresses.contains(String.valueOf(address))
                && FORWARDED.stream().noneMatch(name -> header.apply(name) != null);
    }
}
