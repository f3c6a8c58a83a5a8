// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Lets each cause be logged at most once a second. */
final class LogThrottle {
    private static final long PAUSE = TimeUnit.SECONDS.toNanos(1);
    private static final int MAX_CAUSES = 256;

    private final Map<String, Long> last = new ConcurrentHashMap<>();

    boolean permits(String cause) {
        long now = System.nanoTime();
        if (last.size() > MAX_CAUSES) {
            last.clear();
        }
        boolean[] permitted = new boolean[1];
        last.compute(cause, (key, before) -> {
            permitted[0] = before == null || now - before >= PAUSE;
            return permitted[0] ? Long.valueOf(now) : before;
        });
        return permitted[0];
    }
}
