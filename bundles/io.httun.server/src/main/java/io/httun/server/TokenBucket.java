// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import java.util.concurrent.TimeUnit;

/** A rate limiter: so many per second, and as many at once. */
final class TokenBucket {
    private static final double NANOS = TimeUnit.SECONDS.toNanos(1);

    private double tokens = Double.MAX_VALUE;
    private long last = System.nanoTime();

    synchronized boolean take(int perSecond) {
        long now = System.nanoTime();
        tokens = Math.min(perSecond, tokens + (now - last) / NANOS * perSecond);
        last = now;
        if (tokens < 1) {
            return false;
        }
        tokens--;
        return true;
    }
}
