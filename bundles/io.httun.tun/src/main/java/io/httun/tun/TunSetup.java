// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import io.httun.api.HttunException;
import io.httun.api.status.RouteStatus;
import io.httun.protocol.IpPacket;
import java.net.InetAddress;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The host's configuration for one device: interface, addresses and routes, applied when the device opens and
 * maintained while it is open. Thread-safe; the data path never takes its lock.
 */
final class TunSetup {
    private static final Logger LOG = LoggerFactory.getLogger(TunSetup.class);

    private final Journal journal;
    private final RouteKeeper routes = new RouteKeeper();

    private volatile TunDeviceSettings settings;
    private volatile int mtu;

    /** The fields below are guarded by this. */
    private boolean connected = true;
    /** Null while the device is not open. */
    private TunHost host;
    /** The settings with which the device was opened; a new configuration applies at the next opening. */
    private TunDeviceSettings applied;

    private TunQueue queue;

    TunSetup(TunDeviceSettings settings, Journal journal) {
        this.settings = settings;
        this.journal = journal;
        this.mtu = settings.mtu() == 0 ? IpPacket.MAX_LENGTH : settings.mtu();
    }

    TunDeviceSettings settings() {
        return settings;
    }

    int mtu() {
        return mtu;
    }

    /** Sets the configuration of the next opening; returns false if it is unchanged. */
    synchronized boolean change(TunDeviceSettings next) {
        boolean changed = !next.equals(settings);
        settings = next;
        return changed;
    }

    /** Configures the host for a device that is being opened. {@link #close} follows, also after a failure. */
    synchronized void open(TunQueues queues, PacketCounters counters) {
        applied = settings;
        host = new TunHost(journal);
        host.prepare(applied);
        queues.open(TunOpener.open(applied, counters));
        queue = queues.first();
        host.configure(applied, queue, connected || !applied.downWhenDisconnected());
        if (routes.isWanted()) {
            routes.apply(host, applied);
        } else if (!journal.takeKept()) {
            // No successor was announced: existing routes are the remains of a crash.
            host.unroute(applied.device());
        }
        readMtu();
    }

    private void readMtu() {
        mtu = host.link(applied.device()).map(NetworkLink::mtu).orElse(mtu);
    }

    /**
     * Called after a change of the host's links or routes.
     *
     * @return whether the device's MTU has changed
     */
    synchronized boolean refresh() {
        int before = mtu;
        readMtu();
        if (routes.isWanted() && applied.equals(settings)) {
            try {
                routes.apply(host, applied);
            } catch (HttunException e) {
                LOG.warn("Device {}: {}", applied.device(), e.getMessage());
            }
        }
        return mtu != before;
    }

    synchronized void close() {
        queue = null;
        if (host != null) {
            host.close();
            host = null;
        }
    }

    private boolean isOpen() {
        return queue != null;
    }

    synchronized void route(Collection<InetAddress> outside) {
        routes.want(outside);
        if (isOpen()) {
            routes.apply(host, applied);
        }
    }

    /** @param keep whether the routes stay in place for a successor */
    synchronized void unroute(boolean keep) {
        routes.wantNone();
        if (isOpen() && !keep) {
            routes.clear(host, applied);
        }
    }

    /** Called for a new user of the device. */
    synchronized void assumeConnected() {
        connected = true;
    }

    synchronized void connected(boolean now) {
        if (connected == now) {
            return;
        }
        connected = now;
        if (!isOpen() || !applied.downWhenDisconnected()) {
            return;
        }
        try {
            host.configure(applied, queue, now);
            if (now && routes.isWanted()) {
                routes.apply(host, applied);
            }
        } catch (HttunException e) {
            LOG.error("TUN device {}: {}", applied.name(), e.getMessage());
        }
    }

    /** Called after the last {@link #close}. */
    synchronized void end(TunEngine.Ending how) {
        String device = settings.device();
        try (TunHost last = new TunHost(journal)) {
            switch (how) {
                case KEEP -> journal.kept();
                case UNROUTE -> last.unroute(device);
                case REMOVE -> last.remove(device);
            }
        } catch (HttunException e) {
            LOG.error("Device {} could not be restored: {}", device, e.getMessage());
        }
    }

    List<RouteStatus> routes() {
        return TunReport.routes(settings, routes.set());
    }

    /** The routes that could not be created; the others work. */
    Optional<String> routeProblem() {
        return Optional.of(routes.problem()).filter(text -> !text.isEmpty());
    }
}
