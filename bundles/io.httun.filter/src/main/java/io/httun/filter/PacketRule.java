// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

import io.httun.api.target.Decision;
import io.httun.toolkit.net.Network;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One line of a packet filter.
 *
 * @param decision the decision of this rule
 * @param protocol number, or one of the negative constants below
 * @param from null for any
 * @param to null for any
 */
record PacketRule(Decision decision, int protocol, Network from, Ports fromPorts, Network to, Ports toPorts) {
    private static final int ANY = -1;
    private static final int ICMP_OF_BOTH = -2;
    private static final int ICMP = 1;
    private static final int ICMPV6 = 58;
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int MAX_PORT = 0xffff;
    private static final Ports ALL = new Ports(0, MAX_PORT);
    private static final Pattern SYNTAX = Pattern.compile("(allow|deny)\\s+(any|tcp|udp|icmp|[0-9]{1,3})"
            + "\\s+from\\s+(\\S+)(?:\\s+port\\s+(\\S+))?\\s+to\\s+(\\S+)(?:\\s+port\\s+(\\S+))?");
    private static final Pattern PORTS = Pattern.compile("([0-9]{1,5})(?:-([0-9]{1,5}))?");

    /** A range of ports, both ends included. */
    record Ports(int low, int high) {
        boolean contain(int port) {
            return port >= low && port <= high;
        }
    }

    /** @throws IllegalArgumentException if the text is invalid */
    static PacketRule parse(String filter, String text) {
        Matcher rule = SYNTAX.matcher(text);
        if (!rule.matches()) {
            throw new IllegalArgumentException(
                    "must be 'allow|deny any|tcp|udp|icmp|NUMBER from ADDRESSES [port PORTS] to"
                            + " ADDRESSES [port PORTS]'");
        }
        int protocol = protocol(rule.group(2));
        Ports fromPorts = ports(rule.group(4));
        Ports toPorts = ports(rule.group(6));
        if ((fromPorts != ALL || toPorts != ALL) && protocol != TCP && protocol != UDP) {
            throw new IllegalArgumentException("only tcp and udp have ports");
        }
        Decision decision = rule.group(1).equals("allow")
                ? Decision.ALLOW
                : Decision.deny("filter " + filter + ": rule '" + text + "'");
        return new PacketRule(decision, protocol, block(rule.group(3)), fromPorts, block(rule.group(5)), toPorts);
    }

    private static int protocol(String text) {
        return switch (text) {
            case "any" -> ANY;
            case "icmp" -> ICMP_OF_BOTH;
            case "tcp" -> TCP;
            case "udp" -> UDP;
            default -> {
                int number = Integer.parseInt(text);
                if (number > 255) {
                    throw new IllegalArgumentException("got protocol " + text + ", expected 0 to 255");
                }
                yield number;
            }
        };
    }

    private static Network block(String text) {
        return text.equals("any") ? null : Network.parse(text);
    }

    private static Ports ports(String text) {
        if (text == null) {
            return ALL;
        }
        Matcher ports = PORTS.matcher(text);
        if (ports.matches()) {
            int low = Integer.parseInt(ports.group(1));
            int high = ports.group(2) == null ? low : Integer.parseInt(ports.group(2));
            if (low <= high && high <= MAX_PORT) {
                return new Ports(low, high);
            }
        }
        throw new IllegalArgumentException("got port " + text + ", expected 0 to 65535 or a range such as 8000-8100");
    }

    boolean matches(byte[] packet, int offset, int length, long transport) {
        int addresses = PacketView.isV4(packet, offset) ? 4 : 16;
        int source = offset + (addresses == 4 ? 12 : 8);
        return hasProtocol(PacketView.protocol(transport))
                && (from == null || from.contains(packet, source, addresses))
                && (to == null || to.contains(packet, source + addresses, addresses))
                && hasPort(fromPorts, PacketView.port(packet, offset, length, transport, 0))
                && hasPort(toPorts, PacketView.port(packet, offset, length, transport, 2));
    }

    private boolean hasProtocol(int number) {
        return protocol == ANY
                || protocol == number
                || protocol == ICMP_OF_BOTH && (number == ICMP || number == ICMPV6);
    }

    /** A packet without ports matches a deny rule with ports, and does not match an allow rule with ports. */
    private boolean hasPort(Ports ports, int port) {
        return ports == ALL || (port < 0 ? decision instanceof Decision.Deny : ports.contain(port));
    }
}
