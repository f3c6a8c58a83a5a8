// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.listen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.httun.api.tunnel.EventLoops;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ListeningPortTest {
    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Set<Channel> opened = ConcurrentHashMap.newKeySet();
    private final ListeningPort port = new ListeningPort(
            "Listener test",
            loops(),
            group,
            new ChannelInitializer<Channel>() {
                @Override
                protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(new ChannelInboundHandlerAdapter());
                }
            },
            opened::add);

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
        port.close();
        group.shutdownGracefully(0, 0, java.util.concurrent.TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private static InetSocketAddress loopback(int number) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), number);
    }

    private int open(ListeningPort.Wanted wanted) {
        port.open(wanted);
        await().until(() -> port.state().equals("listening"));
        return number();
    }

    private int number() {
        return Integer.parseInt(port.address().substring(port.address().lastIndexOf(':') + 1));
    }

    private static void connect(int number) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(loopback(number), 5_000);
        }
    }

    private static ServerSocket other() throws IOException {
        return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    @Test
    void movesToAnotherAddress() throws IOException {
        int first = open(new ListeningPort.Wanted(loopback(0)));
        int free;
        try (ServerSocket socket = other()) {
            free = socket.getLocalPort();
        }
        port.open(new ListeningPort.Wanted(loopback(free)));
        await().until(() -> number() == free && port.state().equals("listening"));
        connect(free);
        await().untilAsserted(() -> assertThatThrownBy(() -> connect(first)).isInstanceOf(ConnectException.class));
        assertThat(opened).hasSize(2);
    }

    @Test
    void keepsTheFormerPortWhileTheNewOneIsTaken() throws IOException {
        int first = open(new ListeningPort.Wanted(loopback(0)));
        int wanted;
        try (ServerSocket taken = other()) {
            wanted = taken.getLocalPort();
            port.open(new ListeningPort.Wanted(loopback(wanted)));
            await().until(() -> !port.problem().isEmpty());
            assertThat(port.problem())
                    .isEqualTo("cannot listen on 127.0.0.1:" + wanted
                            + ": the port is taken; stop what uses it or choose another");
            assertThat(port.state()).startsWith("listening; cannot listen on");
            connect(first);
        }
        await().until(() -> number() == wanted);
        assertThat(port.problem()).isEmpty();
        connect(wanted);
    }

    @Test
    void comesBackWhenAWiderAddressOfTheSamePortIsTaken() throws IOException {
        int first = open(new ListeningPort.Wanted(loopback(0)));
        try (ServerSocket taken = new ServerSocket(first, 1, InetAddress.getByName("127.0.0.2"))) {
            assertThat(taken.isBound()).isTrue();
            port.open(new ListeningPort.Wanted(new InetSocketAddress(first)));
            await().until(() -> !port.problem().isEmpty());
            connect(first);
        }
    }

    @Test
    void takesAWiderAddressOfTheSamePort() throws IOException {
        int first = open(new ListeningPort.Wanted(loopback(0)));
        port.open(new ListeningPort.Wanted(new InetSocketAddress(first)));
        await().until(() ->
                !port.address().startsWith("127.0.0.1") && port.state().equals("listening"));
        connect(first);
    }

    @Test
    void triesAgainUntilTheFirstPortIsFree() throws IOException {
        int wanted;
        try (ServerSocket taken = other()) {
            wanted = taken.getLocalPort();
            port.open(new ListeningPort.Wanted(loopback(wanted), 0, ", or pray"));
            await().until(() -> !port.problem().isEmpty());
            assertThat(port.state())
                    .isEqualTo("not listening: the port is taken; stop what uses it or choose another, or pray");
        }
        await().until(() -> port.state().equals("listening"));
        connect(wanted);
    }

    @Test
    void fallsBackToAPortAbove() throws IOException {
        try (ServerSocket taken = other()) {
            int number = open(new ListeningPort.Wanted(loopback(taken.getLocalPort()), 100, ""));
            assertThat(number).isGreaterThan(taken.getLocalPort());
        }
    }
}
