// SPDX-License-Identifier: Apache-2.0
package io.httun.runtime;

import io.netty.channel.EventLoop;
import io.netty.resolver.dns.DnsCacheEntry;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsNameResolverChannelStrategy;
import io.netty.resolver.dns.DnsServerAddressStream;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The look-ups of one address family. Each server is asked from a socket of its own, and so from a random source port (RFC 5452 section 9.2): Netty
 * asks the next server from the same socket, so its resolvers know one server each. Runs on one event loop.
 */
final class FamilyResolver implements AutoCloseable {
    /** A look-up never asked more often. */
    private static final int MOST_SERVERS = 8;

    private final EventLoop loop;
    private final DnsServerAddressStreamProvider servers;
    private final BoundedDnsCache cache;
    private final Map<InetSocketAddress, DnsNameResolver> resolvers = new HashMap<>();

    /** @param settings makes a builder with all settings but servers, sockets and cache */
    FamilyResolver(
            EventLoop loop,
            DnsServerAddressStreamProvider servers,
            BoundedDnsCache cache,
            Supplier<DnsNameResolverBuilder> settings) {
        this.loop = loop;
        this.servers = servers;
        this.cache = cache;
        DnsServerAddressStream all = servers.nameServerAddressStream("");
        for (int i = 0; i < all.size(); i++) {
            resolvers.computeIfAbsent(all.next(), server -> settings.get()
                    .datagramChannelStrategy(DnsNameResolverChannelStrategy.ChannelPerResolution)
                    .nameServerProvider(new SingletonDnsServerAddressStreamProvider(server))
                    .resolveCache(cache)
                    .build());
        }
    }

    Future<List<InetAddress>> resolveAll(String name) {
        DnsServerAddressStream order = servers.nameServerAddressStream(name);
        List<? extends DnsCacheEntry> known = cache.get(name, null);
        if (known != null && !known.isEmpty()) {
            return resolvers.get(order.next()).resolveAll(name);
        }
        Promise<List<InetAddress>> result = loop.newPromise();
        ask(name, order, Math.min(order.size(), MOST_SERVERS), result);
        return result;
    }

    private void ask(String name, DnsServerAddressStream order, int servers, Promise<List<InetAddress>> result) {
        resolvers.get(order.next()).resolveAll(name).addListener((FutureListener<List<InetAddress>>) answer -> {
            if (answer.isSuccess()) {
                result.trySuccess(answer.getNow());
            } else if (servers > 1) {
                ask(name, order, servers - 1, result);
            } else {
                if (!DnsNameResolver.isTransportOrTimeoutError(answer.cause())) {
                    cache.cacheFailure(name, answer.cause(), loop);
                }
                result.tryFailure(answer.cause());
            }
        });
    }

    @Override
    public void close() {
        resolvers.values().forEach(DnsNameResolver::close);
    }
}
