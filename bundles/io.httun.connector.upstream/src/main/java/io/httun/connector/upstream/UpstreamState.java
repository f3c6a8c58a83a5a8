// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import io.httun.api.target.Target;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/** Settings, and the state learnt under them; replaced as a whole. */
final class UpstreamState {
    private final UpstreamSettings settings;
    private final Map<String, ProxyState> states;

    UpstreamState(UpstreamSettings settings, LongSupplier nanoTime) {
        this.settings = settings;
        this.states = settings.proxies().stream()
                .collect(Collectors.toUnmodifiableMap(
                        UpstreamProxy::name, proxy -> new ProxyState(proxy, settings, nanoTime), (a, b) -> a));
    }

    UpstreamSettings settings() {
        return settings;
    }

    ProxyState state(UpstreamProxy proxy) {
        return states.get(proxy.name());
    }

    /** The alternatives for a target, those through dead proxies last; empty if no way matches. */
    Optional<List<List<UpstreamProxy>>> chains(Target target) {
        Function<List<UpstreamProxy>, Boolean> dead =
                chain -> chain.stream().anyMatch(proxy -> state(proxy).isDead());
        return settings.ways().stream()
                .filter(way -> way.pattern().matches(target))
                .findFirst()
                .filter(way -> !way.chains().isEmpty())
                .map(way ->
                        way.chains().stream().sorted(Comparator.comparing(dead)).toList());
    }
}
