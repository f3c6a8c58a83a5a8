// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol.pipe;

import io.httun.protocol.Frame;
import io.httun.protocol.FrameBody;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** The sending side of either end: its buffer, its estimate of the line, and the decision what may leave. Used by one thread at a time. */
final class Outbound {
    private final int limit;
    private final SendBuffer buffer;
    private final LineEstimate line;
    private int requests;
    private long inFlight;
    private boolean writable = true;

    Outbound(ByteBufAllocator allocator, int limit) {
        this.limit = limit;
        this.buffer = new SendBuffer(allocator, limit);
        this.line = new LineEstimate(limit);
        this.requests = PipeLimits.MAX_EXCHANGES;
    }

    SendBuffer buffer() {
        return buffer;
    }

    LineEstimate line() {
        return line;
    }

    long inFlight() {
        return inFlight;
    }

    /** Sets how many requests carry the data. */
    void requests(int most) {
        requests = most;
        line.requests(most);
    }

    /**
     * Bytes that the next body may carry; 0 while nothing may leave. Where half of the requests are busy, a part of a body waits for the rest
     * or for an answer: parts would occupy the requests that a long line needs for full bodies.
     *
     * @param busy requests whose bodies are in flight
     */
    int next(int busy) {
        long sendable = buffer.sendable();
        if (sendable == 0) {
            return 0;
        }
        int most = line.body();
        int size = (int) Math.min(sendable, most);
        boolean fits = sendable < PipeLimits.SMALL || inFlight + size <= line.inFlight();
        boolean allowed = inFlight == 0 || buffer.isFirstLost() || fits && (size == most || 2 * busy < requests);
        return allowed ? size : 0;
    }

    /** A body of this size begins. */
    LineEstimate.Sample begin(int size, long now) {
        return line.sent(inFlight, size, now);
    }

    /** Fills a frame from the {@code budget} of a body. Returns the bytes of data written. */
    int fill(ByteBuf frame, int budget, OffsetRanges carried) {
        int room = Math.min(FrameBody.room(frame), budget + PipeFrames.DATA_HEADER);
        int length = buffer.fill(frame, room, carried);
        inFlight += length;
        return length;
    }

    /** A body has left flight: its bytes were delivered or lost. */
    void landed(OffsetRanges carried) {
        inFlight -= carried.length();
    }

    /** Length of a body that holds so many bytes of data; enough for frames that end at the gaps between lost ranges. */
    static int bodyLength(int data) {
        int perFrame = FrameBody.OVERHEAD + PipeFrames.DATA_HEADER;
        int frames = data / (Frame.MAX_PAYLOAD - PipeFrames.DATA_HEADER) + 1;
        return Math.min(FrameBody.MAX_BATCH, data + frames * perFrame);
    }

    /** Unsent bytes above which the pipe is not writable: one body, so that later data waits for no more than that. */
    private long highWater() {
        return line.body();
    }

    boolean isWritable() {
        long unsent = buffer.unsent();
        writable = writable
                ? unsent < highWater() && buffer.retained() < limit
                : unsent <= highWater() / 2 && buffer.retained() <= Math.max(limit / 2, limit - highWater() / 2);
        return writable;
    }

    long bytesBeforeUnwritable() {
        return isWritable() ? Math.min(highWater() - buffer.unsent(), limit - buffer.retained()) : 0;
    }
}
