// SPDX-License-Identifier: Apache-2.0
package io.httun.runtime;

import io.httun.api.target.Resolution;
import io.netty.channel.EventLoop;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.NoopAuthoritativeDnsServerCache;
import io.netty.resolver.dns.NoopDnsCnameCache;
import io.netty.resolver.dns.SequentialDnsServerAddressStreamProvider;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.PromiseNotifier;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * One configuration of name resolution, with its cache. Each address family has a resolver of its own, so that
 * neither waits for the other. Both query the same search domain, so that a name cannot mean two hosts.
 */
final class NameResolution implements AutoCloseable {
    private static final int MAX_QUERIES = 8;
    private static final int MAX_SHARED_QUESTIONS = 1024;

    private final NettyEventLoops loops;
    private final RuntimeSettings.Resolver settings;
    private final EventLoop loop;
    private final List<String> search;
    private final int ndots;
    /** The preferred family first. */
    private final List<FamilyResolver> families;

    NameResolution(NettyEventLoops loops, RuntimeSettings.Resolver settings, ResolvConf system) {
        this.loops = loops;
        this.settings = settings;
        this.loop = loops.group().next();
        boolean ours = !settings.servers().isEmpty();
        this.search = ours || !settings.search().isEmpty() ? settings.search() : system.search();
        this.ndots = settings.ndots() >= 0 ? settings.ndots() : ours ? 1 : system.ndots();
        ResolvedAddressTypes four = ResolvedAddressTypes.IPV4_ONLY;
        ResolvedAddressTypes six = ResolvedAddressTypes.IPV6_ONLY;
        List<ResolvedAddressTypes> order =
                switch (settings.addresses()) {
                    case IPV4_ONLY -> List.of(four);
                    case IPV6_ONLY -> List.of(six);
                    case IPV4_PREFERRED -> List.of(four, six);
                    case IPV6_PREFERRED -> List.of(six, four);
                };
        DnsServerAddressStreamProvider servers =
                ours ? new SequentialDnsServerAddressStreamProvider(settings.servers()) : system.servers();
        this.families = order.stream()
                .map(types -> new FamilyResolver(loop, servers, BoundedDnsCache.of(settings), () -> settingsOf(types)))
                .toList();
    }

    private DnsNameResolverBuilder settingsOf(ResolvedAddressTypes types) {
        return new DnsNameResolverBuilder(loop)
                .datagramChannelType(loops.sockets().datagram())
                .socketChannelType(loops.socketChannel(), true)
                .searchDomains(List.of())
                .hostsFileEntriesResolver((host, any) -> null)
                .resolvedAddressTypes(types)
                .cnameCache(NoopDnsCnameCache.INSTANCE)
                .authoritativeDnsServerCache(NoopAuthoritativeDnsServerCache.INSTANCE)
                .consolidateCacheSize(MAX_SHARED_QUESTIONS)
                .queryTimeoutMillis(settings.timeoutMillis())
                .maxQueriesPerResolve(MAX_QUERIES);
    }

    /** @param executor notifies the listeners of the result */
    Future<Resolution> resolve(String host, EventExecutor executor) {
        if (loop.inEventLoop()) {
            return resolveHere(host, executor);
        }
        Promise<Resolution> result = executor.newPromise();
        loop.execute(() -> PromiseNotifier.cascade(resolveHere(host, executor), result));
        return result;
    }

    /**
     * Runs on the resolvers' event loop: elsewhere a query that completes between the cache look-up and the search
     * for a query to share would be repeated.
     */
    private Future<Resolution> resolveHere(String host, EventExecutor executor) {
        Deque<String> candidates = candidates(host);
        Future<Resolution> first = ask(candidates.remove(), executor);
        if (candidates.isEmpty()) {
            return first;
        }
        Promise<Resolution> result = executor.newPromise();
        next(first, candidates, executor, result);
        return result;
    }

    private void next(
            Future<Resolution> asked, Deque<String> others, EventExecutor executor, Promise<Resolution> result) {
        asked.addListener((FutureListener<Resolution>) answer -> {
            if (answer.isSuccess()) {
                result.trySuccess(answer.getNow());
            } else if (others.isEmpty() || DnsNameResolver.isTransportOrTimeoutError(answer.cause())) {
                result.tryFailure(answer.cause());
            } else {
                next(ask(others.remove(), executor), others, executor, result);
            }
        });
    }

    private Deque<String> candidates(String host) {
        List<String> names = new ArrayList<>();
        search.forEach(domain -> names.add(host + '.' + domain));
        boolean asItIsFirst = host.chars().filter(c -> c == '.').count() >= ndots;
        names.add(asItIsFirst ? 0 : names.size(), host);
        return new ArrayDeque<>(names);
    }

    private Future<Resolution> ask(String name, EventExecutor executor) {
        Future<List<InetAddress>> preferred = families.get(0).resolveAll(name);
        Future<List<InetAddress>> other = families.size() == 1
                ? executor.newFailedFuture(new UnknownHostException(name))
                : families.get(1).resolveAll(name);
        return FamilyRace.run(loop, preferred, other, executor);
    }

    @Override
    public void close() {
        families.forEach(FamilyResolver::close);
    }
}
