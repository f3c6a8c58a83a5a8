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
 * The routes of one device: those through it, and those that keep addresses outside. Existing routes are not changed,
 * so that undoing means removing ours. Ours are marked in the kernel by their protocol number; those around the
 * device are in the journal too, since other programs may have equal routes. Not thread-safe.
 */
final class Routing {
    private final Journal journal;
    private List<KernelRoute> set = List.of();
    private List<String> problems = List.of();

    Routing(Journal journal) {
        this.journal = journal;
    }

    /** @throws HttunException if a route leads to an address that must stay outside */
    static void check(List<Prefix> routes, Collection<InetAddress> outside) {
        for (InetAddress address : outside) {
            if (routes.contains(Prefix.host(address))) {
                throw new HttunException("routes: " + Prefix.host(address)
                        + " would route the tunnel's own connections into the tunnel and break it; remove this route");
            }
        }
    }

    /** Brings the kernel's routes to the wanted state; failures are in {@link #problems()}. */
    void apply(Netlink netlink, NetworkLink link, List<Prefix> routes, Collection<InetAddress> outside) {
        List<Prefix> wanted = routes.stream().flatMap(Prefix::split).toList();
        List<KernelRoute> all = KernelRoute.all(netlink);
        List<String> failures = new ArrayList<>();
        List<KernelRoute> around = outside.stream()
                .flatMap(address -> around(address, wanted, all, link).stream())
                .distinct()
                .toList();
        replaceOutside(netlink, around, failures);
        all.stream()
                .filter(route -> isThrough(route, link) && !wanted.contains(route.destination()))
                .forEach(route -> route.remove(netlink));
        List<KernelRoute> through = new ArrayList<>();
        for (Prefix destination : wanted) {
            KernelRoute route = new KernelRoute(destination, Optional.empty(), link.index(), 0, KernelRoute.OURS);
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
                ? "routes: another route to " + destination + " exists; remove it or this one"
                : LinuxException.of(errno, "cannot create the route to " + destination)
                        .getMessage();
    }

    private static boolean isThrough(KernelRoute route, NetworkLink link) {
        return route.index() == link.index() && route.protocol() == KernelRoute.OURS;
    }

    /** The existing route to {@code address}, if a wanted route would override it. */
    private static Optional<KernelRoute> around(
            InetAddress address, List<Prefix> wanted, List<KernelRoute> all, NetworkLink link) {
        Optional<Integer> covered = wanted.stream()
                .filter(route -> route.contains(address))
                .map(Prefix::length)
                .max(Integer::compare);
        if (covered.isEmpty() || address.isLoopbackAddress()) {
            return Optional.empty();
        }
        List<KernelRoute> others = all.stream()
                .filter(route -> route.index() != link.index() && route.protocol() != KernelRoute.OURS)
                .toList();
        return KernelRoute.to(address, others)
                .filter(route -> route.destination().length() <= covered.get())
                .map(route ->
                        new KernelRoute(Prefix.host(address), route.gateway(), route.index(), 0, KernelRoute.OURS));
    }

    private void replaceOutside(Netlink netlink, List<KernelRoute> around, List<String> failures) {
        Set<String> before = journal.outside();
        Set<String> after = around.stream().map(Routing::text).collect(Collectors.toCollection(TreeSet::new));
        Set<String> both = new TreeSet<>(before);
        both.addAll(after);
        journal.outside(both);
        before.stream().filter(text -> !after.contains(text)).forEach(text -> parse(text)
                .remove(netlink));
        for (KernelRoute route : around) {
            int errno = route.add(netlink);
            if (errno != 0 && errno != LibC.EEXIST) {
                failures.add(failure(errno, route.destination()));
            }
        }
        journal.outside(after);
    }

    /** Removes all of our routes. */
    void clear(Netlink netlink, Optional<NetworkLink> link) {
        link.ifPresent(device -> KernelRoute.all(netlink).stream()
                .filter(route -> isThrough(route, device))
                .forEach(route -> route.remove(netlink)));
        replaceOutside(netlink, List.of(), new ArrayList<>());
        set = List.of();
        problems = List.of();
    }

    List<KernelRoute> set() {
        return set;
    }

    List<String> problems() {
        return problems;
    }

    private static String text(KernelRoute route) {
        return route.destination() + " "
                + route.gateway().map(NetUtil::toAddressString).orElse("-") + " " + route.index();
    }

    /** @throws IllegalArgumentException, or another exception, if the text is no route of a journal */
    static KernelRoute parse(String text) {
        String[] parts = text.split(" ");
        if (parts.length != 3) {
            throw new IllegalArgumentException("got " + parts.length + " words for a route, expected 3");
        }
        return new KernelRoute(
                Prefix.parse("journal", parts[0]),
                parts[1].equals("-")
                        ? Optional.empty()
                        : Optional.of(Prefix.parse("journal", parts[1]).address()),
                Integer.parseInt(parts[2]),
                0,
                KernelRoute.OURS);
    }
}
