// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import io.httun.api.HttunException;
import io.httun.api.status.StatusSource.RouteStatus;
import io.httun.api.status.StatusSource.TunStatus;
import io.httun.api.tun.PacketBatch;
import io.httun.api.tun.PacketReceiver;
import io.httun.api.tun.TunDevice;
import io.httun.api.tun.TunPort;
import io.httun.protocol.IpPacket;
import java.net.InetAddress;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A device at work: one thread opens it, reads it, and opens it again when it was lost; each further queue has one more. The host is configured under the
 * engine's lock, by whoever asks. Packets never take that lock.
 */
final class TunEngine implements TunDevice {
    /** What becomes of the host's configuration when an engine stops. */
    enum Ending {
        /** All stays: a successor comes. */
        KEEP,
        /** The device stays, its routes go. */
        UNROUTE,
        /** Everything goes. */
        REMOVE
    }

    private static final Logger LOG = LoggerFactory.getLogger(TunEngine.class);
    private static final long RETRY_MILLIS = 5_000;
    /** For a device that was lost within a second. */
    private static final long LOST_AGAIN_MILLIS = 500;

    private static final long STOP_MILLIS = 5_000;

    private final Journal journal;
    /** Whether what is about to stop is started again, so that routes may stay meanwhile. */
    private final BooleanSupplier successorComes;

    private final Counters counters = new Counters();
    private final Delivery delivery = new Delivery(counters);
    private final TunQueues queues = new TunQueues(counters, delivery);
    private final RouteKeeper routes = new RouteKeeper();
    private final Thread thread;

    private volatile TunSettings settings;
    private volatile int mtu;
    private volatile String problem;

    /** All below is guarded by this. */
    private TunUser user;

    private boolean connected = true;
    /** Null while the device is not open. */
    private TunHost host;

    private Wake wake;
    private boolean again;
    private Ending ending;

    TunEngine(TunSettings settings, Journal journal, BooleanSupplier successorComes) {
        this.settings = settings;
        this.journal = journal;
        this.successorComes = successorComes;
        this.mtu = settings.mtu() == 0 ? IpPacket.MAX_LENGTH : settings.mtu();
        this.problem = settings.device() + " is being opened";
        this.thread = new Thread(this::run, "httun-tun-" + settings.name());
        thread.setDaemon(true);
    }

    TunEngine start() {
        thread.start();
        return this;
    }

    /** Takes the device's new configuration; nothing happens if it is the old one. */
    synchronized void configure(TunSettings next) {
        if (!next.equals(settings)) {
            settings = next;
            again = true;
            wakeUp();
        }
    }

    void stop(Ending how) {
        synchronized (this) {
            ending = how;
            wakeUp();
        }
        try {
            thread.join(STOP_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            LOG.error("Device {} did not end within {} ms", settings.device(), STOP_MILLIS);
        }
    }

    private void wakeUp() {
        if (wake != null) {
            wake.signal();
        }
        notifyAll();
    }

    private synchronized boolean isEnding() {
        return ending != null;
    }

    private void run() {
        Optional<String> unfit = Platform.problem();
        if (unfit.isPresent()) {
            failed(unfit.get());
            return;
        }
        synchronized (this) {
            wake = new Wake();
        }
        while (!isEnding()) {
            long began = System.nanoTime();
            boolean worked = false;
            try (TunHost opened = new TunHost(journal)) {
                worked = open(opened);
                queues.read(wake, this::refresh);
            } catch (HttunException e) {
                failed(e.getMessage());
            } finally {
                close();
            }
            boolean briefly = System.nanoTime() - began < TimeUnit.SECONDS.toNanos(1);
            pause(!worked ? RETRY_MILLIS : briefly ? LOST_AGAIN_MILLIS : 0);
        }
        end();
        wake.close();
    }

    private synchronized void pause(long millis) {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        try {
            for (long left = millis; left > 0 && ending == null && !again; ) {
                wait(left);
                left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            ending = Ending.KEEP;
        }
        again = false;
        wake.clear();
    }

    /** @return true, so that what fails afterwards is known to have worked before */
    private boolean open(TunHost opened) {
        synchronized (this) {
            TunSettings now = settings;
            opened.prepare(now);
            queues.open(TunOpener.open(now, counters));
            host = opened;
            opened.configure(now, queues.first(), connected || !now.downWhenDisconnected());
            if (routes.isWanted()) {
                routes.apply(opened, now);
            } else if (!journal.takeKept()) {
                // Nobody told us that a successor would come: what is there was left by a crash.
                opened.unroute(now.device());
            }
            mtu = opened.link(now.device()).map(Link::mtu).orElse(mtu);
            problem = "";
        }
        LOG.info("Device {} ({}) is open, MTU {}", settings.device(), settings.name(), mtu);
        delivery.changed();
        return true;
    }

    /** Something has changed in the host's links or routes. */
    private void refresh() {
        int before = mtu;
        synchronized (this) {
            mtu = host.link(settings.device()).map(Link::mtu).orElse(before);
            if (routes.isWanted() && !again) {
                try {
                    routes.apply(host, settings);
                } catch (HttunException e) {
                    LOG.warn("Device {}: {}", settings.device(), e.getMessage());
                }
            }
        }
        if (mtu != before) {
            LOG.info("Device {} has MTU {} now", settings.device(), mtu);
            delivery.changed();
        }
    }

    private void close() {
        synchronized (this) {
            host = null;
        }
        queues.close();
    }

    private void failed(String message) {
        String text = "TUN device " + settings.name() + ": " + message;
        if (!text.equals(problem)) {
            problem = text;
            LOG.error("{}", text);
            delivery.changed();
        }
    }

    private void end() {
        Ending how;
        synchronized (this) {
            how = ending;
        }
        try (TunHost last = new TunHost(journal)) {
            switch (how) {
                case KEEP -> journal.kept();
                case UNROUTE -> last.unroute(settings.device());
                case REMOVE -> last.remove(settings.device());
            }
        } catch (HttunException e) {
            LOG.error("Device {} could not be put back: {}", settings.device(), e.getMessage());
        }
    }

    int write(PacketBatch batch) {
        return queues.write(batch, mtu);
    }

    TunStatus status() {
        return TunReport.status(settings, mtu, problem, routes.problem(), userName(), counters);
    }

    List<RouteStatus> routes() {
        return TunReport.routes(settings, routes.set());
    }

    private synchronized String userName() {
        return user == null ? "" : user.name();
    }

    @Override
    public String device() {
        return settings.device();
    }

    @Override
    public int mtu() {
        return mtu;
    }

    @Override
    public Optional<String> problem() {
        return Optional.of(problem).filter(text -> !text.isEmpty());
    }

    @Override
    public synchronized TunPort attach(String name, PacketReceiver receiver) {
        if (user != null) {
            throw new HttunException("TUN device " + settings.name() + " is in use by " + user.name()
                    + "; one at a time may use it: configure a device for each");
        }
        user = new TunUser(this, name, receiver, counters);
        connected = true;
        delivery.to(user);
        return user;
    }

    void detach(TunUser former) {
        synchronized (this) {
            if (user == former) {
                user = null;
                routes.wantNone();
                if (host != null && !successorComes.getAsBoolean()) {
                    routes.clear(host, settings);
                }
            }
        }
        delivery.end(former);
    }

    synchronized void route(TunUser asking, Collection<InetAddress> addresses) {
        Routing.check(settings.routes(), addresses);
        if (user == asking) {
            routes.want(addresses);
            if (host != null) {
                routes.apply(host, settings);
            }
        }
    }

    synchronized void connected(TunUser telling, boolean now) {
        if (user != telling || connected == now) {
            return;
        }
        connected = now;
        if (host == null || !settings.downWhenDisconnected()) {
            return;
        }
        try {
            host.configure(settings, queues.first(), now);
            if (now && routes.isWanted()) {
                routes.apply(host, settings);
            }
        } catch (HttunException e) {
            LOG.error("TUN device {}: {}", settings.name(), e.getMessage());
        }
    }
}
