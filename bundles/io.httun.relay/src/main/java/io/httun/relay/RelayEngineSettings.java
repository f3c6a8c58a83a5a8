// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.httun.api.config.ConfigException;
import io.httun.toolkit.config.StrictConfig;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The settings of the engine.
 *
 * @param maxConnections open connections of all listeners
 * @param queuesPercent share of the memory for queued bytes
 * @param logJson whether to log a line for each ended connection
 */
record RelayEngineSettings(int maxConnections, int queuesPercent, boolean logJson, StatisticsPrivacy discretion) {
    private static final int MOST_CONNECTIONS = 1 << 20;
    private static final Set<String> TELLABLE = Set.of("target", "user", "source");

    static RelayEngineSettings read(Map<String, ?> properties) {
        return StrictConfig.read(
                RelayConfig.class,
                properties,
                config -> new RelayEngineSettings(
                        StrictConfig.range("connections.max", config.connections_max(), 1, MOST_CONNECTIONS),
                        StrictConfig.range("queues.percent", config.queues_percent(), 1, 90),
                        config.log_json(),
                        discretion(config.statistics_tell())));
    }

    private static StatisticsPrivacy discretion(String... tell) {
        Set<String> told = new HashSet<>(Arrays.asList(tell));
        told.remove("nobody");
        if (!TELLABLE.containsAll(told)) {
            throw new ConfigException(
                    "statistics.tell", String.join(", ", tell), "must be nobody, or some of target, user, source");
        }
        return new StatisticsPrivacy(told.contains("target"), told.contains("user"), told.contains("source"));
    }
}
