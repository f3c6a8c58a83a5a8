// SPDX-License-Identifier: Apache-2.0
package io.httun.metrics;

import io.httun.api.status.HealthChecks;
import io.httun.api.status.HealthReport;
import io.httun.api.status.HealthStatus;
import io.httun.toolkit.jdk.DaemonClock;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks for the verdict again and again, for those who must not wait for it and those who want to hear of a change. */
@Component(service = HealthWatch.class)
public final class HealthWatch {
    /** A verdict costs a request to each endpoint in Karaf's web server. */
    static final long PERIOD_SECONDS = 10;

    private static final Logger LOG = LoggerFactory.getLogger(HealthWatch.class);

    private final HealthChecks checks;
    private final List<BiConsumer<HealthStatus, HealthReport>> listeners = new CopyOnWriteArrayList<>();
    private final ScheduledExecutorService clock = DaemonClock.named("httun-health");
    private volatile HealthReport latest = new HealthReport(List.of());

    @Activate
    public HealthWatch(@Reference HealthChecks checks) {
        this.checks = checks;
    }

    @Activate
    void start() {
        clock.scheduleWithFixedDelay(this::look, 0, PERIOD_SECONDS, TimeUnit.SECONDS);
    }

    void look() {
        try {
            HealthReport before = latest;
            HealthReport now = HealthReport.of(checks);
            latest = now;
            if (!now.equals(before)) {
                listeners.forEach(listener -> listener.accept(before.status(), now));
            }
        } catch (RuntimeException e) {
            LOG.warn("Cannot run the health checks", e);
        }
    }

    /** At most ten seconds old, and the time that it took; without checks before the first one is there. */
    HealthReport latest() {
        return latest;
    }

    /** @param listener of changes: the status before, and the verdict now */
    void listen(BiConsumer<HealthStatus, HealthReport> listener) {
        listeners.add(listener);
    }

    void forget(BiConsumer<HealthStatus, HealthReport> listener) {
        listeners.remove(listener);
    }

    @Deactivate
    void stop() {
        clock.shutdownNow();
    }
}
