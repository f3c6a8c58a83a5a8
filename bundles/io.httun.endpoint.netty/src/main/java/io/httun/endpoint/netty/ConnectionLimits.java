// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import io.httun.toolkit.net.SourceCounts;
import java.util.concurrent.atomic.AtomicInteger;

/** The number of connections, in all and by source. Thread-safe. */
final class ConnectionLimits {
    /** This many connections beyond the limit are answered 503; others are closed without an answer. */
    private static final int TOLD = 256;

    /** The same for connections that need a TLS handshake first. */
    private static final int TOLD_BY_TLS = 16;

    private final AtomicInteger all = new AtomicInteger();
    private final SourceCounts bySource = new SourceCounts();

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

    /** Counts one more of this source; {@link #leave(String)} counts it down. */
    boolean enter(String source, int most) {
        return bySource.enter(source, most);
    }

    void leave(String source) {
        bySource.leave(source);
    }
}
