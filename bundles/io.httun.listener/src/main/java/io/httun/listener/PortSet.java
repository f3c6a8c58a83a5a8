// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.config.ConfigException;
import java.util.BitSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A set of ports. */
final class PortSet {
    private static final Pattern RANGE = Pattern.compile("([0-9]{1,5})(?:-([0-9]{1,5}))?");
    private static final int MAX_PORT = 0xffff;
    /** Ports of {@code auto} for CONNECT when others can reach the listener: an open proxy must not relay mail. */
    static final List<String> TUNNELLED = List.of("22", "443");
    /**
     * Ports of {@code auto} for plain HTTP: web servers, and the ports that unprivileged users may listen on. Servers
     * on the lower ports could take the lines of a request for commands, as mail servers do. Same as Squid's
     * Safe_ports.
     */
    static final List<String> FORWARDED = List.of("80", "443", "591", "777", "1024-65535");

    static final List<String> ALL = List.of("1-65535");

    private final BitSet ports = new BitSet();

    private PortSet() {}

    /**
     * @param words {@code auto}, {@code any}, or ports and ranges of ports
     * @param auto the ports of {@code auto}
     */
    static PortSet parse(String property, String[] words, List<String> auto) {
        PortSet set = new PortSet();
        for (String word : words) {
            switch (word) {
                case "auto" -> auto.forEach(range -> set.add(property, range));
                case "any" -> ALL.forEach(range -> set.add(property, range));
                default -> set.add(property, word);
            }
        }
        return set;
    }

    private void add(String property, String word) {
        Matcher range = RANGE.matcher(word);
        if (!range.matches()) {
            throw new ConfigException(property, word, "must be auto, any, or ports such as 443 or 8000-8100");
        }
        int first = Integer.parseInt(range.group(1));
        int last = range.group(2) == null ? first : Integer.parseInt(range.group(2));
        if (first < 1 || last > MAX_PORT || first > last) {
            throw new ConfigException(property, word, "ports are 1 to 65535, a range starts with the lower port");
        }
        ports.set(first, last + 1);
    }

    boolean contains(int port) {
        return ports.get(port);
    }
}
