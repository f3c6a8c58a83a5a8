// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;

/** The HTTP/2 of both ends of a connection that carries forwarded requests; every exchange is a stream. */
final class ForwardConnection {
    /** Most of them wait for data and hold nothing. */
    static final int MAX_STREAMS = 16_384;

    private static final int STREAM_WINDOW = 1 << 20;
    private static final int CONNECTION_WINDOW = 16 << 20;

    /** Netty caps writes of a stream by what the connection takes before it is unwritable (netty #10193). */
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(1 << 20, 4 << 20);

    private ForwardConnection() {}

    static void serve(Channel channel, ChannelHandler streams) {
        install(channel, Http2FrameCodecBuilder.forServer(), streams);
    }

    static void use(Channel channel) {
        install(channel, Http2FrameCodecBuilder.forClient(), new ChannelInboundHandlerAdapter());
    }

    private static void install(Channel channel, Http2FrameCodecBuilder builder, ChannelHandler streams) {
        channel.config().setWriteBufferWaterMark(WATER_MARK);
        Http2FrameCodec codec = builder.initialSettings(Http2Settings.defaultSettings()
                        .maxConcurrentStreams(MAX_STREAMS)
                        .initialWindowSize(STREAM_WINDOW))
                .gracefulShutdownTimeoutMillis(0)
                .build();
        channel.pipeline().addLast(codec, new Http2MultiplexHandler(streams), new Window(codec));
    }

    /** Opens the connection's window; closes after what HTTP/2 does not allow. */
    private static final class Window extends ChannelInboundHandlerAdapter {
        private final Http2FrameCodec codec;

        Window(Http2FrameCodec codec) {
            this.codec = codec;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) throws Http2Exception {
            if (ctx.channel().isActive()) {
                open(ctx);
            }
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) throws Http2Exception {
            open(ctx);
            ctx.fireChannelActive();
        }

        private void open(ChannelHandlerContext ctx) throws Http2Exception {
            var flow = codec.connection().local().flowController();
            var connection = codec.connection().connectionStream();
            flow.incrementWindowSize(connection, CONNECTION_WINDOW - flow.windowSize(connection));
            ctx.flush();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
