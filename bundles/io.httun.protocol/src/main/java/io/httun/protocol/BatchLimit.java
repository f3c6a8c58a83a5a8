// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How large a batch may be, so that what comes behind it does not wait long and no time limit is passed on a slow way:
 * it doubles while full batches take no longer than small ones did, by more than a target, and is halved otherwise. Now and
 * then one small batch finds out anew how long the way itself is. Not thread-safe.
 */
public final class BatchLimit {
    private static final long PROBE = TimeUnit.SECONDS.toNanos(30);

    private final long target;
    private final LongSupplier clock;
    private int limit = FrameBody.MIN_BATCH;
    private int beforeProbe = FrameBody.MIN_BATCH;
    private long floor = Long.MAX_VALUE;
    private long floorSince;
    private long began;
    private int length;

    /**
     * @param target nanoseconds that a full batch may take longer than a small one
     * @param clock as {@link System#nanoTime}
     */
    public BatchLimit(long target, LongSupplier clock) {
        this.target = target;
        this.clock = clock;
        this.floorSince = clock.getAsLong();
    }

    /** Longest body for the next batch. */
    public int limit() {
        return limit;
    }

    /** Time that an exchange takes at least; 0 while it is not known. */
    public long floor() {
        return floor == Long.MAX_VALUE ? 0 : floor;
    }

    /** A batch is on its way. */
    public void began(int bodyLength) {
        began = clock.getAsLong();
        length = bodyLength;
    }

    /** The batch has arrived. Without {@link #began} before, nothing happens. */
    public void ended() {
        if (length == 0) {
            return;
        }
        long now = clock.getAsLong();
        long took = now - began;
        floor = Math.min(floor, took);
        if (limit == FrameBody.MIN_BATCH && beforeProbe > limit) {
            limit = beforeProbe;
            beforeProbe = FrameBody.MIN_BATCH;
        } else if (took - floor > target) {
            limit = Math.max(FrameBody.MIN_BATCH, limit / 2);
        } else if (length > limit / 2) {
            limit = Math.min(FrameBody.MAX_BATCH, 2 * limit);
        }
        length = 0;
        if (now - floorSince > PROBE && limit > FrameBody.MIN_BATCH) {
            floorSince = now;
            floor = Long.MAX_VALUE;
            beforeProbe = limit;
            limit = FrameBody.MIN_BATCH;
        }
    }
}
