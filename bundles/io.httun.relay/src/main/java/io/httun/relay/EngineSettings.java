// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.httun.api.config.ConfigException;
import io.httun.api.config.StrictConfig;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What the engine is configured to tell.
 *
 * @param logJson a line per connection
 */
record EngineSettings(boolean logJson, Discretion discretion) {
    private static final Set<String> TELLABLE = Set.of("target", "user", "source");

    static EngineSettings read(Map<String, ?> properties) {
        return StrictConfig.read(
                EngineConfig.class,
                properties,
                config -> new EngineSettings(config.log_json(), discretion(config.statistics_tell())));
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
