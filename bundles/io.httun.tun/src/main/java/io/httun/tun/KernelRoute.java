// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A route of the kernel's main table.
 *
 * @param gateway of either family, for an IPv4 destination also an IPv6 one; empty for an on-link destination
 * @param index of the outgoing interface
 * @param metric the smaller of two for one destination wins
 * @param protocol origin of the route; {@link #OURS} for ours
 */
record KernelRoute(Prefix destination, Optional<InetAddress> gateway, int index, int metric, int protocol) {
    /** Our routing protocol number, shown by {@code ip route} as {@code proto 104}. */
    static final int OURS = 104;

    private static final int FIXED = 12;
    private static final int MAIN = 254;
    private static final int UNICAST = 1;
    private static final int SCOPE_LINK = 253;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int V4_BYTES = 4;
    private static final int V6_BYTES = 16;
    private static final int ATTRIBUTE_DESTINATION = 1;
    private static final int ATTRIBUTE_INTERFACE = 4;
    private static final int ATTRIBUTE_GATEWAY = 5;
    private static final int ATTRIBUTE_METRIC = 6;
    private static final int ATTRIBUTE_MULTIPATH = 9;
    /** A next hop of the other family: {@code struct rtvia}, a family of 16 bits before the address. */
    private static final int ATTRIBUTE_VIA = 18;

    private static final int CLONED = 0x200;
    private static final int NEXT_HOP = 8;

    /** @return 0 or the errno */
    int add(Netlink netlink) {
        return send(netlink, Netlink.NEW_ROUTE, Netlink.CREATE | Netlink.EXCLUSIVE);
    }

    /** @return 0 or the errno */
    int remove(Netlink netlink) {
        return send(netlink, Netlink.DELETE_ROUTE, 0);
    }

    private int send(Netlink netlink, int type, int flags) {
        netlink.request(type, flags)
                .put((byte) (destination.isV4() ? AF_INET : AF_INET6))
                .put((byte) destination.length())
                .put((byte) 0)
                .put((byte) 0)
                .put((byte) MAIN)
                .put((byte) protocol)
                .put((byte) (gateway.isEmpty() && destination.isV4() ? SCOPE_LINK : 0))
                .put((byte) UNICAST)
                .putInt(0);
        netlink.attribute(ATTRIBUTE_DESTINATION, destination.address().getAddress())
                .attribute(ATTRIBUTE_INTERFACE, index);
        gateway.ifPresent(hop -> nextHop(netlink, hop));
        if (metric != 0) {
            netlink.attribute(ATTRIBUTE_METRIC, metric);
        }
        return netlink.send();
    }

    private void nextHop(Netlink netlink, InetAddress hop) {
        byte[] raw = hop.getAddress();
        if (raw.length == destination.address().getAddress().length) {
            netlink.attribute(ATTRIBUTE_GATEWAY, raw);
        } else {
            byte[] via = ByteBuffer.allocate(Short.BYTES + raw.length)
                    .order(ByteOrder.nativeOrder())
                    .putShort((short) (raw.length == V4_BYTES ? AF_INET : AF_INET6))
                    .put(raw)
                    .array();
            netlink.attribute(ATTRIBUTE_VIA, via);
        }
    }

    /** The address in {@code struct rtvia}; null for a family other than IP. */
    private static byte[] via(byte[] value) {
        int length = value.length - Short.BYTES;
        return length == V4_BYTES || length == V6_BYTES ? Arrays.copyOfRange(value, Short.BYTES, value.length) : null;
    }

    /** The main table's unicast routes of both families. */
    static List<KernelRoute> all(Netlink netlink) {
        List<KernelRoute> routes = new ArrayList<>();
        for (int family : new int[] {AF_INET, AF_INET6}) {
            netlink.dump(Netlink.GET_ROUTE, family, message -> {
                if ((message.get(4) & 0xff) == MAIN && message.get(7) == UNICAST && (message.getInt(8) & CLONED) == 0) {
                    routes.add(read(message, family == AF_INET ? V4_BYTES : V6_BYTES));
                }
            });
        }
        return routes;
    }

    private static KernelRoute read(ByteBuffer message, int addressLength) {
        byte[][] addresses = {new byte[addressLength], null};
        int[] numbers = new int[2];
        Netlink.attributes(message, FIXED, (type, value) -> {
            switch (type) {
                case ATTRIBUTE_DESTINATION -> addresses[0] = value;
                case ATTRIBUTE_GATEWAY -> addresses[1] = value;
                case ATTRIBUTE_VIA -> addresses[1] = via(value);
                case ATTRIBUTE_INTERFACE -> numbers[0] = Netlink.number(value);
                case ATTRIBUTE_METRIC -> numbers[1] = Netlink.number(value);
                case ATTRIBUTE_MULTIPATH -> firstHop(value, addresses, numbers);
                default -> {
                    // Other attributes are not needed.
                }
            }
        });
        return new KernelRoute(
                Prefix.of(addresses[0], message.get(1) & 0xff),
                Optional.ofNullable(addresses[1]).map(raw -> Prefix.of(raw, 0).address()),
                numbers[0],
                numbers[1],
                message.get(5) & 0xff);
    }

    private static void firstHop(byte[] value, byte[][] addresses, int[] numbers) {
        ByteBuffer hop = ByteBuffer.wrap(value).order(ByteOrder.nativeOrder());
        numbers[0] = hop.getInt(4);
        hop.limit(Math.min(hop.limit(), hop.getShort(0) & 0xffff));
        Netlink.attributes(hop, NEXT_HOP, (type, gateway) -> {
            if (type == ATTRIBUTE_GATEWAY) {
                addresses[1] = gateway;
            } else if (type == ATTRIBUTE_VIA) {
                addresses[1] = via(gateway);
            }
        });
    }

    /** The route of {@code routes} that packets to {@code address} take. */
    static Optional<KernelRoute> to(InetAddress address, List<KernelRoute> routes) {
        return routes.stream()
                .filter(route -> route.destination.contains(address))
                .min(Comparator.comparing((KernelRoute route) -> -route.destination.length())
                        .thenComparing(route -> Integer.toUnsignedLong(route.metric)));
    }
}
