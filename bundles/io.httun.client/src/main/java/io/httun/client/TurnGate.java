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
 * A few turns for all, and a bounded queue for them: a stock server carries one session at a time, and ours keeps few
 * sessions that have not been used yet. Thread-safe.
 */
final class TurnGate {
    /** Whoever waits, told on its loop. */
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
     * Asks for the turn, from the loop's thread.
     *
     * @param limit how many may wait
     * @param go told true with the turn, which must be given back by {@link #leave}; false if none is needed any more
     * @return whether the asker has to wait
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

    /** Gives the turn back; the next one gets it. */
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

    /** Gives the turn back and lets everybody go on without one. */
    void leaveOpen() {
        drain().forEach(waiter -> waiter.loop.execute(() -> waiter.go.accept(false)));
    }

    /** Gives the turn back and refuses everybody who waits. */
    void leaveRefusing(RefusedException refusal) {
        drain().forEach(waiter -> waiter.loop.execute(() -> waiter.refuse.accept(refusal)));
    }

    /** Refuses everybody who waits; whoever has a turn keeps it. */
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
