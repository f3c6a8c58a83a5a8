// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol.pipe;

/**
 * When to try again after failures: 50 ms, doubling to 10 s. Requests that were in flight together and fail together count as
 * one failure, and an answer to any request ends it. Used by one thread at a time.
 */
public final class Backoff {
    private static final long FIRST = 50_000_000;
    private static final long LAST = 10_000_000_000L;

    /** A request that took so long to fail counts as a pause itself: it waited for data, and the line need not be down. */
    private static final long SLOW = 1_000_000_000L;

    private long pause;
    private long since;
    private long until;

    /** A request failed. Returns true if it is the first of those that were in flight together. */
    public boolean failed(long began, long now) {
        if (pause != 0 && began - since < 0) {
            return false;
        }
        pause = pause == 0 || now - began >= SLOW ? FIRST : Math.min(LAST, 2 * pause);
        since = now;
        until = now + pause;
        return true;
    }

    /** A request was answered. */
    public void answered() {
        pause = 0;
    }

    /** The line has changed: the next attempt is due now. */
    public void retryNow(long now) {
        if (pause != 0) {
            pause = FIRST;
            until = now;
        }
    }

    /** Whether the next attempt is not due yet. */
    public boolean isWaiting(long now) {
        return pause != 0 && until - now > 0;
    }

    /** Whether more than one attempt has failed, so that one request at a time is enough to find out. */
    public boolean isProbing() {
        return pause > FIRST;
    }

    /** Whether the last attempts failed. */
    public boolean isFailing() {
        return pause != 0;
    }

    /** Nanoseconds of the next attempt. */
    public long until() {
        return until;
    }
}
