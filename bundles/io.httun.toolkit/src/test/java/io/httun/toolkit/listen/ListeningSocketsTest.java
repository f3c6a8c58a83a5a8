// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.listen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.httun.api.config.ConfigException;
import io.httun.api.tunnel.EventLoops;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ListeningSocketsTest {
    private static final SocketAccess ACCESS = SocketAccess.parse("", "0600");
    private static final Duration RETRIED = Duration.ofSeconds(60);

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private volatile String obstacle = "";
    private final ListeningSockets sockets = new ListeningSockets(loops(), new ListeningSockets.User() {
        @Override
        public ServerBootstrap bootstrap(ListenAddress address) {
            return new ServerBootstrap().childHandler(new ChannelInboundHandlerAdapter());
        }

        @Override
        public String obstacle(ListenAddress address) {
            return address.tls() ? obstacle : "";
        }
    });

    private EventLoops loops() {
        return (EventLoops) Proxy.newProxyInstance(
                EventLoops.class.getClassLoader(),
                new Class<?>[] {EventLoops.class},
                (self, method, arguments) -> switch (method.getName()) {
                    case "group" -> group;
                    case "serverSocketChannel" -> NioServerSocketChannel.class;
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    @AfterEach
    void stop() {
        sockets.close();
        group.shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private static ListenAddress loopback(int port) {
        return ListenAddress.parse("listen", "127.0.0.1:" + port, "");
    }

    private int port(int index) {
        return sockets.places().get(index).bound().tcp().getPort();
    }

    private static void connect(int port) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 5_000);
        }
    }

    private static ServerSocket other() throws IOException {
        return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    @Test
    void whatIsTakenAtTheStartIsTriedAgainAndTheRestIsOpen() throws IOException {
        ListenAddress wanted;
        try (ServerSocket taken = other()) {
            wanted = loopback(taken.getLocalPort());
            sockets.start("test", List.of(wanted, loopback(0)), ACCESS);
            assertThat(sockets.places().get(0).problem()).startsWith("the port is taken");
            assertThat(sockets.places().get(0).bound()).isEqualTo(wanted);
            connect(port(1));
        }
        await().atMost(RETRIED).until(() -> sockets.places().get(0).isOpen());
        connect(wanted.tcp().getPort());
    }

    @Test
    void anObstacleIsWaitedFor() throws IOException {
        obstacle = "no certificate";
        sockets.start("test", List.of(ListenAddress.parse("listen", "tls:127.0.0.1:0", "")), ACCESS);
        assertThat(sockets.places().get(0).problem()).isEqualTo("no certificate");
        obstacle = "";
        await().atMost(RETRIED).until(() -> sockets.places().get(0).isOpen());
        connect(port(0));
    }

    @Test
    void aChangeIsTakenWholeOrNotAtAll() throws IOException {
        sockets.start("test", List.of(loopback(0)), ACCESS);
        int first = port(0);
        ListenAddress wider = ListenAddress.parse("listen", "*:" + first, "");
        try (ServerSocket taken = other()) {
            ListenAddress impossible = loopback(taken.getLocalPort());
            assertThatThrownBy(() -> sockets.change("test", List.of(loopback(0), impossible), ACCESS))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageStartingWith("listen = 127.0.0.1:" + taken.getLocalPort() + ": the port is taken");
            assertThat(port(0)).isEqualTo(first);
            connect(first);
            // The wider address needs the port of the old one, which comes back at a port of the system's choice.
            assertThatThrownBy(() -> sockets.change("test", List.of(wider, impossible), ACCESS))
                    .isInstanceOf(ConfigException.class);
            assertThat(sockets.places()).hasSize(1).allMatch(ListeningSockets.Place::isOpen);
            connect(port(0));
        }
        sockets.change("test", List.of(wider), ACCESS);
        connect(first);
    }

    @Test
    void nothingIsTriedAgainAfterTheEnd() throws IOException {
        try (ServerSocket taken = other()) {
            sockets.start("test", List.of(loopback(taken.getLocalPort()), loopback(0)), ACCESS);
            int open = port(1);
            sockets.close();
            assertThat(sockets.places()).noneMatch(ListeningSockets.Place::isOpen);
            assertThatThrownBy(() -> connect(open)).isInstanceOf(IOException.class);
        }
    }
}
