// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One line a second at most for what strangers can cause at will. Causes are few and fixed. */
final class LogThrottle {
    private static final Logger LOG = LoggerFactory.getLogger(LogThrottle.class);
    private static final long PAUSE = TimeUnit.SECONDS.toNanos(1);

    private static final class Slot {
        private long lastNanos = System.nanoTime() - PAUSE;
        private int untold;

        /** How often it happened since the last line; 0 while it is too early for another. */
        synchronized int count() {
            untold++;
            long now = System.nanoTime();
            if (now - lastNanos < PAUSE) {
                return 0;
            }
            int told = untold;
            lastNanos = now;
            untold = 0;
            return told;
        }
    }

    private final Map<String, Slot> slots = new ConcurrentHashMap<>();

    void note(String listener, String cause) {
        int times = slots.computeIfAbsent(cause, any -> new Slot()).count();
        if (times > 0) {
            LOG.info("Listener {}: {} connection(s) not made: {}", listener, times, cause);
        }
    }
}
