// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.config.ConfigException;
import io.httun.protocol.Serials;
import io.httun.toolkit.config.StrictConfig;
import io.httun.toolkit.tunnel.TunnelLink;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** The content of a {@link ServerConfig}, checked. */
record ServerSettings(
        Optional<UUID> uuid,
        int node,
        int maxSessions,
        int maxSessionsInAll,
        Duration sessionIdle,
        Duration sessionPaused,
        Duration resume,
        int initsPerSecond,
        int strangersPerSecond,
        int queuesPercent,
        boolean logClientAddresses) {
    private static final int MOST_IN_ALL = 1 << 20;
    private static final UUID NIL = new UUID(0, 0);
    private static final UUID MAX = new UUID(-1, -1);

    static ServerSettings read(Map<String, ?> properties) {
        return StrictConfig.read(ServerConfig.class, properties, ServerSettings::of);
    }

    private static ServerSettings of(ServerConfig config) {
        if (!config.public_url().isEmpty()) {
            TunnelLink.checkUrl("public.url", config.public_url());
        }
        return new ServerSettings(
                uuid(config.uuid()),
                StrictConfig.range("node", config.node(), 0, Serials.MAX_NODE),
                StrictConfig.range("sessions.max", config.sessions_max(), 1, 65_536),
                StrictConfig.range("sessions.total.max", config.sessions_total_max(), 1, MOST_IN_ALL),
                Duration.ofSeconds(
                        StrictConfig.range("sessions.idle.seconds", config.sessions_idle_seconds(), 6, 3600)),
                Duration.ofSeconds(
                        StrictConfig.range("sessions.paused.seconds", config.sessions_paused_seconds(), 6, 86_400)),
                Duration.ofSeconds(StrictConfig.range("resume.seconds", config.resume_seconds(), 6, 86_400)),
                StrictConfig.range("inits.per.second", config.inits_per_second(), 1, 10_000),
                StrictConfig.range("strangers.per.second", config.strangers_per_second(), 1, 100_000),
                StrictConfig.range("queues.percent", config.queues_percent(), 1, 90),
                config.log_client_addresses());
    }

    private static Optional<UUID> uuid(String text) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            UUID uuid = UUID.fromString(text);
            if (!uuid.equals(NIL) && !uuid.equals(MAX) && uuid.toString().equalsIgnoreCase(text)) {
                return Optional.of(uuid);
            }
        } catch (IllegalArgumentException e) {
            throw notUuid(text);
        }
        throw notUuid(text);
    }

    private static ConfigException notUuid(String text) {
        return new ConfigException(
                "uuid", text, "must be a UUID other than nil and max (make one with: httun gen-uuid)");
    }
}
