// SPDX-License-Identifier: Apache-2.0
package io.httun.metrics;

import io.httun.api.relay.ConnectionListener;
import io.httun.api.relay.ConnectionSummary;
import io.httun.api.relay.EndCause;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Counts connections to targets as they end. */
final class EndedConnections implements ConnectionListener {
    private static final double MILLIS = TimeUnit.SECONDS.toMillis(1);
    private static final double[] CONNECT = {0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30};
    private static final double[] DURATION = {0.01, 0.1, 1, 10, 60, 600, 3_600, 36_000};

    private final Counter ended;
    private final Histogram connect;
    private final Histogram duration;

    EndedConnections(PrometheusRegistry registry) {
        ended = Counter.builder()
                .name("httun_connections_ended")
                .help("Connections that have ended or were not made, by reason")
                .labelNames("reason")
                .withoutExemplars()
                .register(registry);
        for (EndCause cause : EndCause.values()) {
            ended.initLabelValues(word(cause));
        }
        connect = Histogram.builder()
                .name("httun_connect_seconds")
                .help("Time to get a connection to a target, of connections that have ended")
                .classicOnly()
                .classicUpperBounds(CONNECT)
                .withoutExemplars()
                .register(registry);
        duration = Histogram.builder()
                .name("httun_connection_seconds")
                .help("How long connections were there, of those that have ended")
                .classicOnly()
                .classicUpperBounds(DURATION)
                .withoutExemplars()
                .register(registry);
    }

    private static String word(EndCause cause) {
        return cause.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @Override
    public void ended(ConnectionSummary summary) {
        ended.labelValues(word(summary.reason())).inc();
        if (summary.connectMillis() >= 0) {
            connect.observe(summary.connectMillis() / MILLIS);
        }
        duration.observe(summary.durationMillis() / MILLIS);
    }
}
