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
 * A token bucket between a side that is read and a side that is written, combined with the rates that it shares with
 * other connections. It queues the bytes that were read too early; the queue is short, because the side is not read
 * while the queue holds bytes. The queue drains in slices of a few milliseconds: larger slices would turn a slow rate
 * into long pauses.
 */
final class Throttle {
    /** Nanoseconds. */
    static final long SLICE = TimeUnit.MILLISECONDS.toNanos(20);

    private static final int SLICES_SAVED = 3;
    private static final double LEAST_SAVED = 64;
    private static final double NANOS_PER_MINUTE = TimeUnit.MINUTES.toNanos(1);

    /** The output of a throttle. */
    interface Gate {
        boolean isOpen();

        /** Takes ownership. */
        void pass(ByteBuf bytes);

        /** Called after one or more {@link #pass}; more may follow. */
        void passed();
    }

    private final EventExecutor loop;
    private final Gate gate;
    private final Deque<ByteBuf> held = new ArrayDeque<>();
    private long heldBytes;
    private List<SharedRate.Share> shares = List.of();
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

    /** The bucket's capacity in bytes. */
    static double most(double perNano) {
        return Math.max(LEAST_SAVED, perNano * SLICE * SLICES_SAVED);
    }

    /** Applies a new limit. */
    void limit(RateLimit limit) {
        fill();
        boolean first = perNano == 0;
        perNano = limit.bytesPerMinute() / NANOS_PER_MINUTE;
        most = most(perNano);
        tokens = first ? most : Math.min(tokens, most);
        leave();
        shares = limit.totals().stream().map(total -> total.new Share()).toList();
        again();
    }

    boolean isEmpty() {
        return held.isEmpty();
    }

    /** Bytes in the queue. */
    long held() {
        return heldBytes;
    }

    /** Queues bytes, and drains those that are due. */
    void add(ByteBuf bytes) {
        held.add(bytes);
        heldBytes += bytes.readableBytes();
        drain();
    }

    /**
     * Returns true if a datagram may pass now; datagrams are never queued. A datagram larger than the bucket needs a
     * full bucket.
     */
    boolean passes(int bytes) {
        fill();
        if (perNano > 0 && tokens < Math.min(bytes, most)) {
            return false;
        }
        tokens -= bytes;
        long now = loop.ticker().nanoTime();
        for (int i = 0; i < shares.size(); i++) {
            long granted = shares.get(i).take(bytes, now);
            if (granted < bytes) {
                shares.get(i).giveBack(granted);
                giveBack(bytes, i);
                leave();
                return false;
            }
        }
        leave();
        return true;
    }

    /** Writes the bytes that are due, while the gate is open. */
    void drain() {
        fill();
        long allowed = isWaiting() ? take() : 0;
        boolean any = allowed > 0;
        while (allowed > 0 && !held.isEmpty() && gate.isOpen()) {
            ByteBuf first = held.peek();
            int length = (int) Math.min(first.readableBytes(), allowed);
            allowed -= length;
            heldBytes -= length;
            if (length == first.readableBytes()) {
                held.poll();
                gate.pass(first);
            } else {
                gate.pass(first.readRetainedSlice(length));
            }
        }
        giveBack(allowed, shares.size());
        if (next == null && (isWaiting() || !shares.isEmpty())) {
            next = loop.schedule(this::again, isWaiting() ? waitNanos() : SLICE, TimeUnit.NANOSECONDS);
        }
        if (any) {
            gate.passed();
        }
    }

    /** Takes from the queue's size the bytes that every limit allows. */
    private long take() {
        long now = loop.ticker().nanoTime();
        long allowed = perNano == 0 ? heldBytes : Math.min(heldBytes, (long) tokens);
        tokens -= allowed;
        for (int i = 0; i < shares.size(); i++) {
            long granted = shares.get(i).take(allowed, now);
            giveBack(allowed - granted, i);
            allowed = granted;
        }
        return allowed;
    }

    /** @param asked number of shares that have granted these bytes */
    private void giveBack(long some, int asked) {
        if (some > 0) {
            tokens += some;
            shares.subList(0, asked).forEach(share -> share.giveBack(some));
        }
    }

    private long waitNanos() {
        long wait = SLICE;
        if (perNano > 0) {
            wait = Math.max(wait, (long) Math.ceil((1 - tokens) / perNano));
        }
        for (SharedRate.Share share : shares) {
            wait = Math.max(wait, share.waitNanos());
        }
        return wait;
    }

    /** Called when a closed gate may have opened. */
    void gateOpened() {
        if (next == null) {
            drain();
        }
    }

    /** Writes all queued bytes, regardless of rate and gate. */
    void letAllGo() {
        List<ByteBuf> all = List.copyOf(held);
        held.clear();
        release();
        all.forEach(gate::pass);
        gate.passed();
    }

    /** Leaves the shared rates only now and not when the queue became empty: more input may follow at once. */
    private void again() {
        cancelNext();
        if (isWaiting()) {
            drain();
        } else {
            leave();
        }
    }

    private boolean isWaiting() {
        return !held.isEmpty() && gate.isOpen();
    }

    private void cancelNext() {
        if (next != null) {
            next.cancel(false);
            next = null;
        }
    }

    private void leave() {
        shares.forEach(share -> share.leave(loop.ticker().nanoTime()));
    }

    private void fill() {
        long now = loop.ticker().nanoTime();
        tokens = Math.min(most, tokens + (now - filledNanos) * perNano);
        filledNanos = now;
    }

    /** Drops the queued bytes. */
    void release() {
        cancelNext();
        leave();
        held.forEach(ByteBuf::release);
        held.clear();
        heldBytes = 0;
    }
}
