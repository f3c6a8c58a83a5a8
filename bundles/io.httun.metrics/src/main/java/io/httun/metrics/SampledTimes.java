// SPDX-License-Identifier: Apache-2.0
package io.httun.metrics;

import io.httun.api.status.PipeStatus;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.EventExecutorGroup;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** What is only seen by looking again and again: how late event loops are, and round trips. */
final class SampledTimes {
    private static final double NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final double MICROS = TimeUnit.SECONDS.toMicros(1);
    static final double[] TIMES = {
        0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10
    };

    private final EventExecutorGroup loops;
    private final Supplier<List<PipeStatus>> pipes;
    private final Histogram lag;
    private final Histogram roundTrip;
    /** Loops that have not answered yet: a loop that hangs gets one task, not one a second. */
    private final Set<EventExecutor> asked = ConcurrentHashMap.newKeySet();

    SampledTimes(PrometheusRegistry registry, EventExecutorGroup loops, Supplier<List<PipeStatus>> pipes) {
        this.loops = loops;
        this.pipes = pipes;
        lag = histogram(
                registry, "httun_event_loop_lag_seconds", "How late event loops run a task, sampled every second");
        roundTrip = Histogram.builder()
                .name("httun_round_trip_seconds")
                .help("Last round trip of each pipe, sampled every second")
                .labelNames("side")
                .classicOnly()
                .classicUpperBounds(TIMES)
                .withoutExemplars()
                .register(registry);
        roundTrip.initLabelValues("server");
        roundTrip.initLabelValues("client");
    }

    private static Histogram histogram(PrometheusRegistry registry, String name, String help) {
        return Histogram.builder()
                .name(name)
                .help(help)
                .classicOnly()
                .classicUpperBounds(TIMES)
                .withoutExemplars()
                .register(registry);
    }

    void take() {
        for (EventExecutor loop : loops) {
            if (asked.add(loop)) {
                long began = System.nanoTime();
                loop.execute(() -> {
                    asked.remove(loop);
                    lag.observe((System.nanoTime() - began) / NANOS);
                });
            }
        }
        for (PipeStatus pipe : pipes.get()) {
            if (pipe.roundTripMicros() > 0) {
                roundTrip.labelValues(pipe.side()).observe(pipe.roundTripMicros() / MICROS);
            }
        }
    }
}
