// SPDX-License-Identifier: Apache-2.0
package io.httun.connector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.httun.api.config.ConfigException;
import io.httun.api.target.Admitted;
import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.RequestContext;
import io.httun.api.target.Target;
import io.httun.runtime.NettyEventLoops;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass
@ValueSource(strings = {"epoll", "nio"})
class DirectConnectorTest {
    @Parameter
    String transport;

    private NettyEventLoops loops;
    private ServerSocket server;

    @BeforeEach
    void start() throws IOException {
        loops = new NettyEventLoops(Map.of("transport", transport, "threads", 1));
        server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void end() throws IOException {
        server.close();
        loops.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private DirectConnector connector(Object... more) {
        Map<String, Object> properties = new HashMap<>(Map.of("name", "test"));
        for (int i = 0; i < more.length; i += 2) {
            properties.put((String) more[i], more[i + 1]);
        }
        return new DirectConnector(loops, properties);
    }

    private Target target(String... addresses) {
        List<InetAddress> all = List.of(addresses).stream()
                .map(address -> Target.of(address, 1).addresses().get(0))
                .toList();
        return Target.of("a.test", server.getLocalPort()).withAddresses(all);
    }

    private Future<Channel> connect(DirectConnector connector, Target target) {
        return connector.connect(target, loops.group().next()).awaitUninterruptibly();
    }

    private RefusedException refusal(DirectConnector connector, Target target) {
        return (RefusedException) connect(connector, target).cause();
    }

    @Test
    void connectsWithTheOptionsThatTheContractNames() throws IOException {
        Channel channel = connect(connector(), target("127.0.0.1")).getNow();
        assertThat(channel.config().isAutoRead()).isFalse();
        assertThat(channel.config().getOption(ChannelOption.ALLOW_HALF_CLOSURE)).isTrue();
        assertThat(channel.config().getOption(ChannelOption.TCP_NODELAY)).isTrue();
        assertThat(channel.pipeline().toMap()).isEmpty();
        try (Socket accepted = server.accept()) {
            channel.writeAndFlush(Unpooled.copiedBuffer(new byte[] {7}));
            assertThat(accepted.getInputStream().read()).isEqualTo(7);
        }
    }

    @Test
    void carriesDatagramsBothWays() throws IOException {
        DirectConnector connector = connector("connections.max", 1);
        assertThat(connector.takesDatagrams()).isTrue();
        try (DatagramSocket echo = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            Channel channel = connector
                    .openDatagrams(loops.group().next())
                    .awaitUninterruptibly()
                    .getNow();
            CompletableFuture<String> answer = new CompletableFuture<>();
            channel.pipeline().addLast(new SimpleChannelInboundHandler<DatagramPacket>() {
                @Override
                protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
                    answer.complete(packet.content().toString(StandardCharsets.US_ASCII) + " from "
                            + packet.sender().getPort());
                }
            });
            channel.config().setAutoRead(true);
            channel.writeAndFlush(new DatagramPacket(
                    Unpooled.copiedBuffer("ping", StandardCharsets.US_ASCII),
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), echo.getLocalPort())));
            java.net.DatagramPacket packet = new java.net.DatagramPacket(new byte[9], 9);
            echo.setSoTimeout(10_000);
            echo.receive(packet);
            echo.send(packet);
            assertThat(answer.orTimeout(10, TimeUnit.SECONDS).join()).isEqualTo("ping from " + echo.getLocalPort());

            assertThat(refusal(connector, target("127.0.0.1")).refusal()).isEqualTo(Cause.OVERLOADED);
            channel.close().awaitUninterruptibly();
            assertThat(connect(connector, target("127.0.0.1")).isSuccess()).isTrue();
        }
    }

    @Test
    void takesTheAddressThatStandsForAllForThisHost() {
        assertThat(connect(connector(), target("0.0.0.0")).isSuccess()).isTrue();
    }

    @Test
    void saysThatATargetRefuses() throws IOException {
        server.close();
        RefusedException refusal = refusal(connector(), target("127.0.0.1"));
        assertThat(refusal.refusal()).isEqualTo(Cause.CONNECTION_REFUSED);
        assertThat(refusal).hasMessage("127.0.0.1: connection refused");
    }

    @Test
    void goesOnToTheNextAddressAtOnceWhenOneFails() {
        long start = System.nanoTime();
        DirectConnector connector = connector("attempt.delay.millis", 30_000);
        assertThat(connect(connector, target("127.0.0.2", "127.0.0.3", "127.0.0.1"))
                        .isSuccess())
                .isTrue();
        assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(10));
    }

    /** A server whose backlog is full does not answer. */
    @Test
    void triesTheNextAddressWhileOneDoesNotAnswer() throws IOException {
        try (ServerSocket silent = new ServerSocket()) {
            silent.bind(new InetSocketAddress("127.0.0.9", server.getLocalPort()), 1);
            fill(silent);
            Channel channel =
                    connect(connector(), target("127.0.0.9", "127.0.0.1")).getNow();
            assertThat(((InetSocketAddress) channel.remoteAddress()).getHostString())
                    .isEqualTo("127.0.0.1");
        }
    }

    @Test
    void saysThatNothingAnswered() throws IOException {
        try (ServerSocket silent = new ServerSocket()) {
            silent.bind(new InetSocketAddress("127.0.0.9", server.getLocalPort()), 1);
            fill(silent);
            RefusedException refusal = refusal(connector("connect.seconds", 1), target("127.0.0.9"));
            assertThat(refusal.refusal()).isEqualTo(Cause.TIMED_OUT);
        }
    }

    private void fill(ServerSocket silent) {
        DirectConnector filler = connector("connect.seconds", 1);
        await().until(() -> !connect(filler, target("127.0.0.9")).isSuccess());
    }

    @Test
    void leavesFromTheAddressItIsBoundTo() throws IOException {
        Channel channel = connect(connector("bind.address", "127.0.0.5"), target("127.0.0.1"))
                .getNow();
        assertThat(((InetSocketAddress) channel.localAddress()).getHostString()).isEqualTo("127.0.0.5");
        RefusedException refusal = refusal(connector("bind.address", "::1"), target("127.0.0.1"));
        assertThat(refusal.refusal()).isEqualTo(Cause.UNREACHABLE);
        assertThat(refusal).hasMessageContaining("same family as bind.address");
    }

    @Test
    void bindsToAnInterfaceOrSaysWhyNot() {
        if (transport.equals("nio")) {
            assertThatThrownBy(() -> connector("bind.interface", "lo"))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("bind.interface = lo: needs the epoll transport, but nio is in use");
            return;
        }
        assertThat(connect(connector("bind.interface", "lo"), target("127.0.0.1"))
                        .isSuccess())
                .isTrue();
        RefusedException refusal = refusal(connector("bind.interface", "nope0"), target("127.0.0.1"));
        assertThat(refusal.refusal()).isEqualTo(Cause.FAILED);
        assertThat(refusal).hasMessageContaining("cannot bind to interface nope0");
    }

    @Test
    void refusesMoreConnectionsThanItMayHave() {
        DirectConnector connector = connector("connections.max", 1);
        Channel first = connect(connector, target("127.0.0.1")).getNow();
        assertThat(refusal(connector, target("127.0.0.1")).refusal()).isEqualTo(Cause.OVERLOADED);
        first.close().awaitUninterruptibly();
        await().until(() -> connect(connector, target("127.0.0.1")).isSuccess());
    }

    @Test
    void givesTheirPlaceBackToAttemptsThatFailed() throws IOException {
        DirectConnector connector = connector("connections.max", 1);
        server.close();
        for (int i = 0; i < 3; i++) {
            await().until(() -> refusal(connector, target("127.0.0.1")).refusal() == Cause.CONNECTION_REFUSED);
        }
    }

    @Test
    void letsOpenConnectionsRunOnForAWhileAfterItHasGone() throws IOException {
        DirectConnector connector = connector("drain.seconds", 1);
        Channel channel = connect(connector, target("127.0.0.1")).getNow();
        try (Socket accepted = server.accept()) {
            connector.stop();
            assertThat(refusal(connector, target("127.0.0.1")).refusal()).isEqualTo(Cause.UNAVAILABLE);
            channel.writeAndFlush(Unpooled.copiedBuffer(new byte[] {7}));
            assertThat(accepted.getInputStream().read()).isEqualTo(7);
            assertThatThrownBy(() -> accepted.getInputStream().read()).isInstanceOf(SocketException.class);
        }
        await().until(() -> !channel.isOpen());
    }

    @Test
    void anAttemptThatConnectsAfterItHasGoneIsDrainedToo() {
        EventLoop loop = loops.group().next();
        for (int drain = 0; drain <= 1; drain++) {
            DirectConnector connector = connector("drain.seconds", drain);
            Promise<List<InetAddress>> rest = loop.newPromise();
            Future<Channel> late = connector.connect(new Admitted(target(), rest), RequestContext.NOBODY, loop);
            connector.stop();
            rest.setSuccess(target("127.0.0.1").addresses());
            assertThat(late.awaitUninterruptibly().isSuccess()).isTrue();
            await().atMost(30, TimeUnit.SECONDS).until(() -> !late.getNow().isOpen());
        }
    }

    @Test
    void keepsItsConfigurationWhenTheNewOneIsWrong() {
        DirectConnector connector = connector("connections.max", 1);
        connector.modified(Map.of("name", "test", "connections.max", 0));
        connect(connector, target("127.0.0.1"));
        assertThat(refusal(connector, target("127.0.0.1"))).hasMessageContaining("connector test has 1 connections");
    }

    @Test
    void refusesAWrongConfiguration() {
        assertThatThrownBy(() -> connector("bind.address", "a.test"))
                .hasMessageContaining("bind.address = a.test: must be an IP address of this host");
        assertThatThrownBy(() -> connector("bind.interface", "a name that is far too long"))
                .hasMessageContaining("must be an interface name of 1 to 15 bytes; this one has 27");
        assertThatThrownBy(() -> connector("bind.interface", "\u00e9".repeat(8)))
                .hasMessageContaining("this one has 16");
        assertThatThrownBy(() -> new DirectConnector(loops, Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("name: is required");
    }
}
