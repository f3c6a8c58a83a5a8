// SPDX-License-Identifier: Apache-2.0
package io.httun.runtime;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.resolver.dns.DefaultDnsCache;
import io.netty.resolver.dns.DnsCache;
import io.netty.resolver.dns.DnsCacheEntry;
import io.netty.resolver.dns.NoopDnsCache;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Netty's DNS cache with a bound on its size: strangers may choose the names. */
final class BoundedDnsCache implements DnsCache {
    private final DnsCache cache;
    private final int bound;
    private final Map<String, Boolean> names = new LinkedHashMap<>(16, 0.75f, true);

    BoundedDnsCache(DnsCache cache, int bound) {
        this.cache = cache;
        this.bound = bound;
    }

    static BoundedDnsCache of(RuntimeSettings.Resolver settings) {
        return new BoundedDnsCache(
                new DefaultDnsCache(settings.minTtlSeconds(), settings.maxTtlSeconds(), settings.negativeTtlSeconds()),
                settings.cacheSize());
    }

    @Override
    public void clear() {
        synchronized (names) {
            names.clear();
        }
        cache.clear();
    }

    @Override
    public boolean clear(String hostname) {
        synchronized (names) {
            names.remove(hostname);
        }
        return cache.clear(hostname);
    }

    @Override
    public List<? extends DnsCacheEntry> get(String hostname, DnsRecord[] additionals) {
        synchronized (names) {
            names.get(hostname);
        }
        return cache.get(hostname, additionals);
    }

    @Override
    public DnsCacheEntry cache(
            String hostname, DnsRecord[] additionals, InetAddress address, long originalTtl, EventLoop loop) {
        makeRoom(hostname);
        return cache.cache(hostname, additionals, address, originalTtl, loop);
    }

    /** Keeps nothing: another server may know the name. */
    @Override
    public DnsCacheEntry cache(String hostname, DnsRecord[] additionals, Throwable cause, EventLoop loop) {
        return NoopDnsCache.INSTANCE.cache(hostname, additionals, cause, loop);
    }

    /** No server knows the name. */
    void cacheFailure(String hostname, Throwable cause, EventLoop loop) {
        makeRoom(hostname);
        cache.cache(hostname, null, cause, loop);
    }

    private void makeRoom(String hostname) {
        String eldest = null;
        synchronized (names) {
            names.put(hostname, true);
            if (names.size() > bound) {
                eldest = names.keySet().iterator().next();
                names.remove(eldest);
            }
        }
        if (eldest != null) {
            cache.clear(eldest);
        }
    }
}
