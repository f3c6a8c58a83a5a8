// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** HTTP/2 on a client's connection (RFC 9113): each stream is a channel with its own negotiation. */
final class Http2Streams {
    private static final int STREAMS = 100;
    private static final int STREAM_WINDOW = 256 << 10;
    /** Large enough for all streams together, so that an unread stream does not block the others. */
    private static final int CONNECTION_WINDOW = STREAMS * STREAM_WINDOW;

    /** The initial window of a connection (RFC 9113 section 6.9.2). */
    private static final int FIRST_WINDOW = 65_535;

    private static final int MAX_HEADERS = 16_384;
    private static final int IDLE_SECONDS = 60;
    private static final String PREFACE_LINE = "PRI * HTTP/2.0\r\n\r\n";

    private Http2Streams() {}

    static void install(ChannelHandlerContext ctx, ListenerClient client) {
        Http2FrameCodec codec = Http2FrameCodecBuilder.forServer()
                .initialSettings(Http2Settings.defaultSettings()
                        .maxConcurrentStreams(STREAMS)
                        .initialWindowSize(STREAM_WINDOW)
                        .maxHeaderListSize(MAX_HEADERS))
                .build();
        ChannelPipeline pipeline = ctx.pipeline();
        pipeline.addBefore(ctx.name(), null, codec);
        pipeline.addBefore(ctx.name(), null, new Http2MultiplexHandler(new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel stream) {
                stream.config().setAutoRead(false);
                stream.pipeline().addLast(client.streams().apply(stream));
            }
        }));
        widen(ctx, codec);
        closeWhenIdle(ctx, codec);
    }

    private static void widen(ChannelHandlerContext ctx, Http2FrameCodec codec) {
        try {
            codec.connection()
                    .local()
                    .flowController()
                    .incrementWindowSize(codec.connection().connectionStream(), CONNECTION_WINDOW - FIRST_WINDOW);
            ctx.flush();
        } catch (Http2Exception e) {
            throw new IllegalStateException("a window of " + CONNECTION_WINDOW, e);
        }
    }

    private static void closeWhenIdle(ChannelHandlerContext ctx, Http2FrameCodec codec) {
        Future<?> check = ctx.executor()
                .scheduleAtFixedRate(
                        new Runnable() {
                            private boolean idle;

                            @Override
                            public void run() {
                                boolean now = codec.connection().numActiveStreams() == 0;
                                if (now && idle) {
                                    ctx.close();
                                }
                                idle = now;
                            }
                        },
                        IDLE_SECONDS / 2,
                        IDLE_SECONDS / 2,
                        TimeUnit.SECONDS);
        ctx.channel().closeFuture().addListener(closed -> check.cancel(false));
    }

    /**
     * Switches to HTTP/2 after the first line of its preface was decoded as a request. Deferred, because the decoder
     * passes on its remaining bytes only after it has returned.
     *
     * @param early supplies the bytes after the line
     * @param install adds the codec
     */
    static void afterPreface(ChannelHandlerContext ctx, Supplier<List<ByteBuf>> early, Runnable install) {
        ctx.channel().config().setAutoRead(false);
        ChannelHandlerContext decoder = ctx.pipeline().context(RequestReader.class);
        ChannelPipeline pipeline = ctx.pipeline();
        pipeline.remove(decoder.handler());
        pipeline.remove(HttpCodecs.ReplyWriter.class);
        ctx.executor().execute(() -> {
            List<ByteBuf> rest = early.get();
            install.run();
            ChannelHandler codec = pipeline.get(Http2FrameCodec.class);
            ChannelHandlerContext next = pipeline.context(codec);
            ByteBuf all = Unpooled.wrappedBuffer(
                    Unpooled.copiedBuffer(PREFACE_LINE, StandardCharsets.US_ASCII),
                    Unpooled.wrappedBuffer(rest.toArray(ByteBuf[]::new)));
            try {
                ((Http2FrameCodec) codec).channelRead(next, all);
                ((Http2FrameCodec) codec).channelReadComplete(next);
            } catch (Exception e) {
                next.fireExceptionCaught(e);
            }
            ctx.channel().config().setAutoRead(true);
        });
    }
}
