// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import io.httun.api.config.ConfigException;
import io.httun.api.status.EndpointStatus;
import io.httun.api.status.Problem;
import io.httun.api.tunnel.EventLoops;
import io.httun.toolkit.config.WatchedFiles;
import io.httun.toolkit.listen.ListenAddress;
import io.httun.toolkit.listen.ListeningSockets;
import io.httun.toolkit.listen.ListeningSockets.Place;
import io.httun.toolkit.listen.OpenDoor;
import io.httun.toolkit.login.PendingLogins;
import io.httun.toolkit.status.LogLimiter;
import io.httun.toolkit.tls.ServerTls;
import io.httun.toolkit.tunnel.BodyBudget;
import io.httun.toolkit.tunnel.BulkSockets;
import io.httun.toolkit.tunnel.TunnelRouter;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything that belongs to one configuration of the endpoint: listening sockets, connections, certificate, site. A change
 * applies as a whole or not at all.
 */
final class HttpServer implements ListeningSockets.User {
    private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(128 << 10, 512 << 10);
    private static final int STOP_SECONDS = 4;
    private static final int LOOK_SECONDS = 5;

    /** The configuration as connections use it; replaced as a whole. */
    private record Current(EndpointSettings settings, WatchedFiles<ServerTls> tls, Dispatcher dispatcher) {
        /** Null while there is no usable certificate. */
        SslContext context() {
            ServerTls loaded = tls == null ? null : tls.content();
            return loaded == null ? null : loaded.context();
        }

        /** Why the current content of the certificate files is not in use; empty if it is. */
        String problem() {
            return tls == null ? "" : tls.problem();
        }
    }

    private final TunnelRouter router;
    private final ConnectionLimits limits = new ConnectionLimits();
    private final PendingLogins strangers = new PendingLogins();
    private final OpenDoor door = new OpenDoor(LOG, "trusts");
    private final LogLimiter limited = new LogLimiter(LOG);
    private final BodyBudget bodies = BodyBudget.ofHeap();
    private final Set<HttpConnection> connections = ConcurrentHashMap.newKeySet();
    private final ListeningSockets sockets;
    private final Map<ListenAddress, Listening> listening = new ConcurrentHashMap<>();
    private volatile Current current;
    private volatile boolean stopped;
    private ScheduledThreadPoolExecutor clock;
    private int ticks;

    HttpServer(EventLoops loops, TunnelRouter router) {
        this.router = router;
        this.sockets = new ListeningSockets(loops, this);
    }

    /** @throws ConfigException if the site is wrong; a fault that may end by itself is only shown in the status */
    synchronized void start(EndpointSettings first) {
        current = new Current(first, identity(first), new Dispatcher(first.path(), Site.of(first.site()), router));
        look(first);
        watch();
        sockets.start(first.name(), first.listen(), first.socket());
        clock = new ScheduledThreadPoolExecutor(1, new DefaultThreadFactory("httun-http-" + first.name(), true));
        clock.scheduleWithFixedDelay(this::tick, 1, 1, TimeUnit.SECONDS);
    }

    /** Key and certificate, with a problem if they cannot be used. Null if no address is for TLS. */
    private static WatchedFiles<ServerTls> identity(EndpointSettings settings) {
        return settings.tls()
                .map(files -> {
                    WatchedFiles<ServerTls> tls =
                            new WatchedFiles<>(() -> "endpoint " + settings.name(), () -> ServerTls.load(files));
                    tls.tryLoad();
                    if (tls.content() != null) {
                        LOG.info("Endpoint {}: {}", settings.name(), tls.content());
                    }
                    return tls;
                })
                .orElse(null);
    }

    private void watch() {
        if (current.tls() != null) {
            current.tls().start(loaded -> LOG.info("Endpoint {}: {}", settings().name(), loaded));
        }
    }

    /** @throws ConfigException if the change is impossible; the previous configuration stays in use */
    synchronized void change(EndpointSettings next) {
        EndpointSettings former = current.settings();
        WatchedFiles<ServerTls> tls = current.tls();
        if (!next.tls().equals(former.tls()) || !next.listen().equals(former.listen())) {
            tls = identity(next);
            if (tls != null && !tls.problem().isEmpty()) {
                throw new ConfigException(tls.problem());
            }
        }
        Site site = next.site().equals(former.site()) ? current.dispatcher().site() : Site.of(next.site());
        Current before = current;
        // Connections may arrive as soon as an address is open, and need its certificate.
        current = new Current(next, tls, new Dispatcher(next.path(), site, router));
        try {
            sockets.change(next.name(), next.listen(), next.socket());
        } catch (ConfigException e) {
            current = before;
            throw e;
        }
        if (before.tls() != null && before.tls() != tls) {
            before.tls().close();
        }
        look(next);
        watch();
        listening.keySet().retainAll(next.listen());
        connections.stream()
                .filter(connection ->
                        !next.listen().contains(connection.listening().address()))
                .forEach(HttpConnection::stop);
    }

    @Override
    public String obstacle(ListenAddress address) {
        return address.tls() && current.context() == null ? current.problem() : "";
    }

    @Override
    public ServerBootstrap bootstrap(ListenAddress address) {
        return new ServerBootstrap()
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childOption(
                        ChannelOption.RECVBUF_ALLOCATOR,
                        new FixedRecvByteBufAllocator(BulkSockets.READ_BYTES).maxMessagesPerRead(2))
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel child) {
                        accept(at(address), child);
                    }
                });
    }

    private Listening at(ListenAddress address) {
        return listening.computeIfAbsent(address, Listening::new);
    }

    /** Frees the addresses, answers waiting requests and closes all connections, within five seconds. */
    void stop() {
        synchronized (this) {
            stopped = true;
            clock.shutdownNow();
            if (current.tls() != null) {
                current.tls().close();
            }
            sockets.close();
        }
        List<HttpConnection> open = new ArrayList<>(connections);
        open.forEach(HttpConnection::stop);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(STOP_SECONDS);
        for (HttpConnection connection : open) {
            connection
                    .channel()
                    .closeFuture()
                    .awaitUninterruptibly(Math.max(1, end - System.nanoTime()), TimeUnit.NANOSECONDS);
        }
        connections.forEach(connection -> connection.channel().close());
    }

    private void accept(Listening from, Channel channel) {
        SslContext tls = from.address().tls() ? current.context() : null;
        boolean early = from.address().tls() && tls == null;
        if (stopped || early || limits.isFlooded(settings().limits().connections(), tls != null)) {
            complain("connection closed: "
                    + (stopped
                            ? "the endpoint stops"
                            : early ? "there is no certificate" : "connections.max is reached"));
            channel.close();
            return;
        }
        HttpConnection connection = new HttpConnection(this, from, channel);
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
                current.dispatcher().site().refresh();
            }
        } catch (RuntimeException e) {
            // An exception would end the ticks, and with them every time limit.
            LOG.error("Endpoint {}: a check failed", settings().name(), e);
        }
    }

    /** @param refused why the last change was refused; empty when it was not */
    List<EndpointStatus> status(String refused) {
        return sockets.places().stream()
                .map(place -> new EndpointStatus(
                        settings().name(),
                        "netty",
                        place.bound().toString(),
                        state(place, refused),
                        at(place.address()).requests().sum(),
                        at(place.address()).waiting().get()))
                .toList();
    }

    private String state(Place place, String refused) {
        if (!place.isOpen()) {
            return "not listening: " + place.problem();
        }
        String state = router.hasServer() ? "open" : "no server";
        String certificate = current.problem();
        if (place.address().tls() && !certificate.isEmpty()) {
            state += ", new certificate not taken up: " + certificate;
        }
        return refused.isEmpty() ? state : state + ", change refused: " + refused;
    }

    /** The endpoint itself has answered a request. */
    void refused(int status) {
        complain("request answered " + status);
    }

    /** A connection ended because of its peer's input, or of an error here. */
    void broken(Throwable cause) {
        Throwable root = cause instanceof DecoderException && cause.getCause() != null ? cause.getCause() : cause;
        if (root instanceof Error) {
            complain("connection closed by an internal error: " + root);
        } else {
            complain("connection failed: " + root.getClass().getSimpleName());
        }
    }

    /** A connection has been closed to make room for another. */
    void gaveWay() {
        complain("connection closed before its client authenticated: connections.max is reached");
    }

    private void complain(String event) {
        limited.info(event, "Endpoint {}: {}", settings().name(), event);
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

    /** The connections without an authenticated client, except those of proxies. */
    PendingLogins strangers() {
        return strangers;
    }

    /** A port that is open to everyone, and a site that cannot be read any more. */
    List<Problem> problems() {
        String site = current.dispatcher().site().problem();
        return Stream.concat(
                        door.problems().stream(),
                        Stream.of(site)
                                .filter(problem -> !problem.isEmpty())
                                .map(problem -> new Problem(
                                        "endpoint " + settings().name(),
                                        problem,
                                        "restore the folder, or name another one")))
                .toList();
    }

    private void look(EndpointSettings now) {
        List<ListenAddress> reachable =
                now.listen().stream().filter(ListenAddress::isOpenToOthers).toList();
        door.change(
                "endpoint " + now.name(),
                !reachable.isEmpty() && now.proxies().networks().holdsAll(),
                reachable.stream().map(ListenAddress::toString).collect(Collectors.joining(", "))
                        + " to name the addresses of clients",
                "name the addresses of the proxies in proxies");
    }

    BodyBudget bodies() {
        return bodies;
    }

    /** The clock of all time limits. */
    long now() {
        return System.nanoTime();
    }
}
