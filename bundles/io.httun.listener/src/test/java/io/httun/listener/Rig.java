// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import static org.awaitility.Awaitility.await;

import io.httun.api.target.NameResolver;
import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Target;
import io.httun.api.target.TargetConnector;
import io.httun.api.target.TargetFilter;
import io.httun.connector.DirectConnector;
import io.httun.connector.upstream.UpstreamUnderTest;
import io.httun.relay.Engine;
import io.httun.runtime.AdmissionGate;
import io.httun.runtime.DnsResolver;
import io.httun.runtime.NettyEventLoops;
import io.httun.runtime.OwnSockets;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
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
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/** The real runtime and connector under the listeners of a test, and what it takes to talk to them. */
final class Rig implements AutoCloseable {
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
    volatile TargetConnector connector;

    Rig(String transport) {
        loops = new NettyEventLoops(Map.of("transport", transport, "threads", 2));
        resolver = new DnsResolver(loops, Map.of());
        gate = new AdmissionGate(resolver);
        parts = new ListenerParts(loops, new Engine(gate, Map.of()), gate, sockets);
        direct = new DirectConnector(loops, Map.of("name", "direct"));
        connector = direct;
    }

    /** What the configuration of a listener holds, on any free port. */
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

    /** A connector that goes through proxies; the rig's listeners use it from now on. */
    UpstreamUnderTest upstream(List<String> proxies, String... ways) {
        UpstreamUnderTest upstream = new UpstreamUnderTest(loops, resolver, sockets, direct, proxies, ways);
        connector = upstream.connector();
        return upstream;
    }

    LocalListener socks(Object... more) {
        SocksSettings settings = SocksSettings.read(configuration(more));
        return start("socks", settings, client -> new SocksNegotiation(client, settings));
    }

    LocalListener connect(Object... more) {
        ConnectSettings settings = ConnectSettings.read(configuration(more));
        return start("connect", settings, client -> new HttpNegotiation(client, settings));
    }

    LocalListener port(int target, Object... more) {
        Map<String, Object> properties = configuration(more);
        properties.put("target", "localhost:" + target);
        PortSettings settings = PortSettings.read(properties);
        return start("port", settings, client -> new FixedNegotiation(client, settings));
    }

    private LocalListener start(String kind, KindSettings settings, Function<Client, Negotiation> negotiation) {
        LocalListener listener = new LocalListener(kind, parts, () -> connector, negotiation);
        listener.start(settings.common());
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

    /** Why the last connection ended; waits for its books to be closed. */
    static String lastCause(LocalListener listener) {
        await().until(() -> listener.origin().connections().isEmpty()
                && !listener.origin().closedConnections().isEmpty());
        return listener.origin().closedConnections().get(0).cause();
    }

    /** A target on loopback; each connection gets a thread of its own that ends with it. */
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

    /** Ends with its sockets; what it may throw then is how it notices. */
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

    /** A connector that always fails in one way. */
    static TargetConnector failing(Cause cause) {
        return new TargetConnector() {
            @Override
            public boolean takesNames() {
                return true;
            }

            @Override
            public Future<Channel> connect(Target target, EventLoop loop) {
                return loop.newFailedFuture(new RefusedException(cause, "as the test wants it"));
            }
        };
    }

    /** The direct connector, with a look at the channels that it makes. */
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
        parts.stop();
        for (ServerSocket server : servers) {
            server.close();
        }
        loops.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
