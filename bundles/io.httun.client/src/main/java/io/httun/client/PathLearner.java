// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.api.tunnel.PathReport;
import io.netty.util.concurrent.EventExecutor;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Probes the path of a client's pipes after its first symptoms: failed requests, or connections that are closed after a reply. A path
 * without symptoms is never probed. Limits are probed again when the path changes, and from time to time, in case they are lifted.
 * Thread-safe; a probe runs on a thread of its own.
 */
final class PathLearner {
    /** Finds out the limits of a path. */
    interface Probe {
        /** @return empty where the path does not work at the moment */
        Optional<PathLimits> run() throws InterruptedException;
    }

    /** A single failure may be the server's restart. */
    static final int SYMPTOMS = 3;

    /** The traffic that showed the symptoms comes first; and a network that has just changed has settled by then. */
    private static final long CALM_MILLIS = 2000;

    /** A probe costs some 3 MiB. */
    private static final long AGAIN = TimeUnit.MINUTES.toNanos(10);

    private final LearntPath path;
    private final Probe probe;
    private final Supplier<Object> place;
    private final EventExecutor timer;
    private final Consumer<String> told;
    private int symptoms;
    /** The place of the last probe; null before the first one. */
    private Object probed;

    private volatile long probedAt;
    private boolean busy;
    private boolean closed;
    private Thread running;

    /**
     * @param place what the path depends on: while it is equal, the path is taken for the same
     * @param told gets the limits in force after each probe
     */
    PathLearner(LearntPath path, Probe probe, Supplier<Object> place, EventExecutor timer, Consumer<String> told) {
        this.path = path;
        this.probe = probe;
        this.place = place;
        this.timer = timer;
        this.told = told;
    }

    /** The learner of a client in its surroundings. */
    static PathLearner of(ClientContext context) {
        record Place(ServerUrl url, Object addresses, Object connector) {}
        return new PathLearner(
                context.path(),
                () -> {
                    PathReport report = new PathProbe(context, PathProbe.Limits.DEFAULT).limits();
                    return report.problem().isEmpty()
                            ? Optional.of(PathLimits.of(report).withOwnRequests())
                            : Optional.empty();
                },
                () -> new Place(
                        context.urls().inOrder().get(0).url(),
                        AddressWatch.ofHost(),
                        context.surroundings().connector().get()),
                context.surroundings().loops().group().next(),
                text -> context.log()
                        .info(
                                "path",
                                "Client {}: limits of the path to the server: {}",
                                context.settings().name(),
                                text.isEmpty() ? "none" : text));
    }

    /** A request failed, or its connection was closed after the reply. */
    synchronized void symptom() {
        if (busy || closed || probed != null && isRecent()) {
            return;
        }
        symptoms++;
        if (symptoms >= SYMPTOMS) {
            schedule();
        }
    }

    /** A request was answered. Costs next to nothing on a path without limits. */
    void answered() {
        if (path.isLimited() && !isRecent()) {
            synchronized (this) {
                schedule();
            }
        }
    }

    /** Requests are answered again after failures: perhaps on another path. */
    synchronized void recovered() {
        if (!busy && !closed && probed != null && !place.get().equals(probed)) {
            path.forget();
            schedule();
        }
    }

    private boolean isRecent() {
        return System.nanoTime() - probedAt < AGAIN;
    }

    private void schedule() {
        if (!busy && !closed) {
            busy = true;
            timer.schedule(this::start, CALM_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private synchronized void start() {
        if (!closed) {
            running = new Thread(this::run, "httun-path");
            running.setDaemon(true);
            running.start();
        }
    }

    private void run() {
        Object here = place.get();
        Optional<PathLimits> found;
        path.probed(true);
        try {
            found = probe.run();
        } catch (InterruptedException e) {
            return;
        } catch (HttunException e) {
            found = Optional.empty();
        } finally {
            path.probed(false);
        }
        synchronized (this) {
            busy = false;
            running = null;
            symptoms = 0;
            probed = here;
            probedAt = System.nanoTime();
            if (closed) {
                return;
            }
        }
        found.ifPresent(limits -> {
            path.learn(limits);
            told.accept(path.text());
        });
        recovered();
    }

    /** Ends a probe that runs; nothing is learnt any more. */
    synchronized void close() {
        closed = true;
        if (running != null) {
            running.interrupt();
        }
    }
}
