// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol.pipe;

import java.util.concurrent.TimeUnit;

/**
 * Decides when a body of IP packets leaves and how large it is ({@code docs/wire.md}, "Parallel requests"). As much is in flight as for the
 * bodies of a pipe; beyond that packets wait in their queue, which decides what to drop. While a body is in flight, the packets of a short
 * time travel together, as each body costs an HTTP exchange. Used by one thread at a time.
 */
public final class PacketPacer {
    /** Nanoseconds that packets wait for others at most: jitter that no flow notices. */
    private static final long MOST_SPACING = TimeUnit.MILLISECONDS.toNanos(2);

    /** A body that is in flight. */
    public static final class Flight {
        private final LineEstimate.Sample sample;
        private final int length;
        private final long left;
        private boolean landed;

        private Flight(LineEstimate.Sample sample, int length, long left) {
            this.sample = sample;
            this.length = length;
            this.left = left;
        }
    }

    private final LineEstimate line = new LineEstimate(PipeLimits.BUFFER);
    private long inFlight;
    private long lastLeft;
    private long lastExchange;

    /**
     * Length that a body may have now.
     *
     * @param waiting length of a body with all that waits, as {@link io.httun.protocol.FrameSource#waiting}
     * @return 0 while none may leave
     */
    public int next(int waiting, long now) {
        return isAllowed(waiting) && (isWorthIt(waiting) || now - lastLeft >= spacing()) ? line.body() : 0;
    }

    /** Nanoseconds at which to ask {@link #next} again; {@link Long#MAX_VALUE} if only an event can change its answer. */
    public long wakeAt(int waiting) {
        return isAllowed(waiting) ? lastLeft + spacing() : Long.MAX_VALUE;
    }

    private boolean isAllowed(int waiting) {
        return waiting >= 0 && (inFlight == 0 || inFlight + Math.min(waiting, line.body()) <= line.inFlight());
    }

    private boolean isWorthIt(int waiting) {
        return inFlight == 0 || waiting >= line.body();
    }

    /** On a short line one body at a time is as fast as several, and costs less. */
    private long spacing() {
        return Math.min(MOST_SPACING, lastExchange);
    }

    /** A body leaves. */
    public Flight sent(int length, long now) {
        Flight flight = new Flight(line.sent(inFlight, length, now), length, now);
        inFlight += length;
        lastLeft = now;
        return flight;
    }

    /** The peer has a body. */
    public void delivered(Flight flight, long now) {
        if (land(flight)) {
            lastExchange = now - flight.left;
            line.delivered(flight.sample, flight.length, now);
        }
    }

    /** A body is lost, or its fate is unknown. @param first whether it is the first of those that were in flight together */
    public void lost(Flight flight, boolean first) {
        if (land(flight) && first) {
            line.failed();
        }
    }

    private boolean land(Flight flight) {
        if (flight.landed) {
            return false;
        }
        flight.landed = true;
        inFlight -= flight.length;
        return true;
    }

    /** Bytes that are in flight. */
    public long inFlight() {
        return inFlight;
    }

    /** The shortest round trip in nanoseconds, 0 while none is known. */
    public long roundTrip() {
        return line.roundTrip();
    }
}
