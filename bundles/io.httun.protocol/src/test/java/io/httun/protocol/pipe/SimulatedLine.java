// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol.pipe;

import java.util.PriorityQueue;
import java.util.SplittableRandom;

/** A line in virtual time: a rate, a delay and a jitter in each direction. */
final class SimulatedLine {
    private record Event(long at, long order, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            return at == other.at ? Long.compare(order, other.order) : Long.compare(at, other.at);
        }
    }

    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final SplittableRandom random;
    private final double bytesPerSecond;
    private final long delay;
    private final long jitter;
    private final long[] busyUntil = new long[2];
    final long[] carried = new long[2];
    private long order;
    private long now;

    SimulatedLine(SplittableRandom random, double bytesPerSecond, long delay, long jitter, long start) {
        this.random = random;
        this.bytesPerSecond = bytesPerSecond;
        this.delay = delay;
        this.jitter = jitter;
        this.now = start;
        busyUntil[0] = start;
        busyUntil[1] = start;
    }

    long now() {
        return now;
    }

    void at(long time, Runnable action) {
        events.add(new Event(Math.max(now, time), order++, action));
    }

    void after(long nanos, Runnable action) {
        at(now + nanos, action);
    }

    /** Runs the action when so many bytes have arrived at the other end. */
    void send(int way, int bytes, Runnable arrived) {
        carried[way] += bytes;
        busyUntil[way] = Math.max(now, busyUntil[way]) + (long) (bytes * 1e9 / bytesPerSecond);
        at(busyUntil[way] + delay + (jitter == 0 ? 0 : random.nextLong(jitter)), arrived);
    }

    /** Runs the next event; false if there is none. */
    boolean step() {
        Event event = events.poll();
        if (event == null) {
            return false;
        }
        now = event.at();
        event.action().run();
        return true;
    }
}
