// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import io.httun.api.tunnel.TunnelReply;
import io.netty.channel.ChannelFuture;
import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A request until its reply is there: takes exactly one, and passes it on on the event loop. */
final class Waiting {
    private final EventExecutor loop;
    private final Consumer<TunnelReply> taker;
    private final AtomicInteger count;
    private CompletableFuture<TunnelReply> future;
    private boolean over;

    /**
     * @param taker called on the loop, at most once; owns the reply then
     * @param count how many wait on this listening address
     */
    Waiting(EventExecutor loop, Consumer<TunnelReply> taker, AtomicInteger count) {
        this.loop = loop;
        this.taker = taker;
        this.count = count;
    }

    /** On the loop. */
    void on(CompletableFuture<TunnelReply> reply) {
        future = reply;
        count.incrementAndGet();
        reply.whenComplete((answer, failure) -> {
            TunnelReply taken = failure == null ? answer : TunnelReply.unavailable();
            if (loop.inEventLoop()) {
                take(taken);
            } else {
                handOver(taken);
            }
        });
    }

    private void handOver(TunnelReply reply) {
        try {
            loop.execute(() -> take(reply));
        } catch (RejectedExecutionException e) {
            // The loops have ended, and every connection with them.
            drop(reply);
        }
    }

    private void take(TunnelReply reply) {
        if (over) {
            drop(reply);
        } else {
            end();
            taker.accept(reply);
        }
    }

    /** Answers instead of the server. On the loop. */
    void answer(TunnelReply reply) {
        if (!over) {
            end();
            future.cancel(false);
            taker.accept(reply);
        }
    }

    /** The reply is not wanted any more. On the event loop. */
    void cancel() {
        if (!over) {
            end();
            future.cancel(false);
        }
    }

    private void end() {
        over = true;
        count.decrementAndGet();
    }

    /** A reply that will not be written. */
    static void drop(TunnelReply reply) {
        reply.body().release();
        reply.rest().ifPresent(rest -> rest.bytes().cancel(false));
        reply.delivery().failed();
    }

    /** Tells the server what became of a reply. */
    static void report(TunnelReply reply, ChannelFuture written) {
        if (written.isSuccess()) {
            reply.delivery().written();
        } else {
            reply.delivery().failed();
        }
    }
}
