// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import static org.awaitility.Awaitility.await;

import io.httun.api.relay.RelayOrigin;
import io.httun.api.relay.RelayPolicy;
import io.httun.api.relay.RelaySettings;
import io.httun.api.stream.ListenRule;
import io.httun.api.stream.StreamConnector;
import io.httun.api.stream.StreamOrigin;
import io.httun.api.target.NameResolver;
import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Target;
import io.httun.api.target.TargetConnector;
import io.httun.api.target.TargetFilter;
import io.httun.connector.DirectConnector;
import io.httun.connector.upstream.UpstreamUnderTest;
import io.httun.relay.NettyRelayEngine;
import io.httun.runtime.AdmissionGate;
import io.httun.runtime.DnsResolver;
import io.httun.runtime.NettyEventLoops;
import io.httun.runtime.OwnSockets;
import io.httun.streams.Http2Multiplexer;
import io.httun.toolkit.config.LiveSettings;
import io.httun.toolkit.listen.ListeningPort;
import io.httun.toolkit.tunnel.BulkSockets;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;

/** The real runtime and connector under the listeners of a test, with its peers. */
final class ListenerRig implements AutoCloseable {
    static final int READ_MILLIS = 20_000;

    interface Talk {
        void to(Socket socket) throws IOException;
    }

    private final NettyEventLoops loops;
    private final OwnSockets sockets = new OwnSockets();
    private final ListenerParts parts;
    private final AdmissionGate gate;
    private final NameResolver resolver;
    private final TargetConnector direct;
    private final List<LocalListener> listeners = new ArrayList<>();
    private final List<ServerSocket> servers = new ArrayList<>();
    /** The server's ends of pipes. */
    final List<Channel> pipesOpen = new CopyOnWriteArrayList<>();

    private final List<Runnable> closing = new ArrayList<>();
    volatile TargetConnector connector;

    ListenerRig(String transport) {
        loops = new NettyEventLoops(Map.of("transport", transport, "threads", 2));
        resolver = new DnsResolver(loops, Map.of());
        gate = new AdmissionGate(resolver);
        parts = new ListenerParts(loops, new NettyRelayEngine(gate, Map.of()), gate, sockets);
        direct = new DirectConnector(loops, Map.of("name", "direct"));
        connector = direct;
    }

    /** A listener's configuration, on any free port. */
    static Map<String, Object> configuration(Object... more) {
        Map<String, Object> properties = new HashMap<>(Map.of("name", "test", "bind", "127.0.0.1:0"));
        for (int i = 0; i < more.length; i += 2) {
            properties.put((String) more[i], more[i + 1]);
        }
        return properties;
    }

    void filter(String name, TargetFilter filter) {
        gate.addFilter(filter, Map.of("name", name));
    }

    /** A connector through proxies; the rig's listeners use it from now on. */
    UpstreamUnderTest upstream(List<String> proxies, String... ways) {
        UpstreamUnderTest upstream = new UpstreamUnderTest(loops, resolver, sockets, direct, proxies, ways);
        connector = upstream.connector();
        return upstream;
    }

    /**
     * A connector whose streams end in this process, over pipes that are plain connections; the rig's listeners use
     * it from now on.
     */
    RelayOrigin streams() {
        Http2Multiplexer multiplexer = new Http2Multiplexer(loops);
        RelayOrigin origin = parts.engine()
                .open(new RelaySettings("channel", List.of(), 10_000, RelayPolicy.UNLIMITED, Map.of()), () -> direct);
        ListeningPort pipes = new ListeningPort(
                "pipes",
                loops,
                loops.group().next(),
                new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel pipe) {
                        BulkSockets.tune(pipe);
                        pipesOpen.add(pipe);
                        multiplexer.serve(
                                pipe,
                                new StreamOrigin(
                                        origin, "", List.of(ListenRule.parse("reverse.allow", "127.0.0.1:*")), false));
                    }
                },
                listening -> {});
        pipes.open(new ListeningPort.Wanted(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
        await().until(() -> pipes.state().equals("listening"));
        Target server = Target.parse(pipes.address());
        StreamConnector streams = multiplexer.connector("rig", loop -> direct.connect(server, loop));
        connector = streams;
        closing.add(() -> {
            streams.close();
            pipes.close();
            origin.close();
        });
        return origin;
    }

    ReversePort reverse(Object... more) {
        Map<String, Object> properties = configuration(more);
        properties.remove("bind");
        ReversePort port = new ReversePort(
                parts, ReverseSettings.read(properties), () -> (StreamConnector) connector, () -> direct);
        closing.add(0, port::stop);
        port.start();
        return port;
    }

    LocalListener socks(Object... more) {
        return start("socks", SocksSettings::read, SocksNegotiation::new, configuration(more));
    }

    LocalListener connect(Object... more) {
        return start("connect", ConnectSettings::read, HttpNegotiation::new, configuration(more));
    }

    LocalListener port(int target, Object... more) {
        Map<String, Object> properties = configuration(more);
        String protocol = properties.get("bind").toString().startsWith("udp:") ? "udp:" : "";
        properties.put("target", protocol + "localhost:" + target);
        return start("port", PortSettings::read, FixedNegotiation::new, properties);
    }

    private <S extends ListenerKindSettings> LocalListener start(
            String kind,
            Function<Map<String, ?>, S> reader,
            BiFunction<ListenerClient, S, Negotiation> negotiation,
            Map<String, Object> properties) {
        LiveSettings<S> settings = new LiveSettings<>(now -> "listener test", reader, properties);
        LocalListener listener =
                new LocalListener(kind, parts, () -> connector, client -> negotiation.apply(client, settings.get()));
        listener.start(settings.get().common());
        settings.start(next -> listener.change(next.common()));
        listeners.add(listener);
        return listener;
    }

    static int portOf(LocalListener listener) {
        await().until(() -> listener.status().state().equals("listening"));
        String address = listener.status().address();
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    static Socket dial(LocalListener listener) throws IOException {
        Socket socket = new Socket();
        socket.setSoTimeout(READ_MILLIS);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), portOf(listener)), READ_MILLIS);
        return socket;
    }

    /** Waits for the end of the last connection, and returns its cause. */
    static String lastCause(LocalListener listener) {
        await().until(() -> listener.origin().connections().isEmpty()
                && !listener.origin().closedConnections().isEmpty());
        return listener.origin().closedConnections().get(0).cause();
    }

    /** A target on loopback with a thread per connection. */
    int target(Talk talk) throws IOException {
        ServerSocket server = new ServerSocket(0, 500, InetAddress.getLoopbackAddress());
        servers.add(server);
        daemon(() -> {
            while (!server.isClosed()) {
                Socket socket = server.accept();
                daemon(() -> {
                    try (socket) {
                        talk.to(socket);
                    }
                });
            }
        });
        return server.getLocalPort();
    }

    int echo() throws IOException {
        return target(socket -> {
            socket.getInputStream().transferTo(socket.getOutputStream());
            socket.shutdownOutput();
        });
    }

    interface Work {
        void run() throws IOException;
    }

    /** Ends with its sockets; the exceptions of closed sockets are ignored. */
    static Thread daemon(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException e) {
                Thread.currentThread().interrupt();
            }
        });
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** A connector that always fails with one cause. */
    static TargetConnector failing(Cause cause) {
        return new TargetConnector() {
            @Override
            public boolean takesNames() {
                return true;
            }

            @Override
            public Future<Channel> connect(Target target, EventLoop loop) {
                return loop.newFailedFuture(new RefusedException(cause, "failed by the test"));
            }
        };
    }

    /** The direct connector; passes its channels to {@code made}. */
    TargetConnector watching(Consumer<Channel> made) {
        return new TargetConnector() {
            @Override
            public boolean takesNames() {
                return false;
            }

            @Override
            public Future<Channel> connect(Target target, EventLoop loop) {
                Future<Channel> connection = direct.connect(target, loop);
                connection.addListener(end -> made.accept(connection.getNow()));
                return connection;
            }
        };
    }

    @Override
    public void close() throws IOException {
        listeners.forEach(LocalListener::stop);
        closing.forEach(Runnable::run);
        parts.stop();
        for (ServerSocket server : servers) {
            server.close();
        }
        loops.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
