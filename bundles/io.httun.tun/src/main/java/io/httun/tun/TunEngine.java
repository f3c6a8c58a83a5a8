// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import io.httun.api.HttunException;
import io.httun.api.status.RouteStatus;
import io.httun.api.status.TunStatus;
import io.httun.api.tun.PacketBatch;
import io.httun.api.tun.PacketReceiver;
import io.httun.api.tun.TunDevice;
import io.httun.api.tun.TunPort;
import io.httun.toolkit.status.LogLimiter;
import java.net.InetAddress;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running device: joins its {@linkplain TunThread thread}, its {@linkplain TunSetup host configuration}, its
 * {@linkplain TunQueues queues} and its user.
 */
final class TunEngine implements TunDevice {
    /** The fate of the host's configuration when an engine stops. */
    enum Ending {
        /** Everything stays for a successor. */
        KEEP,
        /** The device stays, its routes are removed. */
        UNROUTE,
        /** Everything is removed. */
        REMOVE
    }

    private static final Logger LOG = LoggerFactory.getLogger(TunEngine.class);

    /** Whether a successor will start, so that the routes may stay. */
    private final BooleanSupplier successorComes;

    private final PacketCounters counters = new PacketCounters();
    private final Delivery delivery = new Delivery(counters);
    private final TunQueues queues = new TunQueues(counters, delivery);
    private final TunSetup setup;
    private final TunThread thread;
    private final LogLimiter limited = new LogLimiter(LOG);

    private volatile String problem;
    /** Guarded by this. */
    private TunUser user;

    TunEngine(TunDeviceSettings settings, Journal journal, BooleanSupplier successorComes) {
        this.successorComes = successorComes;
        this.setup = new TunSetup(settings, journal);
        this.thread = new TunThread("httun-tun-" + settings.name(), new Work());
        this.problem = settings.device() + " is being opened";
    }

    TunEngine start() {
        Optional<String> unfit = Platform.problem();
        if (unfit.isPresent()) {
            report(unfit.get());
        } else {
            thread.start();
        }
        return this;
    }

    /** Applies a new configuration; an unchanged one has no effect. */
    void configure(TunDeviceSettings next) {
        if (setup.change(next)) {
            thread.openAgain();
        }
    }

    void stop(Ending how) {
        thread.stop(how);
    }

    private final class Work implements TunThread.Work {
        @Override
        public void open() {
            setup.open(queues, counters);
            problem = "";
            TunDeviceSettings now = setup.settings();
            LOG.info("Device {} ({}) is open, MTU {}", now.device(), now.name(), setup.mtu());
            delivery.changed();
        }

        @Override
        public void read(WakeEvent wake) {
            queues.read(wake, this::refresh);
        }

        private void refresh() {
            if (setup.refresh()) {
                LOG.info("Device {} now has MTU {}", device(), setup.mtu());
                delivery.changed();
            }
        }

        @Override
        public void close() {
            setup.close();
            queues.close();
        }

        @Override
        public void failed(Throwable cause) {
            if (!(cause instanceof HttunException)) {
                limited.error("failure", "Device {} failed; reopening it", device(), cause);
            }
            report(cause instanceof HttunException ? cause.getMessage() : "failed; reopening it: " + cause);
        }

        @Override
        public void end(Ending how) {
            setup.end(how);
        }
    }

    private void report(String message) {
        String text = "TUN device " + setup.settings().name() + ": " + message;
        if (!text.equals(problem)) {
            problem = text;
            LOG.error("{}", text);
            delivery.changed();
        }
    }

    int write(PacketBatch batch) {
        return queues.write(batch, setup.mtu());
    }

    TunStatus status() {
        return TunReport.status(
                setup.settings(), setup.mtu(), problem, setup.routeProblem().orElse(""), userName(), counters);
    }

    List<RouteStatus> routes() {
        return setup.routes();
    }

    private synchronized String userName() {
        return user == null ? "" : user.name();
    }

    @Override
    public String device() {
        return setup.settings().device();
    }

    @Override
    public int mtu() {
        return setup.mtu();
    }

    @Override
    public Optional<String> problem() {
        return Optional.of(problem).filter(text -> !text.isEmpty());
    }

    @Override
    public synchronized TunPort attach(String name, PacketReceiver receiver) {
        if (user != null) {
            throw new HttunException("TUN device " + setup.settings().name() + " is in use by " + user.name()
                    + ", and a device has one user: configure another device");
        }
        user = new TunUser(this, name, receiver, counters);
        setup.assumeConnected();
        delivery.to(user);
        return user;
    }

    void detach(TunUser former) {
        synchronized (this) {
            if (user == former) {
                user = null;
                setup.unroute(successorComes.getAsBoolean());
            }
        }
        delivery.end(former);
    }

    synchronized void route(TunUser asking, Collection<InetAddress> addresses) {
        Routing.check(setup.settings().routes(), addresses);
        if (user == asking) {
            setup.route(addresses);
        }
    }

    synchronized void connected(TunUser telling, boolean now) {
        if (user == telling) {
            setup.connected(now);
        }
    }
}
