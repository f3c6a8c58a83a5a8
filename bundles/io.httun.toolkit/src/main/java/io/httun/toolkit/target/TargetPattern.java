// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.target;

import io.httun.api.target.Target;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code HOST[:PORT]} as people write it: HOST with {@code *} for any characters and {@code ?} for one, IPv6 in brackets; PORT a number, a
 * range such as {@code 8000-8100}, or {@code *}. Immutable; matching takes at most length of text times length of pattern steps.
 */
public final class TargetPattern {
    /** The kinds of host that a pattern can match: {@code 10.*} must not match the name {@code 10.example.org}. */
    public enum Kind {
        ANYTHING,
        NAME,
        ADDRESS
    }

    private static final Pattern SYNTAX = Pattern.compile("(\\[[^\\[\\]\\s]+]|[^:\\[\\]\\s]+)(?::(\\S+))?");
    private static final Pattern PORTS = Pattern.compile("([0-9]{1,5})(?:-([0-9]{1,5}))?");
    private static final int MAX_PATTERN = 253;
    private static final int MAX_PORT = 0xffff;

    private final Glob host;
    private final Kind kind;
    private final int lowPort;
    private final int highPort;

    private TargetPattern(Glob host, Kind kind, int lowPort, int highPort) {
        this.host = host;
        this.kind = kind;
        this.lowPort = lowPort;
        this.highPort = highPort;
    }

    /** @throws IllegalArgumentException saying what is wrong */
    public static TargetPattern parse(String text) {
        Matcher syntax = SYNTAX.matcher(text);
        if (!syntax.matches()) {
            throw new IllegalArgumentException("must be HOST[:PORT], IPv6 in brackets");
        }
        String host = syntax.group(1).toLowerCase(Locale.ROOT);
        boolean brackets = host.startsWith("[");
        String pattern = brackets ? host.substring(1, host.length() - 1) : host;
        if (pattern.length() > MAX_PATTERN || !pattern.matches(brackets ? "[0-9a-f:.*?]+" : "[a-z0-9_.*?-]+")) {
            throw new IllegalArgumentException(
                    "the host must be up to 253 letters, digits, '-', '_', '.', '*' and '?'");
        }
        int[] ports = ports(syntax.group(2));
        return new TargetPattern(new Glob(pattern), kind(pattern, brackets), ports[0], ports[1]);
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
        throw new IllegalArgumentException("the port must be 1 to 65535, a range such as 8000-8100, or *");
    }

    public Kind kind() {
        return kind;
    }

    public boolean matchesPort(int port) {
        return port >= lowPort && port <= highPort;
    }

    /** Whether a host's text matches, regardless of the pattern's kind. */
    public boolean matchesText(String text) {
        return host.matches(text);
    }

    /** Whether a target as negotiated, name or address, is meant. */
    public boolean matches(Target target) {
        Kind other = target.isLiteral() ? Kind.NAME : Kind.ADDRESS;
        return matchesPort(target.port()) && kind != other && host.matches(target.host());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TargetPattern pattern
                && host.equals(pattern.host)
                && kind == pattern.kind
                && lowPort == pattern.lowPort
                && highPort == pattern.highPort;
    }

    @Override
    public int hashCode() {
        return host.hashCode() * 31 + lowPort;
    }

    @Override
    public String toString() {
        return host.pattern() + ':' + lowPort + '-' + highPort;
    }
}
