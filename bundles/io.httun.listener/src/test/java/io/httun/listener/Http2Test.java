// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.api.status.ConnectionStatus;
import io.httun.api.target.RefusedException.Cause;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** CONNECT and forwarding by HTTP/2, from a client with prior knowledge (RFC 9113 section 3.3). */
class Http2Test {
    private static final int SECONDS = 20;

    private final ListenerRig rig = new ListenerRig("auto");
    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private LocalListener listener;

    /** The answer of a stream. */
    private static final class Answer extends ChannelInboundHandlerAdapter {
        final CompletableFuture<Http2Headers> head = new CompletableFuture<>();
        final CompletableFuture<byte[]> body = new CompletableFuture<>();
        final CompletableFuture<Long> reset = new CompletableFuture<>();
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            boolean end = false;
            if (message instanceof Http2HeadersFrame frame) {
                head.complete(frame.headers());
                end = frame.isEndStream();
            } else if (message instanceof Http2DataFrame frame) {
                ByteBuf content = frame.content();
                bytes.writeBytes(io.netty.buffer.ByteBufUtil.getBytes(content));
                end = frame.isEndStream();
            }
            ReferenceCountUtil.release(message);
            if (end) {
                body.complete(bytes.toByteArray());
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof Http2ResetFrame frame) {
                reset.complete(frame.errorCode());
            }
        }

        String status() {
            return head.orTimeout(SECONDS, TimeUnit.SECONDS).join().status().toString();
        }

        byte[] body() {
            return body.orTimeout(SECONDS, TimeUnit.SECONDS).join();
        }
    }

    @BeforeEach
    void start() {
        listener = rig.connect();
    }

    @AfterEach
    void end() throws IOException {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        rig.close();
    }

    private Channel dial() {
        return new Bootstrap()
                .group(group)
                .channel(NioSocketChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(
                                        Http2FrameCodecBuilder.forClient().build(),
                                        new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()));
                    }
                })
                .connect("127.0.0.1", ListenerRig.portOf(listener))
                .syncUninterruptibly()
                .channel();
    }

    private record Stream(Http2StreamChannel channel, Answer answer) {
        void send(byte[] bytes, boolean end) {
            channel.writeAndFlush(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(bytes), end))
                    .syncUninterruptibly();
        }
    }

    private static Stream open(Channel connection, Http2Headers headers, boolean end) {
        Answer answer = new Answer();
        Http2StreamChannel stream = new Http2StreamChannelBootstrap(connection)
                .handler(answer)
                .open()
                .syncUninterruptibly()
                .getNow();
        stream.writeAndFlush(new DefaultHttp2HeadersFrame(headers, end)).syncUninterruptibly();
        return new Stream(stream, answer);
    }

    private static Stream connect(Channel connection, String authority) {
        return open(connection, new DefaultHttp2Headers().method("CONNECT").authority(authority), false);
    }

    @Test
    void carriesManyStreamsOfOneConnectionEachWithItsOwnEnds() throws IOException {
        int echo = rig.echo();
        Channel connection = dial();
        List<Stream> streams = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            streams.add(connect(connection, "127.0.0.1:" + echo));
        }
        for (Stream stream : streams) {
            assertThat(stream.answer().status()).isEqualTo("200");
            stream.send(new byte[300_000], false);
            stream.send("the end".getBytes(StandardCharsets.US_ASCII), true);
        }
        for (Stream stream : streams) {
            assertThat(stream.answer().body()).hasSize(300_007).endsWith("the end".getBytes(StandardCharsets.US_ASCII));
        }
        assertThat(listener.status().accepted()).isEqualTo(21);
        assertThat(listener.origin().connections())
                .extracting(ConnectionStatus::state)
                .contains("multiplexed");
        connection.close();
        await().until(() -> listener.origin().connections().isEmpty());
        assertThat(listener.origin().closedConnections())
                .hasSize(21)
                .extracting(ConnectionStatus::cause)
                .containsOnly("closed");
    }

    @Test
    void takesWhatComesBeforeTheAnswer() throws IOException {
        Stream stream = connect(dial(), "localhost:" + rig.echo());
        stream.send("early".getBytes(StandardCharsets.US_ASCII), true);
        assertThat(stream.answer().status()).isEqualTo("200");
        assertThat(stream.answer().body()).asString().isEqualTo("early");
    }

    @Test
    void resetsTheTargetWithTheStreamAndTheStreamWithTheTarget() throws Exception {
        CompletableFuture<Boolean> broken = new CompletableFuture<>();
        int target = rig.target(socket -> {
            try {
                socket.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
                broken.complete(false);
            } catch (IOException e) {
                broken.complete(true);
            }
        });
        Channel connection = dial();
        Stream stream = connect(connection, "127.0.0.1:" + target);
        assertThat(stream.answer().status()).isEqualTo("200");
        stream.channel()
                .writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.CANCEL))
                .sync();
        assertThat(broken.get(SECONDS, TimeUnit.SECONDS)).isTrue();

        int rude = rig.target(socket -> {
            socket.setSoLinger(true, 0);
            socket.getInputStream().read();
        });
        Stream second = connect(connection, "127.0.0.1:" + rude);
        assertThat(second.answer().status()).isEqualTo("200");
        second.send(new byte[1], false);
        assertThat(second.answer().reset.get(SECONDS, TimeUnit.SECONDS)).isEqualTo(Http2Error.CONNECT_ERROR.code());
    }

    @ParameterizedTest
    @ValueSource(strings = {"nowhere", "a.test:0", "user@a.test:1", "a.test:65536", "a.test:1/path"})
    void refusesMalformedTargets(String authority) {
        Stream stream = connect(dial(), authority);
        assertThat(stream.answer().status()).isEqualTo("400");
        assertThat(stream.answer().body()).asString().contains("httun: ");
    }

    @Test
    void saysWhyATargetCannotBeHad() {
        rig.connector = ListenerRig.failing(Cause.TIMED_OUT);
        Channel connection = dial();
        assertThat(connect(connection, "a.test:1").answer().status()).isEqualTo("504");
        assertThat(connect(connection, "127.0.0.1:" + ListenerRig.portOf(listener))
                        .answer()
                        .status())
                .isEqualTo("504");
        rig.connector = ListenerRig.failing(Cause.DENIED);
        assertThat(connect(connection, "a.test:1").answer().status()).isEqualTo("403");
    }

    @Test
    void answersStreamsThatThereIsNoRoomFor() throws IOException {
        String target = "127.0.0.1:" + rig.echo();
        listener = rig.connect("connections.max", 2);
        Channel connection = dial();
        assertThat(connect(connection, target).answer().status()).isEqualTo("200");
        Stream beyond = connect(connection, target);
        assertThat(beyond.answer().status()).isEqualTo("503");
        assertThat(beyond.answer().body()).asString().isEqualTo("httun: too many connections\n");
        Stream plain = open(
                connection,
                new DefaultHttp2Headers()
                        .method("GET")
                        .scheme("http")
                        .authority(target)
                        .path("/"),
                true);
        assertThat(plain.answer().status()).isEqualTo("503");
        Channel another = dial();
        assertThat(connect(another, target).answer().status()).isEqualTo("503");
        assertThat(another.closeFuture().awaitUninterruptibly(SECONDS, TimeUnit.SECONDS))
                .isTrue();
        listener = rig.connect("policy", "per.source=2");
        connection = dial();
        assertThat(connect(connection, target).answer().status()).isEqualTo("200");
        assertThat(connect(connection, target).answer().status()).isEqualTo("429");
    }

    @Test
    void forwardsPlainRequests() throws IOException {
        try (WebTarget web = new WebTarget()) {
            Channel connection = dial();
            Http2Headers get = new DefaultHttp2Headers()
                    .method("GET")
                    .scheme("http")
                    .authority("127.0.0.1:" + web.port())
                    .path("/page?x=y");
            Stream stream = open(connection, get, true);
            assertThat(stream.answer().status()).isEqualTo("200");
            assertThat(stream.answer().body())
                    .asString()
                    .startsWith("GET /page?x=y")
                    .contains("Via=[2.0 httun-")
                    .doesNotContain("X-http2");
            Stream upload = open(connection, get.method("POST").path("/echo"), false);
            upload.send(new byte[200_000], true);
            assertThat(upload.answer().body()).hasSize(200_000);
            assertThat(open(connection, get.method("GET").scheme("https").path("/"), true)
                            .answer()
                            .status())
                    .isEqualTo("400");
        }
    }
}
