// SPDX-License-Identifier: Apache-2.0
package io.httun.testrig;

import static org.awaitility.Awaitility.await;

import io.httun.api.relay.RelayConnection;
import io.httun.api.relay.RelayEngine;
import io.httun.api.relay.RelayOrigin;
import io.httun.api.relay.RelayPolicy;
import io.httun.api.relay.RelaySettings;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Target;
import io.httun.api.target.TargetAdmission;
import io.httun.api.target.TargetConnector;
import io.httun.api.tunnel.EventLoops;
import io.httun.connector.DirectConnector;
import io.httun.relay.NettyRelayEngine;
import io.httun.runtime.AdmissionGate;
import io.httun.runtime.DnsResolver;
import io.httun.runtime.NettyEventLoops;
import io.httun.toolkit.listen.ListeningPort;
import io.httun.toolkit.tunnel.BulkSockets;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The real runtime, engine and direct connector, local ports that lead into a connector, and targets. */
public final class TunnelRig implements Closeable {
    private static final int READ_MILLIS = 30_000;

    /** What a target does with a connection. */
    public interface Talk {
        void to(Socket socket) throws IOException;
    }

    private final NettyEventLoops loops = new NettyEventLoops(Map.of("threads", 2));
    private final TargetAdmission admission = new AdmissionGate(new DnsResolver(loops, Map.of()));
    private final RelayEngine engine = new NettyRelayEngine(admission, Map.of());
    private final TargetConnector direct = new DirectConnector(loops, Map.of("name", "direct"));
    private final List<Closeable> parts = new ArrayList<>();

    public EventLoops loops() {
        return loops;
    }

    public TargetAdmission admission() {
        return admission;
    }

    public RelayEngine engine() {
        return engine;
    }

    public TargetConnector direct() {
        return direct;
    }

    /** Closes something with this rig, before what it stands on. */
    public void closing(Closeable part) {
        parts.add(0, part);
    }

    /** A local port whose connections go to a target through a connector. */
    public int local(TargetConnector connector, String target) {
        RelayOrigin origin = engine.open(
                new RelaySettings("local", List.of(), 1000, RelayPolicy.UNLIMITED, Map.of()), () -> connector);
        closing(origin::close);
        ListeningPort port = new ListeningPort(
                "test",
                loops,
                loops.group().next(),
                new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        BulkSockets.tune(channel);
                        accept(origin, channel, Target.parse(target));
                    }
                },
                listening -> {});
        closing(port::close);
        port.open(new ListeningPort.Wanted(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
        return portOf(port);
    }

    /** Waits until it listens. */
    public static int portOf(ListeningPort port) {
        await().until(() -> port.state().equals("listening"));
        return Target.parse(port.address()).port();
    }

    private static void accept(RelayOrigin origin, SocketChannel channel, Target target) {
        RelayConnection connection = origin.accept(channel, "").orElseThrow();
        channel.pipeline().addLast(new Opening(connection, target));
    }

    /** Keeps what the transport reads unasked when an application ends its output early. */
    private static final class Opening extends ChannelInboundHandlerAdapter implements RelayConnection.Opening {
        private final RelayConnection connection;
        private final Target target;
        private final List<ByteBuf> early = new ArrayList<>();
        private ChannelHandlerContext context;
        private boolean ended;

        Opening(RelayConnection connection, Target target) {
            this.connection = connection;
            this.target = target;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            context = ctx;
            connection.open(target, this);
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            early.add((ByteBuf) message);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            ended |= event instanceof ChannelInputShutdownEvent;
        }

        @Override
        public void opened(Channel connected) {
            connection.relay(this, List.copyOf(early), ended);
        }

        @Override
        public void refused(Cause cause) {
            early.forEach(ByteBuf::release);
            BulkSockets.reset(context.channel());
        }
    }

    /** A target on loopback; each connection gets a thread of its own that ends with it. */
    public int target(Talk talk) throws IOException {
        ServerSocket server = new ServerSocket(0, 500, InetAddress.getLoopbackAddress());
        closing(server);
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

    public int echo() throws IOException {
        return target(socket -> {
            socket.setTcpNoDelay(true);
            socket.getInputStream().transferTo(socket.getOutputStream());
        });
    }

    public static Socket dial(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(READ_MILLIS);
        socket.setTcpNoDelay(true);
        return socket;
    }

    /** What may fail when its sockets close. */
    public interface Work {
        void run() throws IOException;
    }

    /** Ends with its sockets; what it may throw then is how it notices. */
    public static Thread daemon(Work work) {
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

    @Override
    public void close() throws IOException {
        for (Closeable part : parts) {
            part.close();
        }
        loops.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
