// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol.pipe;

import io.httun.protocol.FrameBody;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * Estimates a line: its delivery rate, sampled for each exchange as in section 4.1 of the BBR draft
 * (draft-cardwell-iccrg-bbr-congestion-control), and its shortest round trip. From these follow how much to keep in flight
 * and how large a body may be ({@code docs/wire.md}, "How much in flight"). Used by one thread at a time.
 */
final class LineEstimate {
    /** Least bytes in flight: what TCP's first windows carry anyway. */
    static final int MIN_IN_FLIGHT = 64 << 10;

    /** Smallest body while more data waits: below this, the cost of a request is noticeable. */
    static final int MIN_BODY = 16 << 10;

    /** Bytes of a body beside its data, at most: the frames of the largest body, with gaps between their ranges. */
    static final int FRAMING = 2048;

    /** Data of the largest body: what fits into a batch. */
    static final int MAX_BODY = FrameBody.MAX_BATCH - FRAMING;

    /** Smallest body after failures: a proxy or a line may take no more. */
    static final int LEAST_BODY = 4 << 10;

    /** Nanoseconds of the line's capacity in one body. */
    private static final long BODY = TimeUnit.MILLISECONDS.toNanos(10);

    /** Nanoseconds of the line's capacity in its queue: they keep it busy between two exchanges, and no typist notices them. */
    private static final long QUEUE = TimeUnit.MILLISECONDS.toNanos(20);

    /** Nanoseconds after which the shortest round trip is to be confirmed. */
    private static final long ROUND_TRIP_AGE = TimeUnit.SECONDS.toNanos(10);

    /** Round trips over which the largest rate counts. */
    private static final int ROUNDS = 10;

    private static final int ROUNDS_WITHOUT_GROWTH = 3;
    private static final int PARTS_IN_FLIGHT = 4;
    /** Parts into which what is in flight is divided at most: a long line needs no more requests than a short one. */
    private static final int MAX_PARTS = 8;

    private static final double GROWTH = 1.25;
    private static final double DROP = 0.85;
    private static final double SECOND = TimeUnit.SECONDS.toNanos(1);

    /** The state of the line when an exchange began. */
    static final class Sample {
        private long sentAt;
        private long firstSentAt;
        private long delivered;
        private long deliveredAt;
        private long before;
        private boolean limited;
    }

    private final int most;
    private final double[] rates = new double[ROUNDS];
    private int round;
    private boolean measured;
    private long roundEnds;
    private long delivered;
    private long deliveredAt;
    private long firstSentAt;
    private double rate;
    private double fullRate;
    private int fullRounds;
    private boolean starting = true;
    private long roundTrip = Long.MAX_VALUE;
    private long roundTripAt;
    private double rateThen;
    private boolean draining;
    private int largest = MAX_BODY;
    private int bodyCap = MAX_BODY;
    private int parts = MAX_PARTS;

    /** @param most bytes that may ever be in flight */
    LineEstimate(int most) {
        this.most = most;
    }

    /**
     * An exchange begins.
     *
     * @param inFlight bytes in flight before it
     * @param bytes that it adds at most
     */
    Sample sent(long inFlight, long bytes, long now) {
        if (inFlight == 0) {
            firstSentAt = now;
            deliveredAt = now;
        }
        Sample sample = new Sample();
        sample.sentAt = now;
        sample.firstSentAt = firstSentAt;
        sample.delivered = delivered;
        sample.deliveredAt = deliveredAt;
        sample.before = inFlight;
        sample.limited = inFlight + bytes + body() <= inFlight();
        return sample;
    }

    /** The peer has the bytes of an exchange. */
    void delivered(Sample sample, long bytes, long now) {
        delivered += bytes;
        deliveredAt = now;
        firstSentAt = sample.sentAt;
        roundTrip(sample, now);
        boolean roundOver = sample.delivered >= roundEnds;
        if (roundOver) {
            roundEnds = delivered;
        }
        long interval = Math.max(1, Math.max(sample.sentAt - sample.firstSentAt, now - sample.deliveredAt));
        rate(SECOND * (delivered - sample.delivered) / interval, sample.limited);
        if (roundOver && measured) {
            nextRound();
        }
        if (2 * bytes >= bodyCap) {
            bodyCap = Math.min(largest, 2 * bodyCap);
        }
    }

    private void rate(double sampled, boolean limited) {
        if (limited && sampled <= rate) {
            return;
        }
        measured |= !limited;
        rates[round] = Math.max(rates[round], sampled);
        rate = Math.max(rate, sampled);
    }

    private void nextRound() {
        measured = false;
        if (starting) {
            if (rate >= GROWTH * fullRate) {
                fullRate = rate;
                fullRounds = 0;
            } else {
                starting = ++fullRounds < ROUNDS_WITHOUT_GROWTH;
            }
        }
        round = (round + 1) % ROUNDS;
        rates[round] = 0;
        rate = Arrays.stream(rates).max().getAsDouble();
    }

    /**
     * A round trip that is measured while the queue is full contains the queue, and that of the other direction too. So the
     * shortest one is kept while the rate stays; once the rate has dropped, the queue is drained to measure anew.
     */
    private void roundTrip(Sample sample, long now) {
        long took = now - sample.sentAt;
        if (took <= roundTrip) {
            measuredRoundTrip(took, now);
        } else if (now - roundTripAt > ROUND_TRIP_AGE) {
            if (sample.before <= product() / 2) {
                // The sample may contain a queue of other traffic, so the estimate rises in steps.
                measuredRoundTrip(Math.min(took, roundTrip + roundTrip / 4), now);
            } else if (!draining && rate >= DROP * rateThen) {
                roundTripAt = now;
            } else {
                draining = true;
            }
        }
    }

    private void measuredRoundTrip(long took, long now) {
        roundTrip = Math.max(1, took);
        roundTripAt = now;
        rateThen = rate;
        draining = false;
    }

    /** An exchange of this size failed. */
    void failed() {
        bodyCap = Math.max(LEAST_BODY, Math.min(bodyCap, body()) / 2);
    }

    /** Starts anew, on another line. */
    void reset() {
        Arrays.fill(rates, 0);
        rate = 0;
        fullRate = 0;
        fullRounds = 0;
        starting = true;
        roundTrip = Long.MAX_VALUE;
        rateThen = 0;
        draining = false;
    }

    private long product() {
        return roundTrip == Long.MAX_VALUE ? 0 : (long) (rate * roundTrip / SECOND);
    }

    /** Sets how many requests carry the data: few requests need large bodies. */
    void requests(int most) {
        // A third of them is on the way while the others are being answered.
        parts = Math.max(1, Math.min(MAX_PARTS, most * 2 / 3));
    }

    /** Sets the most data of a body, for a proxy that limits bodies. */
    void largestBody(int bytes) {
        largest = Math.max(LEAST_BODY, Math.min(MAX_BODY, bytes));
        bodyCap = Math.min(bodyCap, largest);
    }

    /** Bytes to keep in flight. */
    long inFlight() {
        if (roundTrip == Long.MAX_VALUE) {
            return MIN_IN_FLIGHT;
        }
        if (draining) {
            return product() / 2;
        }
        return (long) Math.min(most, Math.max(MIN_IN_FLIGHT, rate * time() / SECOND + body()));
    }

    /** Nanoseconds of the line's capacity to keep in flight. */
    private long time() {
        return roundTrip + Math.max(QUEUE, starting ? roundTrip : roundTrip / 4);
    }

    /** Bytes of data that one body should carry at most. */
    int body() {
        boolean known = roundTrip != Long.MAX_VALUE;
        long queue = known ? roundTrip + QUEUE : QUEUE;
        long least = known ? time() / parts : 0;
        double body = rate * Math.max(least, Math.min(BODY, queue / PARTS_IN_FLIGHT)) / SECOND;
        return (int) Math.min(bodyCap, Math.max(MIN_BODY, Math.min(MAX_BODY, body)));
    }

    /** The shortest round trip in nanoseconds; 0 while none is known. */
    long roundTrip() {
        return roundTrip == Long.MAX_VALUE ? 0 : roundTrip;
    }

    /** Bytes per second; 0 while not known. */
    double rate() {
        return rate;
    }
}
