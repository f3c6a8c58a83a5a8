// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Remembers a login that a proxy refused: repetitions by many connections would lock the account. Thread-safe. */
final class LoginPause {
    /** Half a minute: proxies count failed logins per minute. */
    private static final long PAUSE = TimeUnit.SECONDS.toNanos(30);

    private final LongSupplier clock;
    private String refusal = "";
    private long since;

    /** @param clock as {@link System#nanoTime} */
    LoginPause(LongSupplier clock) {
        this.clock = clock;
    }

    synchronized void refused(String why) {
        refusal = why;
        since = clock.getAsLong();
    }

    synchronized boolean isPaused() {
        return !refusal.isEmpty() && clock.getAsLong() - since < PAUSE;
    }

    synchronized String refusal() {
        return refusal + " (tried once in " + TimeUnit.NANOSECONDS.toSeconds(PAUSE) + " s)";
    }
}
