// SPDX-License-Identifier: Apache-2.0
package io.httun.metrics;

import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** How long a service that can be swapped under traffic was not there: traffic that needs it waits so long. Thread-safe. */
final class SwapStalls {
    private static final double NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final double[] TIMES = {0.001, 0.01, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 60, 600};

    private final Histogram stalls;
    private final LongSupplier nanos;
    private final Map<String, Integer> present = new HashMap<>();
    private final Map<String, Long> goneSince = new HashMap<>();

    /** @param services simple names of their contracts */
    SwapStalls(PrometheusRegistry registry, LongSupplier nanos, Iterable<String> services) {
        this.nanos = nanos;
        stalls = Histogram.builder()
                .name("httun_swap_stall_seconds")
                .help("How long no provider of a service was there while it was swapped")
                .labelNames("service")
                .classicOnly()
                .classicUpperBounds(TIMES)
                .withoutExemplars()
                .register(registry);
        services.forEach(stalls::initLabelValues);
    }

    synchronized void came(String service) {
        present.merge(service, 1, Integer::sum);
        Long gone = goneSince.remove(service);
        if (gone != null) {
            stalls.labelValues(service).observe((nanos.getAsLong() - gone) / NANOS);
        }
    }

    synchronized void went(String service) {
        if (present.merge(service, -1, Integer::sum) == 0) {
            goneSince.put(service, nanos.getAsLong());
        }
    }
}
