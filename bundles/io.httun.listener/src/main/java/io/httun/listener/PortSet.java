// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.config.ConfigException;
import java.util.BitSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Some of the 65535 ports. */
final class PortSet {
    private static final Pattern RANGE = Pattern.compile("([0-9]{1,5})(?:-([0-9]{1,5}))?");
    private static final int MAX_PORT = 0xffff;
    private static final int[] SAFE = {22, 443};

    private final BitSet ports = new BitSet();

    private PortSet() {}

    /**
     * @param words {@code auto}, {@code any}, or ports and ranges of ports
     * @param careful what {@code auto} means: 22 and 443 instead of every port, as an open proxy must not send mail for strangers
     */
    static PortSet parse(String property, String[] words, boolean careful) {
        PortSet set = new PortSet();
        for (String word : words) {
            Matcher range = RANGE.matcher(word);
            if (word.equals("any") || word.equals("auto") && !careful) {
                set.ports.set(1, MAX_PORT + 1);
            } else if (word.equals("auto")) {
                for (int port : SAFE) {
                    set.ports.set(port);
                }
            } else if (range.matches()) {
                int first = Integer.parseInt(range.group(1));
                int last = range.group(2) == null ? first : Integer.parseInt(range.group(2));
                if (first < 1 || last > MAX_PORT || first > last) {
                    throw new ConfigException(
                            property, word, "ports are 1 to 65535, a range starts with the lower one");
                }
                set.ports.set(first, last + 1);
            } else {
                throw new ConfigException(property, word, "must be auto, any, or ports such as 443 or 8000-8100");
            }
        }
        return set;
    }

    boolean contains(int port) {
        return ports.get(port);
    }
}
