// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One line a second at most for each thing that strangers can cause at will. Causes are few and fixed. */
final class Complaints {
    private static final Logger LOG = LoggerFactory.getLogger(Complaints.class);
    private static final long PAUSE = TimeUnit.SECONDS.toNanos(1);

    private static final class Cause {
        private final AtomicLong untold = new AtomicLong();
        private final AtomicLong lastNanos = new AtomicLong(System.nanoTime() - PAUSE);
    }

    private final Map<String, Cause> causes = new ConcurrentHashMap<>();

    void note(String endpoint, String what) {
        Cause cause = causes.computeIfAbsent(what, any -> new Cause());
        cause.untold.incrementAndGet();
        long last = cause.lastNanos.get();
        long now = System.nanoTime();
        if (now - last >= PAUSE && cause.lastNanos.compareAndSet(last, now)) {
            LOG.info("Endpoint {}: {} ({} times)", endpoint, what, cause.untold.getAndSet(0));
        }
    }
}
