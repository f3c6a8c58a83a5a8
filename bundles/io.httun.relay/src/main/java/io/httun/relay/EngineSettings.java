// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.httun.api.config.ConfigException;
import io.httun.api.config.StrictConfig;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What the engine is configured to allow and to tell.
 *
 * @param maxConnections of all listeners
 * @param queuesPercent share of the memory for bytes that wait
 * @param logJson a line per connection
 */
record EngineSettings(int maxConnections, int queuesPercent, boolean logJson, Discretion discretion) {
    private static final int MOST_CONNECTIONS = 1 << 20;
    private static final Set<String> TELLABLE = Set.of("target", "user", "source");

    static EngineSettings read(Map<String, ?> properties) {
        return StrictConfig.read(
                EngineConfig.class,
                properties,
                config -> new EngineSettings(
                        StrictConfig.range("connections.max", config.connections_max(), 1, MOST_CONNECTIONS),
                        StrictConfig.range("queues.percent", config.queues_percent(), 1, 90),
                        config.log_json(),
                        discretion(config.statistics_tell())));
    }

    private static Discretion discretion(String... tell) {
        Set<String> told = new HashSet<>(Arrays.asList(tell));
        told.remove("nobody");
        if (!TELLABLE.containsAll(told)) {
            throw new ConfigException(
                    "statistics.tell", String.join(", ", tell), "must be nobody, or some of target, user, source");
        }
        return new Discretion(told.contains("target"), told.contains("user"), told.contains("source"));
    }
}
