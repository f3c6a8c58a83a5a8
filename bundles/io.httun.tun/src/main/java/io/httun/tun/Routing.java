// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import io.httun.api.HttunException;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The routes of one device: those through it, and those that keep addresses outside. Nothing that was there is changed, so that putting
 * back is taking away. Ours are known in the kernel by their protocol number; those around the device are in the journal too, since others may
 * have such routes. Not thread-safe.
 */
final class Routing {
    private final Journal journal;
    private List<Route> set = List.of();
    private List<String> problems = List.of();

    Routing(Journal journal) {
        this.journal = journal;
    }

    /** @throws HttunException if a route goes to the very address that must stay outside */
    static void check(List<Prefix> routes, Collection<InetAddress> outside) {
        for (InetAddress address : outside) {
            if (routes.contains(Prefix.host(address))) {
                throw new HttunException(
                        "routes: " + Prefix.host(address)
                                + " would lead the tunnel's own connections into the tunnel, which would cut it off; remove this route");
            }
        }
    }

    /** Makes the kernel's routes what they should be. What cannot be made is among {@link #problems()}. */
    void apply(Netlink netlink, Link link, List<Prefix> routes, Collection<InetAddress> outside) {
        List<Prefix> wanted = routes.stream().flatMap(Prefix::split).toList();
        List<Route> all = Route.all(netlink);
        List<String> failures = new ArrayList<>();
        List<Route> around = outside.stream()
                .flatMap(address -> around(address, wanted, all, link).stream())
                .distinct()
                .toList();
        replaceOutside(netlink, around, failures);
        all.stream()
                .filter(route -> isThrough(route, link) && !wanted.contains(route.destination()))
                .forEach(route -> route.remove(netlink));
        List<Route> through = new ArrayList<>();
        for (Prefix destination : wanted) {
            Route route = new Route(destination, Optional.empty(), link.index(), 0, Route.OURS);
            boolean there = all.stream()
                    .anyMatch(other ->
                            isThrough(other, link) && other.destination().equals(destination));
            int errno = there ? 0 : route.add(netlink);
            if (errno == 0) {
                through.add(route);
            } else {
                failures.add(failure(errno, destination));
            }
        }
        through.addAll(around);
        set = List.copyOf(through);
        problems = List.copyOf(failures);
    }

    private static String failure(int errno, Prefix destination) {
        return errno == LibC.EEXIST
                ? "routes: there is another route to " + destination + "; remove it or this one"
                : LinuxException.of(errno, "cannot make the route to " + destination)
                        .getMessage();
    }

    private static boolean isThrough(Route route, Link link) {
        return route.index() == link.index() && route.protocol() == Route.OURS;
    }

    /** The way that packets to {@code address} take without us, where one of the wanted routes would take its place. */
    private static Optional<Route> around(InetAddress address, List<Prefix> wanted, List<Route> all, Link link) {
        Optional<Integer> covered = wanted.stream()
                .filter(route -> route.contains(address))
                .map(Prefix::length)
                .max(Integer::compare);
        if (covered.isEmpty() || address.isLoopbackAddress()) {
            return Optional.empty();
        }
        List<Route> others = all.stream()
                .filter(route -> route.index() != link.index() && route.protocol() != Route.OURS)
                .toList();
        return Route.to(address, others)
                .filter(route -> route.destination().length() <= covered.get())
                .map(route -> new Route(Prefix.host(address), route.gateway(), route.index(), 0, Route.OURS));
    }

    private void replaceOutside(Netlink netlink, List<Route> around, List<String> failures) {
        Set<String> before = journal.outside();
        Set<String> after = around.stream().map(Routing::text).collect(Collectors.toCollection(TreeSet::new));
        Set<String> both = new TreeSet<>(before);
        both.addAll(after);
        journal.outside(both);
        before.stream().filter(text -> !after.contains(text)).forEach(text -> parse(text)
                .remove(netlink));
        for (Route route : around) {
            int errno = route.add(netlink);
            if (errno != 0 && errno != LibC.EEXIST) {
                failures.add(failure(errno, route.destination()));
            }
        }
        journal.outside(after);
    }

    /** Takes all of them away. */
    void clear(Netlink netlink, Optional<Link> link) {
        link.ifPresent(device -> Route.all(netlink).stream()
                .filter(route -> isThrough(route, device))
                .forEach(route -> route.remove(netlink)));
        replaceOutside(netlink, List.of(), new ArrayList<>());
        set = List.of();
        problems = List.of();
    }

    List<Route> set() {
        return set;
    }

    List<String> problems() {
        return problems;
    }

    private static String text(Route route) {
        return route.destination() + " "
                + route.gateway().map(NetUtil::toAddressString).orElse("-") + " " + route.index();
    }

    private static Route parse(String text) {
        String[] parts = text.split(" ");
        return new Route(
                Prefix.parse("journal", parts[0]),
                parts[1].equals("-")
                        ? Optional.empty()
                        : Optional.of(NetUtil.createInetAddressFromIpAddressString(parts[1])),
                Integer.parseInt(parts[2]),
                0,
                Route.OURS);
    }
}
