// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Runs an action at the earliest of the requested times. Times are those of {@link System#nanoTime}. Confined to its event loop. */
final class WakeTimer {
    /** A time that never comes. */
    static final long NEVER = Long.MAX_VALUE;

    private final EventLoop loop;
    private final Runnable action;
    private Future<?> pending;
    private long dueAt;

    WakeTimer(EventLoop loop, Runnable action) {
        this.loop = loop;
        this.action = action;
    }

    static long earlier(long one, long other) {
        return one == NEVER || other != NEVER && other - one < 0 ? other : one;
    }

    /** Replaces a later pending time; an earlier one stays. */
    void wakeAt(long at, long now) {
        if (at == NEVER || pending != null && dueAt - at <= 0) {
            return;
        }
        cancel();
        dueAt = at;
        pending = loop.schedule(this::wake, Math.max(0, at - now), TimeUnit.NANOSECONDS);
    }

    private void wake() {
        // The future is not done before this method returns.
        pending = null;
        action.run();
    }

    void cancel() {
        if (pending != null) {
            pending.cancel(false);
            pending = null;
        }
    }
}
