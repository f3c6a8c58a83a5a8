// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol.pipe;

import java.util.concurrent.TimeUnit;

/**
 * Decides when the client sends a request on {@code r}. These requests wait at the server for data, and they carry news: what the reader
 * has read, which requests have failed, which epoch has begun. Used by one thread at a time.
 */
final class ReadRequests {
    /** Nanoseconds without data after which one waiting request is enough. */
    private static final long QUIET = TimeUnit.SECONDS.toNanos(30);

    /** Requests that wait at the server while there is data, so that one is there while the other is on its way. */
    private static final int WAITING = 2;

    /** One in so many requests is kept back for news: further news goes out while the first waits. */
    private static final int RESERVED_PART = 4;

    private static final long JITTER = TimeUnit.MILLISECONDS.toNanos(2);

    private final ReorderBuffer in;
    private final int limit;
    private final LossList losses = new LossList();
    private final Backoff backoff = new Backoff();
    private int most;
    private int inFlight;
    private int wanted = WAITING;
    private long nextNumber;
    private long told;
    private long lastAsk;
    private long lastData;
    private long shortest = Long.MAX_VALUE;

    /** @param limit of the requests in flight */
    ReadRequests(ReorderBuffer in, int limit, long now) {
        this.in = in;
        this.limit = limit;
        this.most = limit;
        this.lastData = now;
    }

    /** Sets how many requests may be in flight, except for one more that tells an epoch. */
    void most(int requests) {
        most = requests;
    }

    int inFlight() {
        return inFlight;
    }

    /** Data has left or arrived. */
    void dataMoved(long now) {
        lastData = now;
    }

    /** The next request that should go out now; it is in flight at once. @return null if there is none */
    PipeExchange.Read next(long now) {
        if (!isWanted(now) || backoff.isWaiting(now)) {
            return null;
        }
        inFlight++;
        told = in.position();
        lastAsk = now;
        return new PipeExchange.Read(nextNumber++, in.position(), mostForData(), losses.list(), now);
    }

    private boolean isWanted(long now) {
        if (losses.isFull()) {
            return false;
        }
        if (backoff.isProbing()) {
            return inFlight == 0;
        }
        // Urgent news must not wait for an answer: the requests in flight may themselves wait for the news.
        boolean urgent = losses.isUrgent() || isUntold() && newsAt() - now <= 0;
        int enough = urgent ? inFlight + 1 : now - lastData > QUIET ? 1 : wanted;
        return inFlight < Math.min(enough, urgent ? most : mostForData())
                || isEpochUntold() && inFlight <= most && inFlight < limit;
    }

    /** Whether the server may not know the epoch. All requests that may be in flight may wait there for data of the epoch before. */
    private boolean isEpochUntold() {
        return PipeEpoch.of(told) != PipeEpoch.of(in.position());
    }

    /** The other requests are kept back for news: these may all wait at the server until it has heard them. */
    private int mostForData() {
        return most > WAITING ? most - Math.max(1, most / RESERVED_PART) : most;
    }

    /** Whether the reader has bytes that no request has acknowledged. */
    private boolean isUntold() {
        return in.position() > told;
    }

    /** When an acknowledgement is worth a request of its own: after a round trip in which no other request went out. */
    private long newsAt() {
        return lastAsk + (shortest == Long.MAX_VALUE ? 5 * JITTER : Math.max(JITTER, shortest));
    }

    /** Nanoseconds at which to ask {@link #next} again; {@link Long#MAX_VALUE} if only an event can change its answer. */
    long wakeAt(long now) {
        if (isWanted(now)) {
            return backoff.isWaiting(now) ? backoff.until() : now;
        }
        boolean laterNews = isUntold() && inFlight < most && !backoff.isProbing() && !losses.isFull();
        return laterNews ? newsAt() : Long.MAX_VALUE;
    }

    /** A request has left flight with an answer. */
    void answered(PipeExchange.Read read, long now) {
        inFlight--;
        backoff.answered();
        losses.known(read.losses);
        if (read.bytes == 0) {
            wanted = Math.max(WAITING, wanted / 2);
            return;
        }
        long took = now - read.began;
        shortest = Math.min(shortest, took);
        if (read.bytes >= PipeLimits.SMALL || took <= shortest + shortest / 4) {
            // There is much data, or the data waited for the request. The server bounds what is in flight, so that
            // surplus requests only wait
            // there.
            wanted = Math.min(PipeLimits.MAX_EXCHANGES, wanted + 1);
        }
    }

    /** A request has left flight without an answer. */
    void failed(PipeExchange.Read read, long now) {
        inFlight--;
        losses.add(read.number());
        losses.unknown(read.losses);
        backoff.failed(read.began, now);
    }

    /** The line is another one: tries again now, and measures anew. */
    void lineChanged(long now) {
        backoff.retryNow(now);
        shortest = Long.MAX_VALUE;
    }

    boolean isFailing() {
        return backoff.isFailing();
    }
}
