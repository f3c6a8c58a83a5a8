// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Answers and counts requests that are refused, and limits the rate of each address. */
final class RefusalReplies {
    private static final long DELAY_MILLIS = 500;
    private static final int MAX_DELAYED = 4096;

    private final Parts parts;
    private final Strangers strangers = new Strangers();
    private final AtomicInteger delayed = new AtomicInteger();

    RefusalReplies(Parts parts) {
        this.parts = parts;
    }

    /** Counts a request that no session expects, and says whether it may still cost the work of looking for its session. */
    boolean mayAsk(TunnelRequest request) {
        return strangers.mayAsk(request.carrier().peer(), parts.settings().get().strangersPerSecond());
    }

    /**
     * Answers 503, which is no refusal: a client with a session may have the same address. The answer is late, which slows down a
     * sender that waits for answers.
     */
    CompletionStage<TunnelReply> tooMany(TunnelRequest request) {
        parts.refusals().count(Refusals.Cause.STRANGER, from(request, request.method()));
        if (delayed.get() >= MAX_DELAYED) {
            return unavailable();
        }
        delayed.incrementAndGet();
        CompletableFuture<TunnelReply> late = new CompletableFuture<>();
        parts.loops()
                .next()
                .schedule(
                        () -> {
                            delayed.decrementAndGet();
                            late.complete(TunnelReply.unavailable());
                        },
                        DELAY_MILLIS,
                        TimeUnit.MILLISECONDS);
        return late;
    }

    /** @param channel counts it */
    CompletionStage<TunnelReply> refuse(
            TunnelRequest request, ServerChannel channel, Refusals.Cause cause, String detail) {
        channel.countRefused();
        parts.refusals().count(cause, from(request, detail));
        return refused();
    }

    /** To a client that has the channel's secret. */
    CompletionStage<TunnelReply> unavailable(Refusals.Cause cause, String detail) {
        parts.refusals().count(cause, detail);
        return unavailable();
    }

    /** To a client that has the channel's secret: it is to go to another server. */
    CompletionStage<TunnelReply> draining(String detail) {
        parts.refusals().count(Refusals.Cause.DRAINING, detail);
        return CompletableFuture.completedFuture(Drain.refusal());
    }

    /** To a client that has the channel's secret. */
    CompletionStage<TunnelReply> refused(Refusals.Cause cause, String detail) {
        parts.refusals().count(cause, detail);
        return refused();
    }

    private static CompletionStage<TunnelReply> unavailable() {
        return CompletableFuture.completedFuture(TunnelReply.unavailable());
    }

    private static CompletionStage<TunnelReply> refused() {
        return CompletableFuture.completedFuture(TunnelReply.refused());
    }

    private String from(TunnelRequest request, String detail) {
        String peer = request.carrier().peer();
        boolean named = parts.settings().get().logClientAddresses() && !peer.isEmpty();
        return named ? detail + ", from " + peer : detail;
    }
}
