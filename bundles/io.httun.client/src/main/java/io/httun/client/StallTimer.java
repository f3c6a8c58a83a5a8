// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Fires when no byte has moved on a connection for some time, in either direction, while a reply is due: it limits the time without
 * progress, not the total. Confined to its event loop.
 */
final class StallTimer {
    private final EventLoop loop;
    private final Runnable stalled;
    private Channel watched;
    private long limitNanos;
    private long lastMoved;
    private long lastPending;
    private Future<?> next;
    private long nextAt;

    StallTimer(EventLoop loop, Runnable stalled) {
        this.loop = loop;
        this.stalled = stalled;
    }

    /** Starts after a request was written. */
    void watch(Channel channel, long millis) {
        watched = channel;
        limitNanos = TimeUnit.MILLISECONDS.toNanos(millis);
        lastMoved = System.nanoTime();
        lastPending = pending(channel);
        if (next == null) {
            arm(limitNanos);
        } else if (nextAt - lastMoved > limitNanos) {
            next.cancel(false);
            arm(limitNanos);
        }
    }

    /** Notes progress: a part of a reply was received. */
    void moved() {
        lastMoved = System.nanoTime();
    }

    /** Stops: the reply is complete or no longer wanted. */
    void stop() {
        watched = null;
    }

    /** Compares the times when it fires, so that one timer serves many requests. */
    private void arm(long nanos) {
        nextAt = System.nanoTime() + nanos;
        next = loop.schedule(this::look, nanos, TimeUnit.NANOSECONDS);
    }

    private void look() {
        next = null;
        if (watched == null) {
            return;
        }
        long pending = pending(watched);
        if (pending < lastPending) {
            lastPending = pending;
            lastMoved = System.nanoTime();
        }
        long left = limitNanos - (System.nanoTime() - lastMoved);
        if (left > 0) {
            arm(left);
        } else {
            watched = null;
            stalled.run();
        }
    }

    /** Number of bytes of the request that the kernel has not accepted. */
    private static long pending(Channel channel) {
        ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
        return buffer == null ? 0 : buffer.totalPendingWriteBytes();
    }
}
