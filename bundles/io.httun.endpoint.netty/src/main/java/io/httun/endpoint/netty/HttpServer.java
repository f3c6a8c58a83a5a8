// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import io.httun.api.config.ConfigException;
import io.httun.api.listen.ListenAddress;
import io.httun.api.status.StatusSource.EndpointStatus;
import io.httun.api.tunnel.EventLoops;
import io.httun.api.tunnel.TunnelRouter;
import io.netty.channel.Channel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything that one configuration of the endpoint has: listening sockets, connections, certificate, site. A change is
 * taken whole or not at all.
 */
final class HttpServer {
    private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);
    private static final int STOP_SECONDS = 4;
    private static final int LOOK_SECONDS = 5;

    /** What a connection sees of the configuration; replaced as a whole. */
    private record Current(EndpointSettings settings, TlsIdentity tls, Dispatcher dispatcher) {}

    private final EventLoops loops;
    private final TunnelRouter router;
    private final ConnectionLimits limits = new ConnectionLimits();
    private final Complaints complaints = new Complaints();
    private final BodyBudget bodies = new BodyBudget(Runtime.getRuntime().maxMemory() / 8);
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private final Map<ListenAddress, Listening> listening = new LinkedHashMap<>();
    private volatile List<Listening> shown = List.of();
    private volatile Current current;
    private volatile String refusal = "";
    private volatile boolean stopped;
    private ScheduledThreadPoolExecutor clock;
    private int ticks;

    HttpServer(EventLoops loops, TunnelRouter router) {
        this.loops = loops;
        this.router = router;
    }

    /** @throws ConfigException if the site is wrong; what may come right by itself only shows in the status */
    synchronized void start(EndpointSettings first) {
        current = new Current(
                first, TlsIdentity.load(first), new Dispatcher(first.path(), Site.of(first.site()), router));
        for (ListenAddress address : first.listen()) {
            Listening one = new Listening(address);
            listening.put(address, one);
            tryOpen(one, true);
        }
        shown = List.copyOf(listening.values());
        clock = new ScheduledThreadPoolExecutor(1, new DefaultThreadFactory("httun-http-" + first.name(), true));
        clock.scheduleWithFixedDelay(this::tick, 1, 1, TimeUnit.SECONDS);
    }

    /** @throws ConfigException if that cannot be; everything is as before then */
    synchronized void change(EndpointSettings next) {
        EndpointSettings before = current.settings();
        if (next.equals(before)) {
            refusal = "";
            return;
        }
        try {
            TlsIdentity tls = current.tls();
            if (!next.tls().equals(before.tls())
                    || next.http2() != before.http2()
                    || !next.listen().equals(before.listen())) {
                tls = TlsIdentity.load(next);
                if (!tls.problem().isEmpty()) {
                    throw new ConfigException(tls.problem());
                }
            }
            Site site = next.site().equals(before.site()) ? current.dispatcher().site() : Site.of(next.site());
            move(next, new Current(next, tls, new Dispatcher(next.path(), site, router)));
            refusal = "";
        } catch (ConfigException e) {
            refusal = "change refused: " + e.getMessage();
            throw e;
        }
    }

    /** Opens what is new before it closes what is no longer wanted, unless both want the same port. */
    private void move(EndpointSettings next, Current wanted) {
        List<Listening> gone = listening.values().stream()
                .filter(one -> !next.listen().contains(one.address()))
                .toList();
        List<Listening> added = next.listen().stream()
                .filter(address -> !listening.containsKey(address))
                .map(Listening::new)
                .toList();
        List<Listening> inTheWay = gone.stream()
                .filter(one -> added.stream().anyMatch(other -> other.address().clashesWith(one.bound())))
                .filter(Listening::isOpen)
                .toList();
        List<Listening> kept =
                listening.values().stream().filter(one -> !gone.contains(one)).toList();
        inTheWay.forEach(Listening::close);
        try {
            added.forEach(one -> openNew(one, next));
            kept.forEach(one -> one.change(next.socket()));
        } catch (ConfigException e) {
            added.forEach(Listening::close);
            kept.forEach(one -> one.change(settings().socket()));
            inTheWay.forEach(old -> tryOpen(old, true));
            throw e;
        }
        current = wanted;
        for (Listening one : gone) {
            one.close();
            listening.remove(one.address());
            connections.stream()
                    .filter(connection -> connection.listening() == one)
                    .forEach(Connection::stop);
        }
        for (Listening one : added) {
            listening.put(one.address(), one);
            LOG.info("Endpoint {} listens on {}", next.name(), one.bound());
        }
        shown = List.copyOf(listening.values());
    }

    private void openNew(Listening one, EndpointSettings next) {
        if (!one.open(loops, next.socket(), this::accept)) {
            throw new ConfigException("listen", one.address(), one.problem());
        }
    }

    /** Frees the addresses, answers who waits and closes every connection, within five seconds. */
    void stop() {
        synchronized (this) {
            stopped = true;
            clock.shutdownNow();
            listening.values().forEach(Listening::close);
        }
        List<Connection> open = new ArrayList<>(connections);
        open.forEach(Connection::stop);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(STOP_SECONDS);
        for (Connection connection : open) {
            connection
                    .channel()
                    .closeFuture()
                    .awaitUninterruptibly(Math.max(1, end - System.nanoTime()), TimeUnit.NANOSECONDS);
        }
        connections.forEach(connection -> connection.channel().close());
    }

    private void tryOpen(Listening one, boolean tell) {
        EndpointSettings settings = current.settings();
        if (one.address().tls() && current.tls().context() == null) {
            one.cannot(current.tls().problem());
        } else if (one.open(loops, settings.socket(), this::accept)) {
            LOG.info("Endpoint {} listens on {}", settings.name(), one.bound());
            return;
        }
        if (tell) {
            LOG.error(
                    "Endpoint {} cannot listen on {}: {}; trying again every {} s",
                    settings.name(),
                    one.address(),
                    one.problem(),
                    LOOK_SECONDS);
        }
    }

    private void accept(Listening from, Channel channel) {
        SslContext tls = from.address().tls() ? current.tls().context() : null;
        boolean early = from.address().tls() && tls == null;
        if (stopped || early || limits.isFlooded(settings().limits().connections(), tls != null)) {
            complaints.note(settings().name(), "connection closed for want of room");
            channel.close();
            return;
        }
        Connection connection = new Connection(this, from, channel);
        connections.add(connection);
        channel.closeFuture().addListener(closed -> {
            connections.remove(connection);
            connection.ended();
        });
        ConnectionStart.install(channel.pipeline(), connection, tls);
        if (stopped) {
            channel.close();
        }
    }

    private void tick() {
        try {
            long now = now();
            connections.forEach(connection -> connection.check(now));
            if (++ticks % LOOK_SECONDS == 0) {
                look();
            }
        } catch (RuntimeException e) {
            // An exception would end the ticks, and with them every time limit.
            LOG.error("Endpoint {}: a check failed", settings().name(), e);
        }
    }

    /** Takes up files that have changed, and addresses that have become free. */
    private void look() {
        current.tls().refresh();
        current.dispatcher().site().refresh();
        synchronized (this) {
            if (!stopped) {
                listening.values().stream().filter(one -> !one.isOpen()).forEach(one -> tryOpen(one, false));
            }
        }
    }

    List<EndpointStatus> status() {
        return shown.stream()
                .map(one -> new EndpointStatus(
                        settings().name(),
                        "netty",
                        one.bound().toString(),
                        state(one),
                        one.requests().sum(),
                        one.waiting().get()))
                .toList();
    }

    private String state(Listening one) {
        if (!one.problem().isEmpty()) {
            return "not listening: " + one.problem();
        }
        String state = router.hasServer() ? "open" : "no server";
        String certificate = current.tls().problem();
        if (one.address().tls() && !certificate.isEmpty()) {
            state += ", new certificate not taken up: " + certificate;
        }
        return refusal.isEmpty() ? state : state + ", " + refusal;
    }

    /** A request got an answer of the endpoint's own. */
    void refused(int status) {
        complaints.note(settings().name(), "request answered " + status);
    }

    /** A connection ended by what its peer sent, or by what does not work here. */
    void broken(Throwable cause) {
        Throwable root = cause instanceof DecoderException && cause.getCause() != null ? cause.getCause() : cause;
        if (root instanceof Error) {
            complaints.note(settings().name(), "connection closed by an error here: " + root);
        } else {
            complaints.note(
                    settings().name(),
                    "connection broken off: " + root.getClass().getSimpleName());
        }
    }

    EndpointSettings settings() {
        return current.settings();
    }

    Dispatcher dispatcher() {
        return current.dispatcher();
    }

    ConnectionLimits limits() {
        return limits;
    }

    BodyBudget bodies() {
        return bodies;
    }

    /** The clock of all time limits. */
    long now() {
        return System.nanoTime();
    }
}
