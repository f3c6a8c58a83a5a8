// SPDX-License-Identifier: Apache-2.0
package io.httun.streams;

import io.netty.handler.codec.http2.DefaultHttp2LocalFlowController;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.AttributeKey;

/**
 * Windows that grow with bandwidth x delay: a stream whose reader took two thirds of its window within one round trip gets four times as much, or
 * what a stream of this pipe has used before, up to {@link #MAX_WINDOW}. A stream that is not read keeps what it has, and what all streams have
 * gained together is bounded, so that readers that stop cannot take all memory. On the pipe's event loop.
 */
final class GrowingWindows extends DefaultHttp2LocalFlowController {
    /** One stream at 400 MiB/s and 40 ms ({@code wire/streams.md}). */
    static final int MAX_WINDOW = 16 << 20;

    /** What the streams of a pipe may have beyond their first windows, together. */
    static final long MAX_GAIN = 64L << 20;

    /** Update a window when a quarter is used: at half, as Netty does unless told, a stream at a distance waits for it. */
    private static final float UPDATE_RATIO = 0.75f;

    private static final int GROWTH = 4;

    /** The part of a window that a reader takes within a round trip when the window is what holds it back. */
    private static final double TAKEN = 2.0 / 3;

    static final AttributeKey<GrowingWindows> KEY = AttributeKey.valueOf(GrowingWindows.class, "windows");

    private static final class Reading {
        private long since;
        private long bytes;
        private long gain;
    }

    private final Http2Connection connection;
    private final Http2Connection.PropertyKey key;
    private final RoundTrip roundTrip;
    private volatile long gained;
    /** The largest window of which a reader took two thirds within a round trip. */
    private int used;

    GrowingWindows(Http2Connection connection, RoundTrip roundTrip) {
        super(connection, UPDATE_RATIO, false);
        this.connection = connection;
        this.key = connection.newKey();
        this.roundTrip = roundTrip;
        connection.addListener(new Http2ConnectionAdapter() {
            @Override
            public void onStreamRemoved(Http2Stream stream) {
                Reading reading = stream.removeProperty(key);
                gained -= reading == null ? 0 : reading.gain;
            }
        });
    }

    /** What all streams have beyond their first windows, in bytes. Any thread. */
    long gained() {
        return gained;
    }

    @Override
    public boolean consumeBytes(Http2Stream stream, int bytes) throws Http2Exception {
        roundTrip.arrived();
        long trip = roundTrip.nanos();
        if (trip > 0
                && stream != connection.connectionStream()
                && stream.state().remoteSideOpen()) {
            consumed(stream, bytes, trip);
        }
        return super.consumeBytes(stream, bytes);
    }

    private void consumed(Http2Stream stream, int bytes, long trip) throws Http2Exception {
        Reading reading = stream.getProperty(key);
        if (reading == null) {
            reading = new Reading();
            reading.since = roundTrip.now();
            stream.setProperty(key, reading);
        } else if (roundTrip.now() - reading.since > trip) {
            reading.since = roundTrip.now();
            reading.bytes = 0;
        }
        reading.bytes += bytes;
        int window = initialWindowSize(stream);
        if (reading.bytes >= window * TAKEN) {
            used = Math.max(used, window);
            reading.bytes = 0;
            grow(stream, reading, window);
        }
    }

    private void grow(Http2Stream stream, Reading reading, int window) throws Http2Exception {
        int wanted = (int) Math.min(MAX_WINDOW, Math.max(used, GROWTH * (long) window)) - window;
        int gain = (int) Math.min(wanted, MAX_GAIN - gained);
        if (gain > 0) {
            reading.gain += gain;
            gained += gain;
            incrementWindowSize(stream, gain);
        }
    }
}
