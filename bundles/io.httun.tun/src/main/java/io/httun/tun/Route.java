// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A route of the kernel's main table.
 *
 * @param gateway raw address; empty where the destination is on the link
 * @param index of the interface it leaves through
 * @param metric the smaller one of two for the same destination wins
 * @param protocol who made it; {@link #OURS} if we did
 */
record Route(Prefix destination, Optional<InetAddress> gateway, int index, int metric, int protocol) {
    /** Our number among those who make routes, shown by {@code ip route} as {@code proto 104}. */
    static final int OURS = 104;

    private static final int FIXED = 12;
    private static final int MAIN = 254;
    private static final int UNICAST = 1;
    private static final int SCOPE_LINK = 253;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int ATTRIBUTE_DESTINATION = 1;
    private static final int ATTRIBUTE_INTERFACE = 4;
    private static final int ATTRIBUTE_GATEWAY = 5;
    private static final int ATTRIBUTE_METRIC = 6;
    private static final int ATTRIBUTE_MULTIPATH = 9;
    private static final int CLONED = 0x200;
    private static final int NEXT_HOP = 8;

    /** @return 0 or the error's number */
    int add(Netlink netlink) {
        return send(netlink, Netlink.NEW_ROUTE, Netlink.CREATE | Netlink.EXCLUSIVE);
    }

    /** @return 0 or the error's number */
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
        gateway.ifPresent(hop -> netlink.attribute(ATTRIBUTE_GATEWAY, hop.getAddress()));
        if (metric != 0) {
            netlink.attribute(ATTRIBUTE_METRIC, metric);
        }
        return netlink.send();
    }

    /** The main table's unicast routes of both families. */
    static List<Route> all(Netlink netlink) {
        List<Route> routes = new ArrayList<>();
        for (int family : new int[] {AF_INET, AF_INET6}) {
            netlink.dump(Netlink.GET_ROUTE, family, message -> {
                if ((message.get(4) & 0xff) == MAIN && message.get(7) == UNICAST && (message.getInt(8) & CLONED) == 0) {
                    routes.add(read(message, family == AF_INET ? 4 : 16));
                }
            });
        }
        return routes;
    }

    private static Route read(ByteBuffer message, int addressLength) {
        byte[][] addresses = {new byte[addressLength], null};
        int[] numbers = new int[2];
        Netlink.attributes(message, FIXED, (type, value) -> {
            switch (type) {
                case ATTRIBUTE_DESTINATION -> addresses[0] = value;
                case ATTRIBUTE_GATEWAY -> addresses[1] = value;
                case ATTRIBUTE_INTERFACE -> numbers[0] = Netlink.number(value);
                case ATTRIBUTE_METRIC -> numbers[1] = Netlink.number(value);
                case ATTRIBUTE_MULTIPATH -> firstHop(value, addresses, numbers);
                default -> {
                    // Nothing that matters here.
                }
            }
        });
        return new Route(
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
            }
        });
    }

    /** The one of {@code routes} that packets to {@code address} take. */
    static Optional<Route> to(InetAddress address, List<Route> routes) {
        return routes.stream()
                .filter(route -> route.destination.contains(address))
                .min(Comparator.comparing((Route route) -> -route.destination.length())
                        .thenComparing(route -> Integer.toUnsignedLong(route.metric)));
    }
}
