// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import java.util.concurrent.TimeUnit;

/** How often and how soon one message is tried again. */
final class Retry {
    private static final int STOCK_TRIES = 3;
    /** In milliseconds, where nothing says how long it should be. */
    static final long PAUSE = 100;

    private static final long MAX_PAUSE = 1000;
    private static final int DOUBLINGS = 4;

    private final long patienceNanos;
    private int tries;
    private long since;

    Retry(long patienceMillis) {
        this.patienceNanos = TimeUnit.MILLISECONDS.toNanos(patienceMillis);
    }

    /** A new message. */
    void begin() {
        tries = 1;
    }

    /** Whether nothing has gone wrong with this message yet. */
    boolean isFirst() {
        return tries <= 1;
    }

    /** Whether there may be another try, which this counts. */
    boolean again(boolean ours) {
        long now = System.nanoTime();
        if (tries == 1) {
            since = now;
        }
        tries++;
        return ours ? now - since < patienceNanos : tries <= STOCK_TRIES;
    }

    /** Pause in milliseconds before a try on a new connection: none before the first. */
    long pause() {
        return tries <= 2 ? 0 : Math.min(MAX_PAUSE, PAUSE << Math.min(tries - 3, DOUBLINGS));
    }

    /**
     * Pause in milliseconds after a reply saying that the server, or something before it, cannot for the moment;
     * negative after any other. No server of httun's has a page for its 404: one that has is a web server's whose httun
     * is away.
     *
     * None has a 500 either: it is a web server's whose FastCGI connection has just been closed.
     *
     * @param page whether it has a body
     */
    static long pause(int status, boolean page, long retryAfterMillis) {
        boolean temporary = status == 429 || status == 500 || status >= 502 && status <= 504 || status == 404 && page;
        return temporary ? Math.min(MAX_PAUSE, Math.max(PAUSE, retryAfterMillis)) : -1;
    }

    /** Whether another status may pass, where a try more does no harm: a server of ours never redirects and never fails so. */
    static boolean mayPass(int status) {
        return status >= 500 || status >= 300 && status < 400;
    }
}
