// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol.pipe;

import io.httun.protocol.FrameBody;

/**
 * Bounds of a pipe.
 *
 * @param exchanges requests of one direction in flight, at most {@link #MAX_EXCHANGES}
 * @param buffer bytes that one direction keeps at one end: sent and not acknowledged, or received and not read
 */
public record PipeLimits(int exchanges, int buffer) {
    /** Requests of one direction that may be in flight ({@code docs/wire.md}, "Parallel requests"). */
    public static final int MAX_EXCHANGES = 64;

    /** 16 MiB: 400 MiB/s at a round trip of 40 ms. Both ends must agree, so it is part of the protocol. */
    public static final int BUFFER = 16 << 20;

    /** Less data than this leaves at once, and a body with less is no sign of a bulk transfer. */
    static final int SMALL = 4 << 10;

    /** Nanoseconds that a request on {@code r} waits: below the 10 s after which the shortest proxy seen cuts (Xray-core #4846). */
    public static final long READ_WAIT = 5_000_000_000L;

    /** Nanoseconds that the answer to a {@code w} is held back while the reader is slow: below the time limit of a client. */
    public static final long WRITE_HOLD = 2_000_000_000L;

    /** Unread bytes beyond which answers to {@code w} are held back. */
    static final int SLOW_READER = 1 << 20;

    public static final PipeLimits DEFAULT = new PipeLimits(MAX_EXCHANGES, BUFFER);

    public PipeLimits {
        if (exchanges < 1 || exchanges > MAX_EXCHANGES) {
            throw new IllegalArgumentException(exchanges + " exchanges, expected 1 to " + MAX_EXCHANGES);
        }
        if (buffer < FrameBody.MIN_BATCH) {
            throw new IllegalArgumentException(
                    "buffer of " + buffer + " bytes, expected " + FrameBody.MIN_BATCH + " or more");
        }
    }
}
