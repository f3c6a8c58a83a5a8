// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.httun.api.status.LimitStatus;
import io.netty.util.internal.PlatformDependent;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Limits the connections of all listeners together, and the memory of their queued bytes. The queued bytes are summed
 * when a connection is accepted, at most ten times a second: the data path is not slowed by accounting.
 */
final class RelayCapacity {
    static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int PERCENT = 100;

    private final Set<AcceptedConnection> open = ConcurrentHashMap.newKeySet();
    private final AtomicLong nextLook;
    private final long memory;
    private final LongSupplier nanos;
    private volatile long queued;

    RelayCapacity() {
        this(Math.min(Runtime.getRuntime().maxMemory(), PlatformDependent.maxDirectMemory()), System::nanoTime);
    }

    RelayCapacity(long memory, LongSupplier nanos) {
        this.memory = memory;
        this.nanos = nanos;
        this.nextLook = new AtomicLong(nanos.getAsLong());
    }

    void enter(AcceptedConnection connection) {
        open.add(connection);
    }

    void leave(AcceptedConnection connection) {
        open.remove(connection);
    }

    /**
     * Returns the limit that refuses a new connection; empty if there is room. One of a few fixed texts, so that the
     * log limiter can group them.
     */
    String obstacle(RelayEngineSettings settings) {
        if (open.size() >= settings.maxConnections()) {
            return "connections.max = " + settings.maxConnections() + " of io.httun.relay are open on all listeners";
        }
        return queued() >= memory / PERCENT * settings.queuesPercent()
                ? "queued bytes take queues.percent = " + settings.queuesPercent() + " of the memory"
                : "";
    }

    List<LimitStatus> limits(RelayEngineSettings settings) {
        return List.of(
                new LimitStatus("relay", "connections.max", "connections", open.size(), settings.maxConnections()),
                new LimitStatus(
                        "relay", "queues.percent", "bytes", queued(), memory / PERCENT * settings.queuesPercent()));
    }

    private long queued() {
        long now = nanos.getAsLong();
        long due = nextLook.get();
        if (now - due >= 0 && nextLook.compareAndSet(due, now + LOOK_NANOS)) {
            queued = open.stream().mapToLong(AcceptedConnection::queued).sum();
        }
        return queued;
    }
}
