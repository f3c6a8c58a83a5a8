// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;

/** How many connections there are, in all and by address. Thread-safe. */
final class ConnectionLimits {
    /** Beyond the limit, so many more may be told so; the rest is closed without a word. */
    private static final int TOLD = 256;

    /** As many where that takes a handshake. */
    private static final int TOLD_BY_TLS = 16;

    private final AtomicInteger all = new AtomicInteger();
    private final ConcurrentMap<String, Integer> byAddress = new ConcurrentHashMap<>();

    /** Counts one more; {@link #leave()} counts it down. */
    boolean enter(int most) {
        return all.incrementAndGet() <= most;
    }

    boolean isFlooded(int most, boolean tls) {
        return all.get() >= most + (tls ? TOLD_BY_TLS : TOLD);
    }

    void leave() {
        all.decrementAndGet();
    }

    /** Counts one more from there; {@link #leave(String)} counts it down. */
    boolean enter(String address, int most) {
        return byAddress.merge(address, 1, Integer::sum) <= most;
    }

    void leave(String address) {
        byAddress.computeIfPresent(address, (key, count) -> count == 1 ? null : count - 1);
    }
}
