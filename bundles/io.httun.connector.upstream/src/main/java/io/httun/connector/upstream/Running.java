// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import io.httun.api.config.ConfigException;
import io.httun.api.target.Target;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.File;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Settings and what was learnt under them; replaced as a whole. */
final class Running {
    private static final Logger LOG = LoggerFactory.getLogger(Running.class);

    private final UpstreamSettings settings;
    private final Map<String, ProxyState> states;
    private final SslContext tls;

    /** @throws ConfigException if the trust store cannot be used */
    Running(UpstreamSettings settings, LongSupplier nanoTime) {
        this.settings = settings;
        this.states = settings.proxies().stream()
                .collect(Collectors.toUnmodifiableMap(
                        Proxy::name, proxy -> new ProxyState(proxy, settings, nanoTime), (a, b) -> a));
        this.tls = settings.proxies().stream().anyMatch(Proxy::tls) ? tls(settings) : null;
    }

    private static SslContext tls(UpstreamSettings settings) {
        String trust = settings.trust();
        try {
            SslContextBuilder builder = SslContextBuilder.forClient().sslProvider(SslProvider.JDK);
            if (trust.equals("none")) {
                if (settings.pins().isEmpty()) {
                    LOG.warn(
                            "Connector {}: tls.trust = none and no tls.pin: whoever answers is taken for the proxy and gets its"
                                    + " login",
                            settings.name());
                }
                builder.trustManager(InsecureTrustManagerFactory.INSTANCE).endpointIdentificationAlgorithm(null);
            } else if (!trust.equals("system")) {
                builder.trustManager(new File(trust));
            }
            return builder.build();
        } catch (SSLException | IllegalArgumentException e) {
            throw new ConfigException(
                    "tls.trust",
                    trust,
                    "must be system, none, or a PEM file with certificates (" + e.getMessage() + ")");
        }
    }

    UpstreamSettings settings() {
        return settings;
    }

    ProxyState state(Proxy proxy) {
        return states.get(proxy.name());
    }

    /** There if a proxy needs it. */
    SslContext tls() {
        return tls;
    }

    /** The alternatives for a target, those through dead proxies last; empty if no way leads to it. */
    Optional<List<List<Proxy>>> chains(Target target) {
        Function<List<Proxy>, Boolean> dead =
                chain -> chain.stream().anyMatch(proxy -> state(proxy).isDead());
        return settings.ways().stream()
                .filter(way -> way.pattern().matches(target))
                .findFirst()
                .filter(way -> !way.chains().isEmpty())
                .map(way ->
                        way.chains().stream().sorted(Comparator.comparing(dead)).toList());
    }
}
