// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import static io.httun.toolkit.config.StrictConfig.range;

import io.httun.api.config.ConfigException;
import io.httun.api.crypto.SharedSecret;
import io.httun.protocol.SequenceWindow;
import io.httun.protocol.TunnelPath;
import io.httun.toolkit.config.BasicCredentials;
import io.httun.toolkit.config.ConfiguredSecret;
import io.httun.toolkit.tls.ClientTls;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The validated configuration of a client.
 *
 * @param authorization value of the authorization header; empty for none
 */
record ClientSettings(
        String name,
        List<ServerUrl> urls,
        int id,
        SharedSecret secret,
        String authorization,
        String userAgent,
        List<ExtraHeader> extraHeaders,
        AddressFamily family,
        ClientTls tls,
        Limits limits,
        int windowLength,
        Timeouts timeouts,
        WayOut wayOut) {
    private static final int MAX_SESSIONS = 65_536;
    private static final int MAX_QUEUE_SECONDS = 3600;
    private static final int MAX_SECONDS = 60;
    private static final int MIN_READ_SECONDS = 6;

    /** Limits on simultaneous use; see the attributes of the same names in {@link ClientConfig}. */
    record Limits(int sessions, int queue, long queueMillis) {}

    ClientSettings {
        urls = List.copyOf(urls);
        extraHeaders = List.copyOf(extraHeaders);
        if (name.isEmpty()) {
            throw new ConfigException("name", name, "must not be empty");
        }
        if (urls.isEmpty()) {
            throw new ConfigException("urls", urls, "must hold at least one http or https URL");
        }
        ExtraHeader.checkValue("user.agent", userAgent);
        byte[] hex = secret.toHex();
        if (!authorization.isEmpty() && ExtraHeader.hasPassword(authorization, hex)) {
            throw new ConfigException("basic.auth.file: the password must not be the channel's secret");
        }
        Arrays.fill(hex, (byte) 0);
    }

    static ClientSettings of(ClientConfig config) {
        return of(config, ExplicitLimits.NONE);
    }

    static ClientSettings of(ClientConfig config, ExplicitLimits explicit) {
        int queueSeconds = range("queue.seconds", config.queue_seconds(), 1, MAX_QUEUE_SECONDS);
        return new ClientSettings(
                config.name(),
                Arrays.stream(config.urls()).map(ServerUrl::parse).toList(),
                range("id", config.id(), 0, TunnelPath.MAX_CHANNEL),
                ConfiguredSecret.read(config.secret_file(), config.secret()),
                config.basic_auth_file().isEmpty()
                        ? ""
                        : BasicCredentials.read("basic.auth.file", config.basic_auth_file())
                                .headerValue(),
                config.user_agent(),
                Arrays.stream(config.extra_headers()).map(ExtraHeader::parse).toList(),
                family(config.address_family()),
                ClientTls.withPassword("tls", config.tls_trust(), config.tls_trust_password_file(), config.tls_pin())
                        .preferOpenSsl(),
                new Limits(
                        range("sessions.max", config.sessions_max(), 1, MAX_SESSIONS),
                        range("queue.max", config.queue_max(), 0, MAX_SESSIONS),
                        queueSeconds * 1000L),
                range("window.length", config.window_length(), 1, SequenceWindow.MAX_LENGTH),
                Timeouts.ofSeconds(
                        range("connect.seconds", config.connect_seconds(), 1, MAX_SECONDS),
                        range("init.seconds", config.init_seconds(), 1, MAX_SECONDS),
                        range("write.seconds", config.write_seconds(), 1, MAX_SECONDS),
                        range("read.seconds", config.read_seconds(), MIN_READ_SECONDS, MAX_SECONDS)),
                WayOut.of(config, explicit));
    }

    private static AddressFamily family(String text) {
        return Arrays.stream(AddressFamily.values())
                .filter(family -> family.name().toLowerCase(Locale.ROOT).equals(text))
                .findFirst()
                .orElseThrow(() -> new ConfigException("address.family", text, "must be any, ipv4 or ipv6"));
    }

    /** Without secrets. */
    @Override
    public String toString() {
        return "ClientSettings[" + name + ", id " + id + ", " + urls + "]";
    }
}
