// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

import io.httun.toolkit.target.TargetPattern;
import io.httun.toolkit.target.TargetPattern.Kind;
import java.util.List;

/**
 * One line of a pattern filter.
 *
 * @param text as configured
 * @param allow whether it allows or denies
 */
record PatternRule(String text, boolean allow, TargetPattern pattern) {
    /** @throws IllegalArgumentException if the text is invalid */
    static PatternRule parse(String text) {
        String[] words = text.split("\\s+");
        if (words.length != 2 || !words[0].equals("allow") && !words[0].equals("deny")) {
            throw new IllegalArgumentException("must be 'allow HOST[:PORT]' or 'deny HOST[:PORT]', IPv6 in brackets");
        }
        return new PatternRule(text, words[0].equals("allow"), TargetPattern.parse(words[1]));
    }

    boolean deniesAddresses() {
        return !allow && pattern.kind() == Kind.ADDRESS;
    }

    boolean hasPort(int port) {
        return pattern.matchesPort(port);
    }

    boolean matchesName(String name) {
        return allow
                ? pattern.kind() != Kind.ADDRESS && pattern.matchesText(name)
                // Some resolvers accept 127.1 or 0x7f.1 as an address; an address pattern denies such names too.
                : pattern.matchesText(name);
    }

    /** @param forms the address and its embedded IPv4 address; an allow rule must match the first */
    boolean matchesAddress(List<String> forms) {
        if (pattern.kind() == Kind.NAME) {
            return false;
        }
        return allow ? pattern.matchesText(forms.get(0)) : forms.stream().anyMatch(pattern::matchesText);
    }
}
