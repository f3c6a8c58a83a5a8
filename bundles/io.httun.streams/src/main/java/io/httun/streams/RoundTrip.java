// SPDX-License-Identifier: Apache-2.0
package io.httun.streams;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.Http2PingFrame;
import io.netty.util.AttributeKey;
import java.util.concurrent.TimeUnit;

/** The time from one end of a pipe to the other and back, measured by PING (RFC 9113 section 6.7) while bytes arrive. On the pipe's event loop. */
final class RoundTrip {
    private static final AttributeKey<RoundTrip> KEY = AttributeKey.valueOf(RoundTrip.class, "trip");
    private static final long PAYLOAD = 0x6874_7475_6e4bL;

    /** Often enough for windows to grow within a second of a transfer's begin; 17 bytes each. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private ChannelHandlerContext context;
    private boolean waiting;
    private long sent;
    private volatile long nanos;

    /** As {@link #nanos()}, of a pipe that may not have begun to measure. */
    static long nanos(Channel pipe) {
        RoundTrip trip = pipe.attr(KEY).get();
        return trip == null ? 0 : trip.nanos();
    }

    void start(ChannelHandlerContext ctx) {
        context = ctx;
        ctx.channel().attr(KEY).set(this);
        sent = now() - PAUSE_NANOS;
    }

    /** The last one, in nanoseconds; 0 before the first has been measured. Any thread. */
    long nanos() {
        return nanos;
    }

    long now() {
        return context.executor().ticker().nanoTime();
    }

    /** Bytes have arrived. */
    void arrived() {
        if (!waiting && now() - sent >= PAUSE_NANOS) {
            waiting = true;
            sent = now();
            context.writeAndFlush(new DefaultHttp2PingFrame(PAYLOAD));
        }
    }

    void answered(Http2PingFrame ping) {
        if (ping.ack() && ping.content() == PAYLOAD && waiting) {
            waiting = false;
            nanos = Math.max(1, now() - sent);
        }
    }
}
