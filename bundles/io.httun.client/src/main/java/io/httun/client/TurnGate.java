// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A semaphore with a bounded queue: a stock server carries one session at a time, and a server of ours keeps few unused
 * sessions. Thread-safe.
 */
final class TurnGate {
    /** A waiting caller, called on its loop. */
    private static final class Waiter {
        final EventLoop loop;
        final Consumer<Boolean> go;
        final Consumer<RefusedException> refuse;

        Waiter(EventLoop loop, Consumer<Boolean> go, Consumer<RefusedException> refuse) {
            this.loop = loop;
            this.go = go;
            this.refuse = refuse;
        }
    }

    private final String why;
    private final int turns;
    private final Deque<Waiter> waiting = new ArrayDeque<>();
    private int taken;

    /** @param why there are no more turns, for messages */
    TurnGate(String why, int turns) {
        this.why = why;
        this.turns = turns;
    }

    /**
     * Requests a turn; called on the loop's thread.
     *
     * @param limit of the queue
     * @param go called with true for a turn, which {@link #leave} must give back; with false if turns are no longer needed
     * @return whether the caller has to wait
     */
    boolean enter(EventLoop loop, int limit, long waitMillis, Consumer<Boolean> go, Consumer<RefusedException> refuse) {
        boolean full;
        synchronized (this) {
            boolean free = taken < turns;
            full = !free && waiting.size() >= limit;
            if (!free && !full) {
                Waiter waiter = new Waiter(loop, go, refuse);
                waiting.add(waiter);
                loop.schedule(() -> expire(waiter, waitMillis), waitMillis, TimeUnit.MILLISECONDS);
                return true;
            }
            taken += free ? 1 : 0;
        }
        if (full) {
            refuse.accept(
                    new RefusedException(Cause.OVERLOADED, why + " and " + limit + " more wait already (queue.max)"));
        } else {
            go.accept(true);
        }
        return false;
    }

    private void expire(Waiter waiter, long waitMillis) {
        boolean still;
        synchronized (this) {
            still = waiting.remove(waiter);
        }
        if (still) {
            waiter.refuse.accept(new RefusedException(
                    Cause.TIMED_OUT,
                    why + " and the turn did not come within " + TimeUnit.MILLISECONDS.toSeconds(waitMillis)
                            + " s (queue.seconds)"));
        }
    }

    /** Gives the turn back; the next caller gets it. */
    void leave() {
        Waiter next;
        synchronized (this) {
            next = waiting.poll();
            taken -= next == null && taken > 0 ? 1 : 0;
        }
        if (next != null) {
            next.loop.execute(() -> next.go.accept(true));
        }
    }

    /** Gives the turn back and lets all waiting callers continue without one. */
    void leaveOpen() {
        drain().forEach(waiter -> waiter.loop.execute(() -> waiter.go.accept(false)));
    }

    /** Gives the turn back and refuses all waiting callers. */
    void leaveRefusing(RefusedException refusal) {
        drain().forEach(waiter -> waiter.loop.execute(() -> waiter.refuse.accept(refusal)));
    }

    /** Refuses all waiting callers; existing turns stay. */
    void refuseWaiting(RefusedException refusal) {
        List<Waiter> all;
        synchronized (this) {
            all = new ArrayList<>(waiting);
            waiting.clear();
        }
        all.forEach(waiter -> waiter.loop.execute(() -> waiter.refuse.accept(refusal)));
    }

    private synchronized List<Waiter> drain() {
        List<Waiter> all = new ArrayList<>(waiting);
        waiting.clear();
        taken -= taken > 0 ? 1 : 0;
        return all;
    }

    synchronized int waiting() {
        return waiting.size();
    }
}
