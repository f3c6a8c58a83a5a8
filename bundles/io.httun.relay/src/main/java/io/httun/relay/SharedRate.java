// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import java.util.concurrent.TimeUnit;

/**
 * A rate limit that many connections share in one direction. While demand exceeds the rate, each waiting connection
 * is due an equal part of the inflow. A part that one connection cannot use is divided equally among the connections
 * that need more. Inflow without demand is saved up to a short burst. Connections need no knowledge of each other,
 * and their order does not matter. Thread-safe: connections live on several event loops.
 */
final class SharedRate {
    private static final double NANOS_PER_MINUTE = TimeUnit.MINUTES.toNanos(1);
    /** Bytes of a full packet: waiting for less would send many small packets. */
    private static final int PACKET = 1_400;

    private static final long LONGEST_WAIT = TimeUnit.MILLISECONDS.toNanos(100);

    private double perNano;
    private double most;
    /** Bytes that a share is due which has waited from the beginning. */
    private double due;

    private int waiting;
    private int hungry;
    /** The unassigned bytes, and the part of them for each hungry share in the current time slice. */
    private double spare;

    private double part;
    private long slice;
    private long nanos;
    private boolean isRunning;

    SharedRate(long bytesPerMinute) {
        change(bytesPerMinute);
        spare = most;
    }

    synchronized void change(long bytesPerMinute) {
        perNano = bytesPerMinute / NANOS_PER_MINUTE;
        most = Throttle.most(perNano);
        spare = Math.min(spare, most);
    }

    /** Tolerates times out of order: two event loops may read the clock in one order and call this in the other. */
    private void flowIn(long now) {
        double in = isRunning ? perNano * Math.max(0, now - nanos) : 0;
        nanos = isRunning ? Math.max(nanos, now) : now;
        isRunning = true;
        if (waiting == 0) {
            keep(in);
        } else {
            due += in / waiting;
        }
        if (nanos / Throttle.SLICE != slice) {
            slice = nanos / Throttle.SLICE;
            part = spare / Math.max(1, hungry);
        }
    }

    private void keep(double some) {
        spare = Math.min(most, spare + some);
    }

    /** The part of one connection in one direction. */
    final class Share {
        private boolean isWaiting;
        private boolean isHungry;
        private double taken;
        private long lastPart;

        /** Takes up to the bytes that are due, and joins the waiting shares until {@link #leave}. */
        long take(long wanted, long now) {
            synchronized (SharedRate.this) {
                flowIn(now);
                join();
                double own = own();
                long granted = (long) Math.min(wanted, own + left());
                double rest = own - granted;
                if (rest < 0) {
                    spare += rest;
                    lastPart = slice;
                }
                taken = due - Math.max(0, rest);
                hungry(granted < wanted);
                return granted;
            }
        }

        private void join() {
            if (!isWaiting) {
                isWaiting = true;
                waiting++;
                taken = due;
            }
        }

        /** A due that could not be used for too long goes back to the others. */
        private double own() {
            double own = due - taken;
            double bound = 1 + 2 * LONGEST_WAIT * perNano / waiting;
            if (own > bound) {
                keep(own - bound);
            }
            return Math.min(own, bound);
        }

        private double left() {
            if (waiting == 1) {
                return spare;
            }
            return lastPart == slice ? 0 : Math.min(part, spare);
        }

        private void hungry(boolean now) {
            if (now != isHungry) {
                isHungry = now;
                hungry += now ? 1 : -1;
            }
        }

        /** Returns granted bytes that another limit did not let through. */
        void giveBack(long some) {
            synchronized (SharedRate.this) {
                keep(some);
                hungry(false);
            }
        }

        void leave(long now) {
            synchronized (SharedRate.this) {
                if (isWaiting) {
                    flowIn(now);
                    hungry(false);
                    keep(due - taken);
                    isWaiting = false;
                    waiting--;
                }
            }
        }

        /** Time until a full packet is due. */
        long waitNanos() {
            synchronized (SharedRate.this) {
                double mine = perNano / Math.max(1, waiting);
                return Math.max((long) Math.ceil(1 / mine), Math.min(LONGEST_WAIT, (long) (PACKET / mine)));
            }
        }
    }
}
