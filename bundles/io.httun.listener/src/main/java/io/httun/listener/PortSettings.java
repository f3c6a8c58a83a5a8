// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.config.ConfigException;
import io.httun.api.config.StrictConfig;
import io.httun.api.target.Target;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a port listener has: the common part, and the one target. */
record PortSettings(ListenerSettings common, Target target) {
    /** A fixed target needs no negotiation, so this time never runs. */
    private static final int NO_NEGOTIATION = 1;

    static PortSettings read(Map<String, ?> properties) {
        return StrictConfig.read(
                PortConfig.class,
                properties,
                config -> new PortSettings(
                        new ListenerSettings(
                                config.name(),
                                ListenerSettings.parseBind(config.bind()),
                                config.bind_fallback(),
                                List.of(config.filters()),
                                config.connections_max(),
                                NO_NEGOTIATION,
                                config.idle_seconds(),
                                Optional.empty()),
                        target(config.target())));
    }

    private static Target target(String text) {
        try {
            return Target.parse(text);
        } catch (IllegalArgumentException e) {
            throw new ConfigException("target", text, e.getMessage());
        }
    }
}
