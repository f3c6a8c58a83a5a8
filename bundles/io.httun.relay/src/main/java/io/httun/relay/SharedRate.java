// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import java.util.concurrent.TimeUnit;

/**
 * What many connections may move together in one direction. While some want more than they get, each of those that wait is due
 * the same part of all that flows in; what one cannot use goes in equal parts to those that can, and what flows in while nobody
 * waits is kept for a moment. So nobody has to know of the others, and the order in which they come makes no difference.
 * Thread-safe, for connections are on several event loops.
 */
final class SharedRate {
    private static final double NANOS_PER_MINUTE = TimeUnit.MINUTES.toNanos(1);
    /** A due that is worth a packet. */
    private static final int PACKET = 1_400;

    private static final long LONGEST_WAIT = TimeUnit.MILLISECONDS.toNanos(100);

    private double perNano;
    private double most;
    /** How much one has been due that has waited from the beginning. */
    private double due;

    private int waiting;
    private int hungry;
    /** What is left over, and each hungry one's part of it in this slice of time. */
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

    /** Two event loops may read the clock in one order and tell of it in the other. */
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

    /** One direction of one connection. */
    final class Share {
        private boolean isWaiting;
        private boolean isHungry;
        private double taken;
        private long lastPart;

        /** Takes as much as is due, and waits from now on; {@link #leave} when it does no more. */
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

        /** What nobody could take for so long is for others. */
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

        /** What could not be used after all. */
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

        /** How long it takes until something worth its while is due. */
        long waitNanos() {
            synchronized (SharedRate.this) {
                double mine = perNano / Math.max(1, waiting);
                return Math.max((long) Math.ceil(1 / mine), Math.min(LONGEST_WAIT, (long) (PACKET / mine)));
            }
        }
    }
}
