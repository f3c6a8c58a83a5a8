// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** One HTTP/2 connection; every stream is a channel of its own with an {@link Http2Stream}. */
final class Http2Connection extends ChannelInboundHandlerAdapter implements HttpConnection.Protocol {
    private static final int MAX_STREAMS = 128;
    private static final int STREAM_WINDOW = 1 << 20;
    private static final int CONNECTION_WINDOW = 4 << 20;
    private static final int SHUTDOWN_MILLIS = 2_000;

    private final HttpConnection connection;
    private final Http2FrameCodec codec;
    private final ChannelHandler multiplexer;
    private final Set<Http2Stream> streams = new LinkedHashSet<>();
    private ChannelHandlerContext context;
    private boolean stopping;

    Http2Connection(HttpConnection connection) {
        this.connection = connection;
        this.codec = Http2FrameCodecBuilder.forServer()
                .initialSettings(Http2Settings.defaultSettings()
                        .maxConcurrentStreams(MAX_STREAMS)
                        .initialWindowSize(STREAM_WINDOW)
                        .maxHeaderListSize(connection.limits().head()))
                .gracefulShutdownTimeoutMillis(SHUTDOWN_MILLIS)
                .validateRequiredPseudoHeaders(true)
                .build();
        this.multiplexer = new Http2MultiplexHandler(new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel stream) {
                stream.pipeline().addLast(new Http2Stream(connection, Http2Connection.this));
            }
        });
    }

    Http2FrameCodec codec() {
        return codec;
    }

    ChannelHandler multiplexer() {
        return multiplexer;
    }

    /** Without an upgrade: the client began with HTTP/2. */
    void install(ChannelPipeline pipeline) {
        pipeline.addLast(codec, multiplexer, this);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) throws Http2Exception {
        context = ctx;
        connection.speaks(this);
        EndpointSettings.Limits limits = connection.limits();
        connection.within(connection.isRefused() ? limits.headSeconds() : limits.idleSeconds());
        var flow = codec.connection().local().flowController();
        int more = CONNECTION_WINDOW - flow.windowSize(codec.connection().connectionStream());
        flow.incrementWindowSize(codec.connection().connectionStream(), more);
        ctx.flush();
    }

    void opened(Http2Stream stream) {
        streams.add(stream);
        connection.within(0);
    }

    void closed(Http2Stream stream) {
        streams.remove(stream);
        if (streams.isEmpty()) {
            if (stopping || connection.isRefused()) {
                context.channel().close();
            } else {
                connection.within(connection.limits().idleSeconds());
            }
        }
    }

    /** While there are streams, each has its own time limit, and this is asked once a second. */
    @Override
    public void overdue(long now) {
        if (streams.isEmpty()) {
            context.channel().close();
        } else {
            List<Http2Stream> all = new ArrayList<>(streams);
            all.forEach(stream -> stream.check(now));
        }
    }

    /** Closing says GOAWAY and lets the streams end. */
    @Override
    public void stop() {
        stopping = true;
        List<Http2Stream> all = new ArrayList<>(streams);
        all.forEach(Http2Stream::stop);
        context.channel().close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        connection.server().broken(cause);
        ctx.close();
    }
}
