// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.tunnel.Carrier;
import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import io.httun.api.tunnel.TunnelService;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.SslContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Carries requests to a {@link TunnelService} over HTTP, and loses replies when told to. */
final class TestEndpoint implements AutoCloseable {
    /** Of 100 replies, how many are lost after the request was handled. */
    volatile int lost;
    /** Of 100 requests, how many are answered 503 unhandled. */
    volatile int unavailable;
    /** Whether a web server stands here whose endpoint is away. */
    volatile boolean away;

    final AtomicInteger losses = new AtomicInteger();
    /** Requests whose frame is an init. */
    final AtomicInteger inits = new AtomicInteger();
    /** Bytes of all bodies of requests. */
    final AtomicLong uploaded = new AtomicLong();
    /** In bytes, of a request or a reply. */
    final AtomicInteger longestBody = new AtomicInteger();

    /** In bytes, of a request. */
    final AtomicInteger longestRequest = new AtomicInteger();

    /** Requests that were not answered yet, at most. */
    final AtomicInteger mostAtOnce = new AtomicInteger();

    private final AtomicInteger atOnce = new AtomicInteger();

    /** {@code m=} and the base64url of 96 bytes. */
    private static final int INIT_QUERY = 130;

    private final TunnelService service;
    private final Random random = new Random(1);
    private final Channel listener;

    TestEndpoint(Fixture fixture, TunnelService service, SslContext tls) {
        this.service = service;
        this.listener = new ServerBootstrap()
                .group(fixture.group())
                .channel(fixture.serverSocketChannel())
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        if (tls != null) {
                            channel.pipeline().addLast(tls.newHandler(channel.alloc()));
                        }
                        channel.pipeline()
                                .addLast(new HttpServerCodec(16_384, 16_384, 16_384))
                                .addLast(new HttpObjectAggregator(TunnelRequest.MAX_BODY))
                                .addLast(new Handler());
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .syncUninterruptibly()
                .channel();
    }

    int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    String url() {
        return "http://127.0.0.1:" + port();
    }

    @Override
    public void close() {
        listener.close().syncUninterruptibly();
    }

    private synchronized boolean happens(int percent) {
        return random.nextInt(100) < percent;
    }

    static TunnelReply noSuchPage() {
        ByteBuf page = Unpooled.copiedBuffer("<html>HTTP ERROR 404 Not Found</html>", StandardCharsets.US_ASCII);
        return new TunnelReply(404, List.of(), page, TunnelReply.Delivery.UNTRACKED);
    }

    private final class Handler extends SimpleChannelInboundHandler<FullHttpRequest> {
        private final Carrier carrier = new Carrier();

        @Override
        protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
            if (away) {
                write(context, noSuchPage());
                return;
            }
            if (happens(unavailable)) {
                write(context, TunnelReply.unavailable());
                return;
            }
            String[] uri = request.uri().split("\\?", 2);
            ByteBuf body = request.content().retain();
            longestBody.accumulateAndGet(body.readableBytes(), Math::max);
            longestRequest.accumulateAndGet(body.readableBytes(), Math::max);
            uploaded.addAndGet(body.readableBytes());
            if (uri.length > 1 && uri[1].length() == INIT_QUERY) {
                inits.incrementAndGet();
            }
            int now = atOnce.incrementAndGet();
            mostAtOnce.accumulateAndGet(now, Math::max);
            service.handle(new TunnelRequest(
                            request.method().name(), uri[0], uri.length > 1 ? uri[1] : "", "", body, carrier))
                    .whenComplete((reply, failure) -> context.executor().execute(() -> {
                        atOnce.decrementAndGet();
                        if (failure != null) {
                            context.close();
                        } else if (happens(lost)) {
                            // As the endpoint sees it, the reply went out.
                            losses.incrementAndGet();
                            reply.body().release();
                            reply.delivery().written();
                            context.close();
                        } else {
                            write(context, reply);
                        }
                    }));
        }

        private void write(ChannelHandlerContext context, TunnelReply reply) {
            longestBody.accumulateAndGet(reply.body().readableBytes(), Math::max);
            FullHttpResponse response = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(reply.status()), reply.body());
            reply.headers().forEach(header -> response.headers().add(header.getKey(), header.getValue()));
            HttpUtil.setContentLength(response, reply.body().readableBytes());
            context.writeAndFlush(response).addListener(written -> {
                if (written.isSuccess()) {
                    reply.delivery().written();
                } else {
                    reply.delivery().failed();
                }
            });
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
