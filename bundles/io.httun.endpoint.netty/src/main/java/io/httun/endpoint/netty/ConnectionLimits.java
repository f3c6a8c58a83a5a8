// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import io.httun.toolkit.net.SourceCounts;
import java.util.concurrent.atomic.AtomicInteger;

/** How many connections there are, in all and by address. Thread-safe. */
final class ConnectionLimits {
    /** This many connections beyond the limit are answered 503; others are closed without an answer. */
    private static final int TOLD = 256;

    /** The same for connections that need a TLS handshake first. */
    private static final int TOLD_BY_TLS = 16;

    private final AtomicInteger all = new AtomicInteger();
    private final SourceCounts byAddress = new SourceCounts();

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
        return byAddress.enter(address, most);
    }

    void leave(String address) {
        byAddress.leave(address);
    }
}
