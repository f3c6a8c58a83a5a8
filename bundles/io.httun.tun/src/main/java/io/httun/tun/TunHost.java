// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import io.httun.api.HttunException;
import java.net.InetAddress;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What is configured on this host for one device, apart from its packets: the interface, its addresses, its routes. Not thread-safe. */
final class TunHost implements AutoCloseable {
    private final Netlink netlink = Netlink.open();
    private final Journal journal;
    private final Routing routing;

    TunHost(Journal journal) {
        this.journal = journal;
        this.routing = new Routing(journal);
    }

    Optional<Link> link(String device) {
        return Link.find(netlink, device);
    }

    /** To be called before the device is opened: after that, nobody could tell who made it. */
    void prepare(TunSettings settings) {
        String device = settings.device();
        if (!journal.device().isEmpty() && !journal.device().equals(device)) {
            remove(journal.device());
        }
        Optional<Link> link = link(device);
        refuseTaken(settings, link.map(Link::index).orElse(0));
        journal.device(device, link.isEmpty() || journal.isMade());
    }

    private void refuseTaken(TunSettings settings, int index) {
        for (Link.Assigned other : Link.addresses(netlink)) {
            for (Prefix address : settings.addresses()) {
                if (other.index() != index && other.address().address().equals(address.address())) {
                    throw new HttunException("addresses = " + address
                            + ": another interface of this host has it; remove it there or configure another one");
                }
            }
        }
    }

    /** Makes the interface what is configured. To be called with the device open. */
    void configure(TunSettings settings, TunQueue queue, boolean up) {
        if (journal.isMade()) {
            TunOpener.setOwner(queue, settings.owner());
            TunOpener.setPersistent(queue, true);
        }
        Link link = present(settings.device());
        if (settings.mtu() != 0 && settings.mtu() != link.mtu()) {
            link.setMtu(netlink, settings.mtu());
        }
        if (up != link.up()) {
            link.setUp(netlink, up);
        }
        assign(link, settings.addresses());
    }

    private void assign(Link link, List<Prefix> wanted) {
        Set<String> ours = journal.addresses();
        // First, since with the first address of a network the kernel takes the others away.
        for (String address : Set.copyOf(ours)) {
            Prefix prefix = Prefix.parse("journal", address);
            if (!wanted.contains(prefix)) {
                link.removeAddress(netlink, prefix);
                ours.remove(address);
            }
        }
        Set<Prefix> present = Link.addresses(netlink).stream()
                .filter(assigned -> assigned.index() == link.index())
                .map(Link.Assigned::address)
                .collect(Collectors.toSet());
        List<Prefix> missing =
                wanted.stream().filter(address -> !present.contains(address)).toList();
        missing.forEach(address -> ours.add(address.toString()));
        journal.addresses(ours);
        missing.forEach(address -> link.addAddress(netlink, address));
    }

    void route(TunSettings settings, Collection<InetAddress> outside) {
        routing.apply(netlink, present(settings.device()), settings.routes(), outside);
    }

    void unroute(String device) {
        routing.clear(netlink, link(device));
    }

    Routing routing() {
        return routing;
    }

    /** Takes back everything, the interface included if we made it. */
    void remove(String device) {
        unroute(device);
        Optional<Link> link = link(device);
        if (link.isPresent() && journal.isMade()) {
            link.get().delete(netlink);
        } else if (link.isPresent()) {
            journal.addresses().forEach(address -> link.get().removeAddress(netlink, Prefix.parse("journal", address)));
        }
        journal.delete();
    }

    private Link present(String device) {
        return link(device).orElseThrow(() -> new LinuxException(LibC.ENODEV, device + " is gone"));
    }

    @Override
    public void close() {
        netlink.close();
    }
}
