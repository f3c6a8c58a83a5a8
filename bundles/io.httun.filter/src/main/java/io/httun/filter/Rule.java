// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One line of a pattern filter.
 *
 * @param text as configured
 * @param allow whether it allows or denies
 * @param host pattern of the host
 * @param kind what the pattern can stand for
 */
record Rule(String text, boolean allow, Glob host, Kind kind, int lowPort, int highPort) {
    /** {@code 10.*} must not open the name {@code 10.example.org}, nor a name pattern an address. */
    private enum Kind {
        ANYTHING,
        NAME,
        ADDRESS
    }

    private static final Pattern SYNTAX =
            Pattern.compile("(allow|deny)\\s+(\\[[^\\[\\]\\s]+]|[^:\\[\\]\\s]+)(?::(\\S+))?");
    private static final Pattern PORTS = Pattern.compile("([0-9]{1,5})(?:-([0-9]{1,5}))?");
    private static final int MAX_PATTERN = 253;
    private static final int MAX_PORT = 0xffff;

    /** @throws IllegalArgumentException saying what is wrong */
    static Rule parse(String text) {
        Matcher rule = SYNTAX.matcher(text);
        if (!rule.matches()) {
            throw new IllegalArgumentException("must be 'allow HOST[:PORT]' or 'deny HOST[:PORT]', IPv6 in brackets");
        }
        String host = rule.group(2).toLowerCase(Locale.ROOT);
        boolean brackets = host.startsWith("[");
        String pattern = brackets ? host.substring(1, host.length() - 1) : host;
        if (pattern.length() > MAX_PATTERN || !pattern.matches(brackets ? "[0-9a-f:.*?]+" : "[a-z0-9_.*?-]+")) {
            throw new IllegalArgumentException("a host has up to 253 letters, digits, '-', '_', '.', '*' and '?'");
        }
        int[] ports = ports(rule.group(3));
        return new Rule(
                text, rule.group(1).equals("allow"), new Glob(pattern), kind(pattern, brackets), ports[0], ports[1]);
    }

    private static Kind kind(String pattern, boolean brackets) {
        if (!brackets && pattern.matches("\\*+")) {
            return Kind.ANYTHING;
        }
        return brackets || pattern.matches("[0-9.*?]*[0-9][0-9.*?]*") ? Kind.ADDRESS : Kind.NAME;
    }

    private static int[] ports(String text) {
        if (text == null || text.equals("*")) {
            return new int[] {1, MAX_PORT};
        }
        Matcher ports = PORTS.matcher(text);
        if (ports.matches()) {
            int low = Integer.parseInt(ports.group(1));
            int high = ports.group(2) == null ? low : Integer.parseInt(ports.group(2));
            if (low >= 1 && low <= high && high <= MAX_PORT) {
                return new int[] {low, high};
            }
        }
        throw new IllegalArgumentException("a port is 1 to 65535, a range such as 8000-8100, or *");
    }

    boolean deniesAddresses() {
        return !allow && kind == Kind.ADDRESS;
    }

    boolean hasPort(int port) {
        return port >= lowPort && port <= highPort;
    }

    boolean matchesName(String name) {
        return allow
                ? kind != Kind.ADDRESS && host.matches(name)
                // Some peers take 127.1 or 0x7f.1 for an address, so a pattern of addresses denies such names as well.
                : host.matches(name);
    }

    /** @param forms the address and the IPv4 address it may stand for; an allow rule has to match the first one */
    boolean matchesAddress(List<String> forms) {
        if (kind == Kind.NAME) {
            return false;
        }
        return allow ? host.matches(forms.get(0)) : forms.stream().anyMatch(host::matches);
    }
}
