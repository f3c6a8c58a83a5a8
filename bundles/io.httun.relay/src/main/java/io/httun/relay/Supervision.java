// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.httun.api.relay.EndCause;
import io.httun.api.relay.RelayPolicy;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Enforces the time limits and the minimum rate of a connection's policy. It checks the counters when a limit may
 * have been reached, instead of reading the clock for each read. On the event loop.
 */
final class Supervision {
    private static final long NOT_HALF_CLOSED = Long.MIN_VALUE;
    private static final int CHECKS_PER_IDLE_TIME = 4;
    private static final long SHORTEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

    /** The supervised connection. */
    interface Supervised {
        /** Bytes relayed so far, both directions together. */
        long bytes();

        /** Those of {@link #bytes} that wait until a side takes them; 0 if all have been sent. */
        long waiting();

        void fail(EndCause cause, String why);
    }

    private final Supervised relay;
    private final EventExecutor loop;
    private final long acceptedNanos;
    private final long startNanos;
    private RelayPolicy policy = RelayPolicy.UNLIMITED;
    private long bytesSeen;
    private long activeNanos;
    private boolean inGrace;
    private long minuteNanos;
    private long minuteBytes;
    private long halfClosedNanos = NOT_HALF_CLOSED;
    private long pause;
    private Future<?> next;
    private boolean stopped;

    /** @param acceptedNanos time of accept, on the event loop's clock */
    Supervision(Supervised relay, EventExecutor loop, long acceptedNanos) {
        this.relay = relay;
        this.loop = loop;
        this.acceptedNanos = acceptedNanos;
        this.startNanos = loop.ticker().nanoTime();
        this.activeNanos = startNanos;
    }

    /** Starts, or restarts with a changed policy. */
    void under(RelayPolicy changed) {
        boolean sameMinutes = policy.rateMin() > 0
                && changed.rateMin() == policy.rateMin()
                && changed.grace().equals(policy.grace());
        policy = changed;
        if (!sameMinutes) {
            minuteNanos = Math.max(loop.ticker().nanoTime(), startNanos + nanos(changed.grace()));
            inGrace = true;
        }
        check();
    }

    void halfClosed() {
        if (halfClosedNanos == NOT_HALF_CLOSED) {
            halfClosedNanos = loop.ticker().nanoTime();
            if (isSet(policy.halfClosed())) {
                check();
            }
        }
    }

    void stop() {
        stopped = true;
        if (next != null) {
            next.cancel(false);
        }
    }

    private void check() {
        if (stopped) {
            return;
        }
        if (next != null) {
            next.cancel(false);
            next = null;
        }
        pause = Long.MAX_VALUE;
        long now = loop.ticker().nanoTime();
        checkIdle(now);
        checkAge(EndCause.LIFE_TIME, policy.life(), now - acceptedNanos, "open for ");
        if (halfClosedNanos != NOT_HALF_CLOSED) {
            checkAge(EndCause.HALF_CLOSED, policy.halfClosed(), now - halfClosedNanos, "half-closed for ");
        }
        checkRate(now);
        if (!stopped && pause < Long.MAX_VALUE) {
            next = loop.schedule(this::check, Math.max(pause, SHORTEST_PAUSE), TimeUnit.NANOSECONDS);
        }
    }

    private void checkIdle(long now) {
        if (!isSet(policy.idle())) {
            return;
        }
        long bytes = relay.bytes();
        // A side that takes nothing stops the reading of the other one: such a pause is no silence.
        if (bytes != bytesSeen || relay.waiting() > 0) {
            bytesSeen = bytes;
            activeNanos = now;
        }
        if (now - activeNanos >= nanos(policy.idle())) {
            relay.fail(EndCause.IDLE, "idle for " + seconds(policy.idle()));
        }
        pause = Math.min(pause, nanos(policy.idle()) / CHECKS_PER_IDLE_TIME);
    }

    private void checkAge(EndCause cause, Duration limit, long age, String text) {
        if (isSet(limit)) {
            long rest = nanos(limit) - age;
            if (rest <= 0) {
                relay.fail(cause, text + seconds(limit));
            }
            pause = Math.min(pause, rest);
        }
    }

    private void checkRate(long now) {
        if (policy.rateMin() == 0) {
            return;
        }
        if (inGrace) {
            minuteBytes = moved();
            inGrace = now < minuteNanos;
            pause = Math.min(pause, inGrace ? minuteNanos - now : MINUTE);
            return;
        }
        if (now - minuteNanos >= MINUTE) {
            long moved = moved() - minuteBytes;
            if (moved < policy.rateMin()) {
                relay.fail(EndCause.TOO_SLOW, "carried " + moved + " bytes in a minute, less than " + policy.rateMin());
            }
            minuteNanos = now;
            minuteBytes = moved();
        }
        pause = Math.min(pause, MINUTE - (now - minuteNanos));
    }

    /** What has been read is not carried yet: on a slow line that comes in large steps. */
    private long moved() {
        return relay.bytes() - relay.waiting();
    }

    private static boolean isSet(Duration limit) {
        return !limit.isZero();
    }

    private static long nanos(Duration duration) {
        return duration.toNanos();
    }

    static String seconds(Duration duration) {
        return BigDecimal.valueOf(duration.toMillis(), 3).stripTrailingZeros().toPlainString() + " s";
    }
}
