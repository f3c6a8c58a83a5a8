// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

/** Counts the tries of one message and says when the next one is due. */
final class Retry {
    /** Milliseconds, if the reply requests no other pause. */
    static final long PAUSE = 100;

    private static final long MAX_PAUSE = 1000;

    /** The number of the stock client ({@code wire/httun.md} section 1). */
    private static final int TRIES = 3;

    private int tries;

    /** Starts with a new message. */
    void begin() {
        tries = 1;
    }

    /** Counts a try; returns whether it is allowed. */
    boolean again() {
        tries++;
        return tries <= TRIES;
    }

    /** Returns the milliseconds before the next try. @param comeAgain the pause that the reply requests; negative for none */
    static long pause(Verdict verdict, long comeAgain) {
        return verdict == Verdict.AGAIN_AT_ONCE ? 0 : Math.max(PAUSE, comeAgain);
    }

    /**
     * Returns the pause in milliseconds after a reply that means a temporary failure; negative for other replies. An httun
     * server never sends a 404 with a page, nor a 500: a web server does while its httun server is away, or when its FastCGI
     * connection has just been closed.
     *
     * @param page whether the reply has a body
     */
    static long pause(int status, boolean page, long retryAfterMillis) {
        boolean temporary = status == 429 || status == 500 || status >= 502 && status <= 504 || status == 404 && page;
        return temporary ? Math.min(MAX_PAUSE, Math.max(PAUSE, retryAfterMillis)) : -1;
    }
}
