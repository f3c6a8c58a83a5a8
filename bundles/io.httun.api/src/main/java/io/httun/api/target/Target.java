// SPDX-License-Identifier: Apache-2.0
package io.httun.api.target;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;

/**
 * Where a connection is to go.
 *
 * @param host name or address literal as the negotiation gave it, lower case, without brackets and final dot
 * @param port 1 to 65535
 * @param addresses what the name stands for, best first; empty while it has not been resolved
 */
public record Target(String host, int port, List<InetAddress> addresses) {
    private static final int MAX_NAME = 253;
    private static final int MAX_ASCII = 0x80;

    public Target {
        if (port < 1 || port > 0xffff) {
            throw new IllegalArgumentException("port = " + port + ": must be 1 to 65535");
        }
        if (host.isEmpty() || host.length() > MAX_NAME || !host.chars().allMatch(Target::isNameCharacter)) {
            throw new IllegalArgumentException("a host name has 1 to 253 letters, digits, '-', '_', '.' or ':'");
        }
        if (host.startsWith(".") || host.endsWith(".") || host.contains("..")) {
            throw new IllegalArgumentException("a host name has no empty part between its dots");
        }
        addresses = List.copyOf(addresses);
    }

    /**
     * A target from a name or an address literal (IPv6 with or without brackets). A literal is resolved at once.
     *
     * @throws IllegalArgumentException saying which part is wrong
     */
    public static Target of(String host, int port) {
        String bare = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
        String plain = bare.endsWith(".") ? bare.substring(0, bare.length() - 1) : bare;
        if (NetUtil.isValidIpV4Address(plain) || NetUtil.isValidIpV6Address(plain)) {
            return of(literal(plain), port);
        }
        if (plain.indexOf(':') >= 0) {
            throw new IllegalArgumentException("'" + printable(host) + "' is neither a host name nor an IP address");
        }
        // Before lower case is made of it, which turns some letters beyond ASCII into ASCII ones.
        if (!plain.chars().allMatch(c -> c < MAX_ASCII)) {
            throw new IllegalArgumentException(
                    "'" + printable(host) + "' has letters beyond ASCII; write such a name in its xn-- form");
        }
        return new Target(plain.toLowerCase(Locale.ROOT), port, List.of());
    }

    /** A target that is an address. */
    public static Target of(InetAddress address, int port) {
        return new Target(NetUtil.toAddressString(address), port, List.of(address));
    }

    /**
     * Parses {@code HOST:PORT}, IPv6 literals in brackets.
     *
     * @throws IllegalArgumentException saying which part is wrong
     */
    public static Target parse(String hostAndPort) {
        int colon = hostAndPort.lastIndexOf(':');
        String port = hostAndPort.substring(colon + 1);
        if (colon < 1 || port.isEmpty() || port.length() > 5 || !port.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new IllegalArgumentException("'" + printable(hostAndPort) + "' is not HOST:PORT");
        }
        String host = hostAndPort.substring(0, colon);
        if (host.indexOf(':') >= 0 && !(host.startsWith("[") && host.endsWith("]"))) {
            throw new IllegalArgumentException("'" + printable(hostAndPort) + "': an IPv6 address needs brackets");
        }
        return of(host, Integer.parseInt(port));
    }

    /** Whether the host is an address literal and not a name. */
    public boolean isLiteral() {
        return NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host);
    }

    /** The same target with its addresses replaced. */
    public Target withAddresses(List<InetAddress> resolved) {
        return new Target(host, port, resolved);
    }

    /** {@code host:port}, IPv6 literals in brackets. */
    @Override
    public String toString() {
        return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ':' + port;
    }

    private static boolean isNameCharacter(int c) {
        return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.' || c == ':' || c == '%';
    }

    private static InetAddress literal(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("'" + printable(text) + "' is not an IP address", e);
        }
    }

    private static String printable(String text) {
        String cut = text.length() > 80 ? text.substring(0, 80) + "..." : text;
        return cut.replaceAll("[^\\x20-\\x7e]", "?");
    }
}
