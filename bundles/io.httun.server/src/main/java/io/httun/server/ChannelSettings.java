// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.config.ConfigException;
import io.httun.api.crypto.SharedSecret;
import io.httun.api.relay.RelayPolicy;
import io.httun.api.relay.RelaySettings;
import io.httun.api.stream.ListenRule;
import io.httun.api.tunnel.TunnelReply;
import io.httun.protocol.SequenceWindow;
import io.httun.protocol.TunnelPath;
import io.httun.toolkit.config.BasicCredentials;
import io.httun.toolkit.config.ChannelSecrets;
import io.httun.toolkit.config.RelayPolicies;
import io.httun.toolkit.config.StrictConfig;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The content of a {@link ChannelConfig}, checked. */
record ChannelSettings(
        String name,
        int id,
        ChannelSecrets secrets,
        boolean enabled,
        boolean test,
        boolean l7,
        List<String> filters,
        int windowLength,
        Optional<BasicCredentials> credentials,
        List<Map.Entry<String, String>> headers,
        Duration idle,
        L3Settings l3,
        RelayPolicy policy,
        ChannelLimits limits,
        List<ListenRule> reverse) {
    /** As many as there may be sessions, which have a limit of their own. */
    private static final int MAX_CONNECTIONS = 65_536;

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    private static final Set<String> OURS =
            Set.of("content-length", "content-type", "transfer-encoding", "connection", "cache-control", "retry-after");

    static ChannelSettings read(Map<String, ?> properties) {
        return StrictConfig.read(ChannelConfig.class, properties, ChannelSettings::of);
    }

    /** Of a channel that does the work for requests that must fail: nobody has its secret. */
    static ChannelSettings decoy(SecureRandom random) {
        return new ChannelSettings(
                "-",
                0,
                ChannelSecrets.of(Rotation.random(random)),
                true,
                false,
                false,
                List.of(),
                SequenceWindow.MAX_LENGTH,
                Optional.empty(),
                List.of(TunnelReply.NO_STORE),
                Duration.ofSeconds(1),
                L3Settings.NONE,
                RelayPolicy.UNLIMITED,
                ChannelLimits.NONE,
                List.of());
    }

    private static ChannelSettings of(ChannelConfig config) {
        if (!NAME.matcher(config.name()).matches()) {
            throw new ConfigException("name", config.name(), "must be 1 to 64 of A-Z a-z 0-9 - _ .");
        }
        ChannelSecrets secrets = ChannelSecrets.read(config.secret_file(), config.secret());
        return new ChannelSettings(
                config.name(),
                StrictConfig.range("id", config.id(), 0, TunnelPath.MAX_CHANNEL),
                secrets,
                config.enabled(),
                config.test(),
                config.l7(),
                filters(List.of(config.filters())),
                StrictConfig.range("window.length", config.window_length(), 1, SequenceWindow.MAX_LENGTH),
                credentials(config.basic_auth_file(), secrets.current()),
                Stream.concat(
                                Stream.of(TunnelReply.NO_STORE),
                                Arrays.stream(config.extra_headers()).map(ChannelSettings::header))
                        .toList(),
                Duration.ofSeconds(StrictConfig.range("idle.seconds", config.idle_seconds(), 1, 86_400)),
                L3Settings.of(config),
                RelayPolicies.parse("policy", config.policy()),
                ChannelLimits.of(config),
                Arrays.stream(config.reverse_allow())
                        .map(rule -> ListenRule.parse("reverse.allow", rule))
                        .toList());
    }

    /** What the engine has to know of the channel. */
    RelaySettings relay() {
        return new RelaySettings(name, filters, MAX_CONNECTIONS, policy, Map.of());
    }

    private static List<String> filters(List<String> names) {
        if (names.equals(List.of("none"))) {
            return List.of();
        }
        if (names.isEmpty() || names.contains("none") || names.contains("")) {
            throw new ConfigException(
                    "filters", String.join(",", names), "must name filters, or be the single word none for any target");
        }
        return names;
    }

    private static Optional<BasicCredentials> credentials(String file, SharedSecret secret) {
        if (file.isEmpty()) {
            return Optional.empty();
        }
        BasicCredentials credentials = BasicCredentials.read("basic.auth.file", file);
        byte[] lower = secret.toHex();
        byte[] upper = new String(lower, StandardCharsets.US_ASCII)
                .toUpperCase(Locale.ROOT)
                .getBytes(StandardCharsets.US_ASCII);
        boolean same = credentials.hasPassword(lower) | credentials.hasPassword(upper);
        Arrays.fill(lower, (byte) 0);
        Arrays.fill(upper, (byte) 0);
        if (same) {
            throw new ConfigException(
                    "basic.auth.file", file, "the password must not be the channel's secret: it travels in the clear");
        }
        return Optional.of(credentials);
    }

    private static Map.Entry<String, String> header(String line) {
        int colon = line.indexOf(':');
        String name = colon < 0 ? "" : line.substring(0, colon).strip().toLowerCase(Locale.ROOT);
        String value = line.substring(colon + 1).strip();
        if (!TOKEN.matcher(name).matches() || !value.chars().allMatch(c -> c >= ' ' && c <= '~')) {
            throw new ConfigException(
                    "extra.headers", line, "must be Name: value in printable ASCII, the name a token (RFC 9110)");
        }
        if (OURS.contains(name)) {
            throw new ConfigException("extra.headers", line, name + " is set by the server itself");
        }
        return Map.entry(name, value);
    }
}
