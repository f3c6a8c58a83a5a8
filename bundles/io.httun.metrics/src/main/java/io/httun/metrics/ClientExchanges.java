// SPDX-License-Identifier: Apache-2.0
package io.httun.metrics;

import io.httun.toolkit.status.ExchangeTimes;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/**
 * The distribution of all exchanges that carry data to a server. One value costs some 50 ns, an exchange at least 100 us. Requests for
 * data are left out: their time is how long there was no data.
 */
final class ClientExchanges {
    private static final double NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Histogram times;
    private final LongConsumer reader;

    ClientExchanges(PrometheusRegistry registry) {
        times = Histogram.builder()
                .name("httun_client_exchange_seconds")
                .help("Time from a w request of a client to its answer, waiting for a connection included")
                .classicOnly()
                .classicUpperBounds(SampledTimes.TIMES)
                .withoutExemplars()
                .register(registry);
        reader = nanos -> times.observe(nanos / NANOS);
    }

    void start() {
        ExchangeTimes.read(reader);
    }

    void stop() {
        ExchangeTimes.forget(reader);
    }
}
