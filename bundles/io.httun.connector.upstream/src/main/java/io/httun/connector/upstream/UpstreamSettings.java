// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import static io.httun.toolkit.config.StrictConfig.range;

import io.httun.api.config.ConfigException;
import io.httun.toolkit.config.CertificatePins;
import io.httun.toolkit.config.StrictConfig;
import io.httun.toolkit.tls.ClientTls;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The settings of an upstream connector. */
record UpstreamSettings(
        String name,
        List<UpstreamProxy> proxies,
        List<Way> ways,
        Map<String, ProxyCredentials> credentials,
        List<LoginMethod> methods,
        Optional<ClientTls> tls,
        int connectSeconds,
        int deadSeconds,
        int drainSeconds) {
    private static final int CONNECT = 20;
    private static final int MAX_CONNECT = 600;
    private static final int DAY = 86_400;

    UpstreamSettings {
        proxies = List.copyOf(proxies);
        ways = List.copyOf(ways);
        methods = List.copyOf(methods);
    }

    static UpstreamSettings read(Map<String, ?> properties) {
        return StrictConfig.read(UpstreamConfig.class, properties, UpstreamSettings::of);
    }

    /** The settings of a connector through one proxy, with the defaults of all others. */
    static UpstreamSettings through(UpstreamProxy proxy, Optional<ProxyCredentials> credentials) {
        Map<String, UpstreamProxy> proxies = Map.of(proxy.name(), proxy);
        return new UpstreamSettings(
                proxy.name(),
                List.of(proxy),
                Way.throughAny(proxies),
                credentials.map(login -> Map.of(proxy.name(), login)).orElse(Map.of()),
                List.of(LoginMethod.DIGEST, LoginMethod.NTLM, LoginMethod.BASIC),
                proxy.tls() ? Optional.of(ClientTls.of("tls", "system")) : Optional.empty(),
                CONNECT,
                0,
                0);
    }

    private static UpstreamSettings of(UpstreamConfig config) {
        if (config.name().isEmpty()) {
            throw new ConfigException("name", config.name(), "must not be empty");
        }
        if (config.connector_target().equals("(name=" + config.name() + ")")) {
            throw new ConfigException("connector.target", config.connector_target(), "leads back to this connector");
        }
        Map<String, UpstreamProxy> proxies = new LinkedHashMap<>();
        for (String text : config.proxies()) {
            UpstreamProxy proxy = UpstreamProxy.parse(text);
            if (proxies.put(proxy.name(), proxy) != null) {
                throw new ConfigException("proxies", text, "gives two proxies the same name");
            }
        }
        if (proxies.isEmpty()) {
            throw new ConfigException("proxies", "", "must hold at least one NAME=URL");
        }
        return new UpstreamSettings(
                config.name(),
                List.copyOf(proxies.values()),
                config.ways().length == 0 ? Way.throughAny(proxies) : Way.parse(config.ways(), proxies),
                config.credentials_file().isEmpty()
                        ? Map.of()
                        : ProxyCredentials.read(config.credentials_file(), proxies.keySet()),
                Arrays.stream(config.auth_methods())
                        .map(UpstreamSettings::method)
                        .distinct()
                        .toList(),
                tls(config, proxies.values()),
                range("connect.seconds", config.connect_seconds(), 1, MAX_CONNECT),
                range("dead.seconds", config.dead_seconds(), 0, DAY),
                range("drain.seconds", config.drain_seconds(), 0, DAY));
    }

    /** Empty without https proxies. */
    private static Optional<ClientTls> tls(UpstreamConfig config, Collection<UpstreamProxy> proxies) {
        CertificatePins.parse("tls.pin", config.tls_pin());
        return proxies.stream().anyMatch(UpstreamProxy::tls)
                ? Optional.of(ClientTls.of("tls", config.tls_trust(), config.tls_pin()))
                : Optional.empty();
    }

    private static LoginMethod method(String text) {
        return Arrays.stream(LoginMethod.values())
                .filter(method -> method.name().toLowerCase(Locale.ROOT).equals(text))
                .findFirst()
                .orElseThrow(() -> new ConfigException("auth.methods", text, "must be digest, ntlm or basic"));
    }

    Optional<ProxyCredentials> credentialsFor(UpstreamProxy proxy) {
        return Optional.ofNullable(credentials.get(proxy.name()));
    }
}
