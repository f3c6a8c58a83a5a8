// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A token bucket between a side that is read and a side that is written. It holds what was read too early, which is little
 * because nothing is read while it holds anything, and lets it go in slices of some milliseconds' worth: a bucket of whole
 * reads would make a slow rate one of long pauses.
 */
final class Throttle {
    private static final long SLICE_MILLIS = 20;
    private static final int SLICES_SAVED = 3;
    private static final double LEAST_SAVED = 64;
    private static final double NANOS_PER_MINUTE = TimeUnit.MINUTES.toNanos(1);

    /** What lets bytes through. */
    interface Gate {
        boolean isOpen();

        /** Ownership passes. */
        void pass(ByteBuf bytes);

        /** Some have passed; there may be more to come. */
        void passed();
    }

    private final EventExecutor loop;
    private final Gate gate;
    private final Deque<ByteBuf> held = new ArrayDeque<>();
    private double perNano;
    private double most;
    private double tokens;
    private long filledNanos;
    private Future<?> next;

    Throttle(EventExecutor loop, Gate gate) {
        this.loop = loop;
        this.gate = gate;
        this.filledNanos = loop.ticker().nanoTime();
    }

    /** @param bytesPerMinute 0 = as fast as it goes */
    void rate(long bytesPerMinute) {
        fill();
        boolean first = most == 0;
        perNano = bytesPerMinute / NANOS_PER_MINUTE;
        most = Math.max(LEAST_SAVED, perNano * TimeUnit.MILLISECONDS.toNanos(SLICE_MILLIS * SLICES_SAVED));
        tokens = first ? most : Math.min(tokens, most);
        again();
    }

    boolean isEmpty() {
        return held.isEmpty();
    }

    /** Takes bytes, and lets go as many as are due. */
    void add(ByteBuf bytes) {
        held.add(bytes);
        drain();
    }

    /** Lets go what is due, while the gate is open. */
    void drain() {
        fill();
        boolean any = false;
        while (!held.isEmpty() && gate.isOpen() && (perNano == 0 || tokens >= 1)) {
            ByteBuf first = held.peek();
            int length = perNano == 0 ? first.readableBytes() : (int) Math.min(first.readableBytes(), (long) tokens);
            tokens -= length;
            if (length == first.readableBytes()) {
                held.poll();
                gate.pass(first);
            } else {
                gate.pass(first.readRetainedSlice(length));
            }
            any = true;
        }
        if (!held.isEmpty() && next == null && gate.isOpen()) {
            long oneToken = (long) Math.ceil((1 - tokens) / perNano);
            long wait = Math.max(TimeUnit.MILLISECONDS.toNanos(SLICE_MILLIS), oneToken);
            next = loop.schedule(this::again, wait, TimeUnit.NANOSECONDS);
        }
        if (any) {
            gate.passed();
        }
    }

    /** The gate, which was closed, may be open. */
    void gateOpened() {
        if (next == null) {
            drain();
        }
    }

    /** Lets go everything, due or not, whether the gate is open or not. */
    void letAllGo() {
        List<ByteBuf> all = List.copyOf(held);
        held.clear();
        release();
        all.forEach(gate::pass);
        gate.passed();
    }

    private void again() {
        if (next != null) {
            next.cancel(false);
            next = null;
        }
        drain();
    }

    private void fill() {
        long now = loop.ticker().nanoTime();
        tokens = Math.min(most, tokens + (now - filledNanos) * perNano);
        filledNanos = now;
    }

    /** Drops what it holds. */
    void release() {
        if (next != null) {
            next.cancel(false);
            next = null;
        }
        held.forEach(ByteBuf::release);
        held.clear();
    }
}
