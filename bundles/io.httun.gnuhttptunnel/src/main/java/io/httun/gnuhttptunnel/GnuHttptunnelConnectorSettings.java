// SPDX-License-Identifier: Apache-2.0
package io.httun.gnuhttptunnel;

import static io.httun.toolkit.config.StrictConfig.range;

import io.httun.api.config.ConfigException;
import io.httun.api.target.Target;
import io.httun.toolkit.carried.CarriedClient;
import io.httun.toolkit.carried.HttpRoute;
import io.httun.toolkit.config.StrictConfig;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** A client's configuration, checked. */
record GnuHttptunnelConnectorSettings(
        String name,
        HttpRoute route,
        Optional<Target> target,
        String userAgent,
        long contentLength,
        int connectSeconds,
        int idleSeconds,
        int queueMax,
        int queueSeconds)
        implements CarriedClient.Settings {
    static final long MAX_LENGTH = 1_000_000_000_000_000L;

    /** Squid before 6.13 takes a full request buffer of 512 KiB for a client that has gone: this never fills it (its bug 5405). */
    private static final long PROXY_LENGTH = 500_000;

    GnuHttptunnelConnectorSettings {
        if (name.isEmpty()) {
            throw new ConfigException("name", name, "must not be empty");
        }
        if (userAgent.chars().anyMatch(c -> c < ' ' || c > '~')) {
            throw new ConfigException("user.agent", userAgent, "must be printable ASCII");
        }
    }

    static GnuHttptunnelConnectorSettings read(Map<String, ?> properties) {
        return StrictConfig.read(
                GnuHttptunnelConnectorConfig.class,
                properties,
                config -> new GnuHttptunnelConnectorSettings(
                        config.name(),
                        HttpRoute.of(
                                config.server(), config.proxy(), config.basic_auth_file(), config.proxy_auth_file()),
                        config.target().isEmpty() ? Optional.empty() : Optional.of(target(config.target())),
                        config.user_agent(),
                        contentLength(config),
                        range("connect.seconds", config.connect_seconds(), 1, 600),
                        range("idle.seconds", config.idle_seconds(), 10, 86_400),
                        range("queue.max", config.queue_max(), 0, 10_000),
                        range("queue.seconds", config.queue_seconds(), 1, 3600)));
    }

    private static long contentLength(GnuHttptunnelConnectorConfig config) {
        if (config.content_length() != 0) {
            return range("content.length", config.content_length(), 100, MAX_LENGTH);
        }
        return config.proxy().isEmpty() ? MAX_LENGTH : PROXY_LENGTH;
    }

    static Target target(String text) {
        try {
            return Target.parse(text);
        } catch (IllegalArgumentException e) {
            throw new ConfigException("target", text, "must be HOST:PORT, an IPv6 address in brackets");
        }
    }

    String postHead() {
        return head("POST", "Content-Length: " + contentLength + "\r\n");
    }

    String getHead() {
        return head("GET", "");
    }

    private String head(String method, String length) {
        return method + ' ' + route.uri("/index.html?crap=" + Instant.now().getEpochSecond()) + " HTTP/1.1\r\nHost: "
                + route.server() + "\r\n" + length + "Connection: close\r\n"
                + route.logins() + (userAgent.isEmpty() ? "" : "User-Agent: " + userAgent + "\r\n") + "\r\n";
    }

    /** Without secrets. */
    @Override
    public String toString() {
        return "ClientSettings[" + name + ", " + route + "]";
    }
}
