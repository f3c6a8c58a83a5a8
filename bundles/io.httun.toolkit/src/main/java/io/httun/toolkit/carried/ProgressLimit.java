// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.carried;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** A limit on the time without progress: a slow line may take as long as it needs. Confined to its event loop. */
public final class ProgressLimit {
    private final EventLoop loop;
    private final int seconds;
    private final LongSupplier progress;
    private final Runnable expired;
    private long before;
    private Future<?> next;

    private ProgressLimit(EventLoop loop, int seconds, LongSupplier progress, Runnable expired) {
        this.loop = loop;
        this.seconds = seconds;
        this.progress = progress;
        this.expired = expired;
    }

    /**
     * Starts to look every {@code seconds}.
     *
     * @param progress a number that changes while something moves
     * @param expired called once, on the loop, when it has not changed since the last look
     */
    public static ProgressLimit start(EventLoop loop, int seconds, LongSupplier progress, Runnable expired) {
        ProgressLimit limit = new ProgressLimit(loop, seconds, progress, expired);
        limit.look();
        return limit;
    }

    private void look() {
        before = progress.getAsLong();
        next = loop.schedule(this::check, seconds, TimeUnit.SECONDS);
    }

    private void check() {
        if (progress.getAsLong() == before) {
            expired.run();
        } else {
            look();
        }
    }

    /** Ends it. */
    public void cancel() {
        next.cancel(false);
    }
}
