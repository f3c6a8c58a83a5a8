// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.tun.PacketAdmission;
import io.httun.api.tun.TunDevice;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;

/** Links the TUN device of a client's configuration to the server; begins a new link when either changes. Thread-safe. */
final class TunLinks {
    /** The same for every link, so that the server sees one client. */
    private final long drawn = ThreadLocalRandom.current().nextLong();

    private final Supplier<PacketAdmission> admission;
    private final List<TunLink> retired = new CopyOnWriteArrayList<>();
    private volatile TunLink current;
    private ClientContext context;
    private Optional<TunSettings> settings = Optional.empty();
    private TunDevice device;

    /** @param admission gives null while there is none */
    TunLinks(Supplier<PacketAdmission> admission) {
        this.admission = admission;
    }

    /** Empty without a device or in another mode than tun. */
    Optional<TunLink> current() {
        return Optional.ofNullable(current);
    }

    synchronized void configure(ClientContext with, Optional<TunSettings> next) {
        context = with;
        settings = next;
        restart();
    }

    synchronized void attach(TunDevice next) {
        device = next;
        restart();
    }

    synchronized void detach(TunDevice gone) {
        if (device == gone) {
            stop();
        }
    }

    synchronized void stop() {
        device = null;
        restart();
    }

    private void restart() {
        TunLink old = current;
        current = null;
        if (old != null) {
            old.close();
            retired.removeIf(TunLink::isIdle);
            retired.add(old);
        }
        if (settings.isPresent() && device != null) {
            current = link(context, settings.get());
            current.start(device);
        }
    }

    private TunLink link(ClientContext with, TunSettings tun) {
        int capabilities = with.settings().wayOut().packetCapabilities();
        return new TunLink(
                with,
                agreement -> tun.identity(agreement, capabilities, drawn),
                new PacketJudge(tun.filters(), admission));
    }

    /** Whether every former link has ended. */
    boolean isIdle() {
        return retired.stream().allMatch(TunLink::isIdle);
    }
}
