// SPDX-License-Identifier: Apache-2.0
package io.httun.streams;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.WeightedFairQueueByteDistributor;
import java.util.function.Supplier;

/** HTTP/2 on a pipe as both ends want it: windows that neither distance nor a reader that has stopped closes for others. */
final class PipeCodec extends Http2FrameCodecBuilder {
    /** Streams of one pipe at once ({@code wire/streams.md}). */
    static final int MAX_STREAMS = 10_000;

    /** What one stream may have sent that its reader has not taken, at first; see {@link GrowingWindows}. */
    static final int FIRST_STREAM_WINDOW = 256 << 10;

    /**
     * The largest (RFC 9113 section 6.9.1), so that readers that have stopped cannot close it for the others; each stream's own window
     * bounds what waits.
     */
    private static final int CONNECTION_WINDOW = Integer.MAX_VALUE;

    private static final int INITIAL_CONNECTION_WINDOW = 65_535;

    /** Between a keystroke that waits on a slow line (26 ms on 10 Mbit/s) and the cost of a frame. */
    private static final int MAX_FRAME = 32 << 10;

    private static final int MAX_HEADERS = 8192;

    /**
     * Netty writes to a stream no more than the carrying channel is from unwritable (netty #10193): below a few frames it would write crumbs.
     */
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(512 << 10, 1 << 20);

    private PipeCodec(Http2Connection connection) {
        connection(connection);
        gracefulShutdownTimeoutMillis(0);
        // A GOAWAY has the client leave a pipe that, without its multiplexer, only begins its next epoch.
        decoupleCloseAndGoAway(true);
    }

    static void client(Channel pipe, RoundTrip roundTrip, ChannelHandler last) {
        Http2Settings settings = settings().pushEnabled(false);
        install(pipe, new DefaultHttp2Connection(false), settings, roundTrip, RefusedStream::new, last);
    }

    static void server(Channel pipe, RoundTrip roundTrip, Supplier<ChannelHandler> stream, ChannelHandler last) {
        Http2Settings settings = settings().maxConcurrentStreams(MAX_STREAMS).connectProtocolEnabled(true);
        install(pipe, new DefaultHttp2Connection(true), settings, roundTrip, stream, last);
    }

    private static Http2Settings settings() {
        return Http2Settings.defaultSettings()
                .initialWindowSize(FIRST_STREAM_WINDOW)
                .maxFrameSize(MAX_FRAME)
                .maxHeaderListSize(MAX_HEADERS);
    }

    private static void install(
            Channel pipe,
            Http2Connection connection,
            Http2Settings settings,
            RoundTrip roundTrip,
            Supplier<ChannelHandler> inbound,
            ChannelHandler last) {
        GrowingWindows windows = new GrowingWindows(connection, roundTrip);
        connection.local().flowController(windows);
        pipe.attr(GrowingWindows.KEY).set(windows);
        WeightedFairQueueByteDistributor distributor = new WeightedFairQueueByteDistributor(connection);
        distributor.allocationQuantum(MAX_FRAME);
        connection.remote().flowController(new DefaultHttp2RemoteFlowController(connection, distributor));
        Http2FrameCodec codec = new PipeCodec(connection)
                .initialSettings(settings)
                // Both limits guard against strangers; the peer here holds the key, and resets what its users leave.
                .decoderEnforceMaxRstFramesPerWindow(0, 0)
                .encoderEnforceMaxRstFramesPerWindow(0, 0)
                .build();
        pipe.config().setWriteBufferWaterMark(WATER_MARK);
        ChannelInitializer<Channel> streams = new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel stream) {
                stream.config().setAutoRead(false);
                stream.pipeline().addLast(inbound.get());
            }
        };
        pipe.pipeline().addLast(codec, new Http2MultiplexHandler(streams), last);
        try {
            windows.incrementWindowSize(connection.connectionStream(), CONNECTION_WINDOW - INITIAL_CONNECTION_WINDOW);
        } catch (Http2Exception e) {
            throw new IllegalStateException("the connection's window", e);
        }
        pipe.flush();
        pipe.config().setAutoRead(true);
    }
}
