// SPDX-License-Identifier: Apache-2.0
package io.httun.web;

import io.httun.api.status.HealthReport;
import io.httun.api.status.StatusSnapshot;
import io.httun.toolkit.jdk.DaemonClock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the model once a second while a page is open, and every ten seconds while none is, so that a page has a history when it is
 * opened. Thread-safe.
 */
final class Observer implements AutoCloseable {
    /** Ten minutes of an open page; with {@link #IDLE_SECONDS} between them, 100 minutes. */
    static final int POINTS = 600;

    private static final Logger LOG = LoggerFactory.getLogger(Observer.class);
    private static final int IDLE_SECONDS = 10;

    /** A browser asks a page in the background once a minute at least. */
    private static final long WATCHED_NANOS = TimeUnit.SECONDS.toNanos(70);

    private static final long OLD_NANOS = TimeUnit.MILLISECONDS.toNanos(1500);

    /** A verdict costs a request to each endpoint in Karaf's web server. */
    private static final int HEALTH_SECONDS = 10;

    private final Supplier<StatusSnapshot> snapshots;
    private final Supplier<HealthReport> health;
    private final LongSupplier nanos;
    private final Sampler sampler = new Sampler();
    private final Deque<HistoryPoint> history = new ArrayDeque<>();
    private final ScheduledExecutorService clock = DaemonClock.named("httun-page", 2);
    private volatile Sample latest;
    private volatile HealthReport verdict = new HealthReport(List.of());
    private volatile long watchedNanos;
    private volatile long lookedNanos;
    private long ticks;

    Observer(Supplier<StatusSnapshot> snapshots, Supplier<HealthReport> health, LongSupplier nanos) {
        this.snapshots = snapshots;
        this.health = health;
        this.nanos = nanos;
        watchedNanos = nanos.getAsLong() - WATCHED_NANOS;
    }

    void start() {
        clock.scheduleAtFixedRate(this::tick, 0, 1, TimeUnit.SECONDS);
        clock.scheduleWithFixedDelay(this::ask, 1, HEALTH_SECONDS, TimeUnit.SECONDS);
    }

    private boolean isWatched() {
        return nanos.getAsLong() - watchedNanos < WATCHED_NANOS;
    }

    private void tick() {
        try {
            if (ticks++ % IDLE_SECONDS == 0 || isWatched()) {
                look();
            }
        } catch (RuntimeException e) {
            // An exception would end the clock. A part may stop while it is asked.
            LOG.debug("Cannot take a sample", e);
        }
    }

    private void ask() {
        try {
            if (isWatched()) {
                verdict = health.get();
            }
        } catch (RuntimeException e) {
            LOG.warn("Cannot run the health checks", e);
        }
    }

    /** Makes a sample now. */
    synchronized void look() {
        lookedNanos = nanos.getAsLong();
        Sample sample = sampler.sample(snapshots.get(), lookedNanos);
        latest = sample;
        history.addLast(sample.point());
        if (history.size() > POINTS) {
            history.removeFirst();
        }
    }

    /** The newest sample, a second old at most once pages ask again and again. */
    Sample latest() {
        watchedNanos = nanos.getAsLong();
        // Not for each request: a rate of a few milliseconds would be none.
        if (latest == null || watchedNanos - lookedNanos > OLD_NANOS) {
            look();
        }
        return latest;
    }

    /** Moments after the one of a number, oldest first. */
    synchronized List<HistoryPoint> since(long number) {
        return history.stream().filter(point -> point.number() > number).toList();
    }

    /** Ten seconds old, or of the time when a page was open last; without checks before the first one. */
    HealthReport health() {
        return verdict;
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
