// SPDX-License-Identifier: Apache-2.0
package io.httun.runtime;

import io.httun.api.config.ConfigException;
import io.httun.toolkit.config.StrictConfig;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The settings of the runtime. */
record RuntimeSettings(int threads, String transport, Resolver resolver) {
    /** The settings of name resolution, which can change at runtime. */
    record Resolver(
            ResolvedAddressTypes addresses,
            List<InetSocketAddress> servers,
            List<String> search,
            int ndots,
            int minTtlSeconds,
            int maxTtlSeconds,
            int negativeTtlSeconds,
            int cacheSize,
            int timeoutMillis) {}

    private static final int MAX_THREADS = 1024;
    private static final int DAY = 86_400;
    private static final int DNS_PORT = 53;
    private static final int MAX_NDOTS = 15;
    private static final int MAX_DOMAIN = 250;

    static RuntimeSettings read(Map<String, ?> properties) {
        return StrictConfig.read(RuntimeConfig.class, properties, RuntimeSettings::of);
    }

    private static RuntimeSettings of(RuntimeConfig config) {
        int threads = StrictConfig.range("threads", config.threads(), 0, MAX_THREADS);
        if (!List.of("auto", "epoll", "nio").contains(config.transport())) {
            throw new ConfigException("transport", config.transport(), "must be auto, epoll or nio");
        }
        Resolver resolver = new Resolver(
                addresses(config.resolver_addresses()),
                Arrays.stream(config.resolver_servers())
                        .map(RuntimeSettings::server)
                        .toList(),
                Arrays.stream(config.resolver_search())
                        .map(RuntimeSettings::domain)
                        .toList(),
                StrictConfig.range("resolver.ndots", config.resolver_ndots(), -1, MAX_NDOTS),
                StrictConfig.range(
                        "resolver.ttl.min.seconds",
                        config.resolver_ttl_min_seconds(),
                        0,
                        config.resolver_ttl_max_seconds()),
                StrictConfig.range("resolver.ttl.max.seconds", config.resolver_ttl_max_seconds(), 0, DAY),
                StrictConfig.range("resolver.ttl.negative.seconds", config.resolver_ttl_negative_seconds(), 0, DAY),
                StrictConfig.range("resolver.cache.size", config.resolver_cache_size(), 1, 1_000_000),
                StrictConfig.range("resolver.timeout.millis", config.resolver_timeout_millis(), 10, 60_000));
        return new RuntimeSettings(threads, config.transport(), resolver);
    }

    private static ResolvedAddressTypes addresses(String value) {
        return switch (value) {
            case "ipv4-first" -> ResolvedAddressTypes.IPV4_PREFERRED;
            case "ipv6-first" -> ResolvedAddressTypes.IPV6_PREFERRED;
            case "ipv4-only" -> ResolvedAddressTypes.IPV4_ONLY;
            case "ipv6-only" -> ResolvedAddressTypes.IPV6_ONLY;
            default ->
                throw new ConfigException(
                        "resolver.addresses", value, "must be ipv4-first, ipv6-first, ipv4-only or ipv6-only");
        };
    }

    private static String domain(String value) {
        if (value.length() > MAX_DOMAIN || !value.matches("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*\\.?")) {
            throw new ConfigException("resolver.search", value, "must be a domain such as example.org");
        }
        return value;
    }

    private static InetSocketAddress server(String value) {
        boolean plain = NetUtil.isValidIpV4Address(value) || NetUtil.isValidIpV6Address(value);
        int colon = value.lastIndexOf(':');
        String host = plain || colon < 0 ? value : value.substring(0, colon);
        String port = plain || colon < 0 ? "" : value.substring(colon + 1);
        boolean portOk = port.isEmpty() ? plain : port.matches("[0-9]{1,5}") && Integer.parseInt(port) <= 0xffff;
        byte[] address = NetUtil.createByteArrayFromIpAddressString(host);
        if (address == null || !portOk) {
            throw new ConfigException("resolver.servers", value, "must be ADDRESS or ADDRESS:PORT, IPv6 in brackets");
        }
        return new InetSocketAddress(
                NetUtil.createInetAddressFromIpAddressString(host), port.isEmpty() ? DNS_PORT : Integer.parseInt(port));
    }
}
