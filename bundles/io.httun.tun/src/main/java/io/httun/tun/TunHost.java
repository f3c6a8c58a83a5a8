// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import io.httun.api.HttunException;
import java.net.InetAddress;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The host's objects of one device: the interface, its addresses, its routes. Not thread-safe. */
final class TunHost implements AutoCloseable {
    private final Netlink netlink = Netlink.open();
    private final Journal journal;
    private final Routing routing;

    TunHost(Journal journal) {
        this.journal = journal;
        this.routing = new Routing(journal);
    }

    Optional<NetworkLink> link(String device) {
        return NetworkLink.find(netlink, device);
    }

    /** Must be called before the device is opened: afterwards its creator is unknown. */
    void prepare(TunDeviceSettings settings) {
        String device = settings.device();
        if (!journal.device().isEmpty() && !journal.device().equals(device)) {
            remove(journal.device());
        }
        Optional<NetworkLink> link = link(device);
        refuseTaken(settings, link.map(NetworkLink::index).orElse(0));
        journal.device(device, link.isEmpty() || journal.isMade());
    }

    private void refuseTaken(TunDeviceSettings settings, int index) {
        for (NetworkLink.Assigned other : NetworkLink.addresses(netlink)) {
            for (Prefix address : settings.addresses()) {
                if (other.index() != index && other.address().address().equals(address.address())) {
                    throw new HttunException(
                            "addresses = " + address
                                    + ": it belongs to another interface of this host; remove it there or configure another one");
                }
            }
        }
    }

    /** Applies the configuration to the interface. Must be called with the device open. */
    void configure(TunDeviceSettings settings, TunQueue queue, boolean up) {
        if (journal.isMade()) {
            TunOpener.setOwner(queue, settings.owner());
            TunOpener.setPersistent(queue, true);
        }
        NetworkLink link = present(settings.device());
        if (settings.mtu() != 0 && settings.mtu() != link.mtu()) {
            link.setMtu(netlink, settings.mtu());
        }
        if (up != link.up()) {
            link.setUp(netlink, up);
        }
        assign(link, settings.addresses());
    }

    private void assign(NetworkLink link, List<Prefix> wanted) {
        Set<String> ours = journal.addresses();
        // Removal first: the kernel removes all addresses of a network together with its first one.
        for (String address : Set.copyOf(ours)) {
            Prefix prefix = Prefix.parse("journal", address);
            if (!wanted.contains(prefix)) {
                link.removeAddress(netlink, prefix);
                ours.remove(address);
            }
        }
        Set<Prefix> present = NetworkLink.addresses(netlink).stream()
                .filter(assigned -> assigned.index() == link.index())
                .map(NetworkLink.Assigned::address)
                .collect(Collectors.toSet());
        List<Prefix> missing =
                wanted.stream().filter(address -> !present.contains(address)).toList();
        missing.forEach(address -> ours.add(address.toString()));
        journal.addresses(ours);
        missing.forEach(address -> link.addAddress(netlink, address));
    }

    void route(TunDeviceSettings settings, Collection<InetAddress> outside) {
        routing.apply(netlink, present(settings.device()), settings.routes(), outside);
    }

    void unroute(String device) {
        routing.clear(netlink, link(device));
    }

    Routing routing() {
        return routing;
    }

    /** Undoes everything, and removes the interface if we created it. */
    void remove(String device) {
        unroute(device);
        Optional<NetworkLink> link = link(device);
        if (link.isPresent() && journal.isMade()) {
            link.get().delete(netlink);
        } else if (link.isPresent()) {
            journal.addresses().forEach(address -> link.get().removeAddress(netlink, Prefix.parse("journal", address)));
        }
        journal.delete();
    }

    private NetworkLink present(String device) {
        return link(device).orElseThrow(() -> new LinuxException(LibC.ENODEV, device + " does not exist any more"));
    }

    @Override
    public void close() {
        netlink.close();
    }
}
