// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

/** How often and how soon one message is tried again. */
final class Retry {
    /** In milliseconds, where nothing says how long it should be. */
    static final long PAUSE = 100;

    private static final long MAX_PAUSE = 1000;

    /** {@code wire/httun.md} section 1: as many as the stock client makes. */
    private static final int TRIES = 3;

    private int tries;

    /** A new message. */
    void begin() {
        tries = 1;
    }

    /** Whether there may be another try, which this counts. */
    boolean again() {
        tries++;
        return tries <= TRIES;
    }

    /** Milliseconds to wait before the next try. @param comeAgain what the reply asks for; negative for nothing */
    static long pause(Verdict verdict, long comeAgain) {
        return verdict == Verdict.AGAIN_AT_ONCE ? 0 : Math.max(PAUSE, comeAgain);
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
}
