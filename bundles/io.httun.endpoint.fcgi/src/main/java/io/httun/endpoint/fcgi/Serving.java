// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.fcgi;

import io.httun.api.tunnel.Carriers;
import io.httun.api.tunnel.TunnelService;
import io.httun.toolkit.status.LogLimiter;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.LoggerFactory;

/** What the connections of one endpoint share: service, limits and counters. */
final class Serving {
    /** Most memory for parameters and bodies that are still coming in, over all connections. */
    private static final long MAX_BODIES = 64L << 20;

    final TunnelService service;
    final Carriers carriers = new Carriers();
    final Set<FcgiConnection> connections = ConcurrentHashMap.newKeySet();
    final LongAdder requests = new LongAdder();
    private final LogLimiter limited = new LogLimiter(LoggerFactory.getLogger(Serving.class));
    private final AtomicInteger active = new AtomicInteger();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicLong bodies = new AtomicLong();
    private volatile FcgiEndpointSettings settings;

    Serving(TunnelService service, FcgiEndpointSettings settings) {
        this.service = service;
        this.settings = settings;
    }

    void complain(PeerFault fault, String detail) {
        limited.warn(fault.name(), "Endpoint {}: {}: {}", settings.name(), fault, detail);
    }

    FcgiEndpointSettings settings() {
        return settings;
    }

    void change(FcgiEndpointSettings next) {
        settings = next;
    }

    /** Reserves room for another request; always to be given back by {@link #ended()}. Returns whether the limit allows it. */
    boolean begun() {
        return active.incrementAndGet() <= settings.requestsMax();
    }

    void ended() {
        active.decrementAndGet();
    }

    /** Reserves room for {@code bytes} more of parameters or a body; always to be given back by a negative number. Returns whether the limit allows it. */
    boolean reserve(long bytes) {
        return bodies.addAndGet(bytes) <= MAX_BODIES;
    }

    /** Whether there is no request, incomplete or waiting. */
    boolean isIdle() {
        return active.get() == 0 && waiting.get() == 0 && bodies.get() == 0;
    }

    void waits(int more) {
        waiting.addAndGet(more);
    }

    int waiting() {
        return waiting.get();
    }

    /** Whether every connection is closed by then. */
    boolean stop(long time, TimeUnit unit) {
        List<FcgiConnection> open = List.copyOf(connections);
        open.forEach(FcgiConnection::stop);
        long deadline = System.nanoTime() + unit.toNanos(time);
        return open.stream().allMatch(connection -> connection
                .closed()
                .awaitUninterruptibly(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS));
    }
}
