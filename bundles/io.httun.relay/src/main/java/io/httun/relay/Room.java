// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.netty.util.internal.PlatformDependent;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Whether there is room for one connection more, over all listeners. What waits is summed up when somebody comes, and not
 * more than ten times a second, so that bytes on their way cost nothing.
 */
final class Room {
    static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int PERCENT = 100;

    private final Set<Connection> open = ConcurrentHashMap.newKeySet();
    private final AtomicLong nextLook;
    private final long memory;
    private final LongSupplier nanos;
    private volatile long waiting;

    Room() {
        this(Math.min(Runtime.getRuntime().maxMemory(), PlatformDependent.maxDirectMemory()), System::nanoTime);
    }

    /** @param nanos the clock */
    Room(long memory, LongSupplier nanos) {
        this.memory = memory;
        this.nanos = nanos;
        this.nextLook = new AtomicLong(nanos.getAsLong());
    }

    void enter(Connection connection) {
        open.add(connection);
    }

    void leave(Connection connection) {
        open.remove(connection);
    }

    /** Why there is none; empty where there is. One of a few fixed texts. */
    String obstacle(EngineSettings settings) {
        if (open.size() >= settings.maxConnections()) {
            return "connections.max = " + settings.maxConnections() + " of io.httun.relay are open on all listeners";
        }
        return waiting() >= memory / PERCENT * settings.queuesPercent()
                ? "bytes that wait take queues.percent = " + settings.queuesPercent() + " of the memory"
                : "";
    }

    private long waiting() {
        long now = nanos.getAsLong();
        long due = nextLook.get();
        if (now - due >= 0 && nextLook.compareAndSet(due, now + LOOK_NANOS)) {
            waiting = open.stream().mapToLong(Connection::waiting).sum();
        }
        return waiting;
    }
}
