// SPDX-License-Identifier: Apache-2.0
package io.httun.metrics;

import io.httun.api.status.HealthReport;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.function.Supplier;

/** The last verdict as metrics. */
record HealthMetrics(Supplier<HealthReport> verdict) implements MultiCollector {
    @Override
    public MetricSnapshots collect() {
        HealthReport now = verdict.get();
        Families metrics = new Families();
        metrics.gauge(
                "httun_health_status",
                "The verdict: 0 is OK, 1 is WARN, 2 is CRITICAL",
                now.status().ordinal());
        now.checks()
                .forEach(check -> metrics.gauge(
                        "httun_health_problems",
                        "What is not as configured",
                        check.problems().size(),
                        "check",
                        check.check()));
        return metrics.snapshots();
    }
}
