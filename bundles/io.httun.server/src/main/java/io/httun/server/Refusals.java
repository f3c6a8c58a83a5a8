// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts what was refused, and logs it at most once a second per cause: strangers decide how often it happens. */
final class Refusals {
    private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /** Why something was refused. The peer is not told. */
    enum Cause {
        MALFORMED("request is not of the protocol's form"),
        CHANNEL("no such channel, or it is disabled"),
        CREDENTIALS("wrong or missing basic authentication"),
        KEY("no session and no channel secret fits the frame"),
        WRONG("authenticated but wrong"),
        TOO_MANY("too many new sessions"),
        STRANGER("too many requests of one address that no session expects (strangers.per.second)"),
        UNAVAILABLE("a crypto service is missing"),
        SESSION("session ended"),
        TARGET("connection to a target not made or broken"),
        INTERNAL("internal error");

        private final String text;

        Cause(String text) {
            this.text = text;
        }
    }

    private static final class Counter {
        private final LongAdder total = new LongAdder();
        private final AtomicLong unreported = new AtomicLong();
        private final AtomicLong nextReport = new AtomicLong(System.nanoTime());
    }

    private final Map<Cause, Counter> counters = new EnumMap<>(Cause.class);

    Refusals() {
        for (Cause cause : Cause.values()) {
            counters.put(cause, new Counter());
        }
    }

    /** @param detail goes to the log: no secret, and nothing of unbounded length */
    void count(Cause cause, String detail) {
        Counter counter = counters.get(cause);
        counter.total.increment();
        long times = counter.unreported.incrementAndGet();
        long now = System.nanoTime();
        long due = counter.nextReport.get();
        if (now - due >= 0 && counter.nextReport.compareAndSet(due, now + SECOND)) {
            counter.unreported.addAndGet(-times);
            if (cause == Cause.INTERNAL) {
                LOG.error("{} ({} times): {}", cause.text, times, detail);
            } else {
                LOG.info("{} ({} times): {}", cause.text, times, detail);
            }
        }
    }

    long total(Cause cause) {
        return counters.get(cause).total.sum();
    }
}
