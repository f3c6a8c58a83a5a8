// SPDX-License-Identifier: Apache-2.0
package io.httun.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.httun.api.relay.RelayOrigin;
import io.httun.api.relay.RelayPolicy;
import io.httun.api.relay.RelaySettings;
import io.httun.api.status.PipeStatus;
import io.httun.api.stream.StreamConnector;
import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Target;
import io.httun.testrig.Echoes;
import io.httun.testrig.TunnelRig;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Streams in pipes that are plain connections on loopback. */
@Timeout(60)
class StreamsTest {
    private final StreamRig both = new StreamRig();
    private final TunnelRig rig = both.rig;
    private final RelayOrigin origin = both.origin;
    private final StreamConnector connector = both.connector;

    @AfterEach
    void close() throws IOException {
        both.close();
    }

    private Future<Channel> connect(Target target) {
        EventLoop loop = rig.loops().group().next();
        return connector.connect(target, loop).awaitUninterruptibly();
    }

    private Cause refusal(Target target) {
        return ((RefusedException) connect(target).cause()).refusal();
    }

    @Test
    void carriesBothWaysAtOnce() throws Exception {
        int target = rig.echo();
        Echoes.bothWays(rig.local(connector, "127.0.0.1:" + target), 20_000_000);
        await().until(() -> connector.streams() == 0);
        await().untilAsserted(() ->
                assertThat(origin.closedConnections().get(0).end()).isEqualTo("COMPLETE"));
    }

    @Test
    void manyConnectionsShareOnePipePerEventLoop() throws Exception {
        int port = rig.local(connector, "127.0.0.1:" + rig.echo());
        Echoes.atOnce(port, 200, 100_000);
        assertThat(both.pipes.get()).isLessThanOrEqualTo(2);
    }

    @Test
    void aTargetMaySpeakFirst() throws Exception {
        int target = rig.target(
                socket -> socket.getOutputStream().write("220 ready\r\n".getBytes(StandardCharsets.US_ASCII)));
        try (Socket socket = TunnelRig.dial(rig.local(connector, "localhost:" + target))) {
            assertThat(socket.getInputStream().readAllBytes()).asString().isEqualTo("220 ready\r\n");
        }
    }

    @Test
    void eachDirectionEndsByItself() throws Exception {
        try (Socket socket = TunnelRig.dial(rig.local(connector, "127.0.0.1:" + rig.echo()))) {
            socket.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
            socket.shutdownOutput();
            assertThat(socket.getInputStream().readAllBytes()).asString().isEqualTo("hello");
        }
    }

    @Test
    void aTargetThatResetsShowsAsAReset() throws Exception {
        int target = rig.target(socket -> {
            socket.getInputStream().read();
            socket.setSoLinger(true, 0);
        });
        try (Socket socket = TunnelRig.dial(rig.local(connector, "127.0.0.1:" + target))) {
            socket.getOutputStream().write(1);
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(IOException.class);
        }
    }

    @Test
    void anApplicationThatResetsShowsAsAResetToTheTarget() throws Exception {
        CompletableFuture<String> seen = new CompletableFuture<>();
        int target = rig.target(socket -> {
            try {
                socket.getInputStream().transferTo(socket.getOutputStream());
                seen.complete("end");
            } catch (IOException e) {
                seen.complete("reset");
            }
        });
        try (Socket socket = TunnelRig.dial(rig.local(connector, "127.0.0.1:" + target))) {
            Echoes.hello(socket);
            socket.setSoLinger(true, 0);
        }
        assertThat(seen.get()).isEqualTo("reset");
    }

    @Test
    void saysWhyThereIsNoConnection() throws Exception {
        int closed;
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = probe.getLocalPort();
        }
        assertThat(refusal(Target.parse("127.0.0.1:" + closed))).isEqualTo(Cause.CONNECTION_REFUSED);
        assertThat(refusal(Target.parse("nowhere.invalid:80"))).isEqualTo(Cause.UNRESOLVED);
        origin.change(new RelaySettings("channel", List.of("missing"), 20_000, RelayPolicy.UNLIMITED, Map.of()));
        assertThat(refusal(Target.parse("127.0.0.1:" + closed))).isEqualTo(Cause.DENIED);
        origin.change(new RelaySettings("channel", List.of(), 1, RelayPolicy.UNLIMITED, Map.of()));
        Channel one = connect(Target.parse("127.0.0.1:" + rig.echo())).getNow();
        assertThat(refusal(Target.parse("127.0.0.1:" + closed))).isEqualTo(Cause.OVERLOADED);
        one.close();
    }

    @Test
    void oneReaderThatNeverReadsStopsNobody() throws Exception {
        byte[] much = new byte[8 << 20];
        int target = rig.target(socket -> socket.getOutputStream().write(much));
        int port = rig.local(connector, "127.0.0.1:" + target);
        List<Socket> silent = new ArrayList<>();
        try {
            for (int i = 0; i < 20; i++) {
                silent.add(TunnelRig.dial(port));
            }
            for (int i = 0; i < 10; i++) {
                try (Socket socket = TunnelRig.dial(port)) {
                    assertThat(socket.getInputStream().readAllBytes()).hasSize(much.length);
                }
            }
        } finally {
            for (Socket socket : silent) {
                socket.close();
            }
        }
    }

    @Test
    void whenTheServersHalfStopsStreamsAreResetAndNewOnesFindAnotherPipe() throws Exception {
        int port = rig.local(connector, "127.0.0.1:" + rig.echo());
        try (Socket socket = TunnelRig.dial(port)) {
            Echoes.hello(socket);
            Http2Multiplexer old = both.atServer;
            both.atServer = new Http2Multiplexer(rig.loops());
            old.stop();
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketException.class);
        }
        try (Socket socket = TunnelRig.dial(port)) {
            Echoes.hello(socket);
        }
    }

    @Test
    void aPipeThatDrainsKeepsItsStreamsAndGetsNoNewOnes() throws Exception {
        EventLoop loop = rig.loops().group().next();
        Target target = Target.parse("127.0.0.1:" + rig.echo());
        Channel old = connector.connect(target, loop).awaitUninterruptibly().getNow();
        // As RFC 9113 section 6.8 has it: streams that are on their way are served as well.
        both.atServerEnd
                .get(0)
                .writeAndFlush(
                        new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR).setExtraStreamIds(PipeCodec.MAX_STREAMS));
        await().until(() -> {
            connector.connect(target, loop).awaitUninterruptibly().getNow().close();
            return both.pipes.get() == 2;
        });
        BlockingQueue<Integer> back = new LinkedBlockingQueue<>();
        old.pipeline().addLast(new SimpleChannelInboundHandler<ByteBuf>() {
            @Override
            protected void channelRead0(ChannelHandlerContext ctx, ByteBuf bytes) {
                back.add((int) bytes.readByte());
            }
        });
        old.config().setAutoRead(true);
        old.writeAndFlush(Unpooled.buffer(1).writeByte(7));
        assertThat(back.poll(20, TimeUnit.SECONDS)).isEqualTo(7);
        assertThat(both.atClientEnd.get(0).isOpen()).isTrue();
        old.close();
        await().until(() -> !both.atClientEnd.get(0).isOpen());
        assertThat(both.atClientEnd.get(1).isOpen()).isTrue();
    }

    @Test
    void tellsTheRoundTripOfItsPipes() throws Exception {
        Echoes.bothWays(rig.local(connector, "127.0.0.1:" + rig.echo()), 1_000_000);
        await().untilAsserted(
                        () -> assertThat(both.atClient.pipes()).singleElement().satisfies(pipe -> {
                            assertThat(pipe.name()).isEqualTo("test");
                            assertThat(pipe.side()).isEqualTo("client");
                            assertThat(pipe.roundTripMicros()).isPositive();
                        }));
        assertThat(both.atServer.pipes())
                .singleElement()
                .extracting(PipeStatus::side)
                .isEqualTo("server");
    }

    @Test
    void showsTheStreamsThatAreOpenInAPipe() throws Exception {
        Channel stream = connector
                .connect(
                        Target.parse("127.0.0.1:" + rig.echo()),
                        rig.loops().group().next())
                .sync()
                .getNow();
        for (Http2Multiplexer end : List.of(both.atClient, both.atServer)) {
            await().untilAsserted(
                            () -> assertThat(end.streams()).singleElement().satisfies(shown -> {
                                assertThat(shown.kind()).isEqualTo("connection");
                                assertThat(shown.id()).isPositive();
                                assertThat(shown.pipe())
                                        .isEqualTo(end.pipes().get(0).id());
                                assertThat(end.pipes().get(0).streams()).isEqualTo(1);
                            }));
        }
        stream.close();
        await().untilAsserted(() -> assertThat(both.atServer.streams()).isEmpty());
    }
}
