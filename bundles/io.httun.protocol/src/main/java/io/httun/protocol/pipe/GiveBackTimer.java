// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol.pipe;

/**
 * When the server gives a request on {@code r} back without data. Data waits until the client tells what it has read. The client may have
 * read after its last request and have none left: only a request that is answered makes room for the next. Used by one thread at a time.
 */
final class GiveBackTimer {
    /** Nanoseconds without news from the client, beyond two round trips; doubled each time. */
    private static final long FIRST_PAUSE = 10_000_000L;

    private static final long LAST_PAUSE = 1_000_000_000L;

    private long at = Long.MAX_VALUE;
    private long pause = FIRST_PAUSE;

    /** No data waits for news. */
    void stop() {
        at = Long.MAX_VALUE;
    }

    /** The client has told what it has read, or an epoch begins. */
    void reset() {
        stop();
        pause = FIRST_PAUSE;
    }

    /** Data waits for news, and a request for data. Returns whether the request is to be given back now. */
    boolean isDue(long roundTrip, long now) {
        if (at == Long.MAX_VALUE) {
            at = now + pause + 2 * roundTrip;
            return false;
        }
        if (at - now > 0) {
            return false;
        }
        stop();
        pause = Math.min(LAST_PAUSE, 2 * pause);
        return true;
    }

    /** Nanoseconds at which to ask {@link #isDue} again; {@link Long#MAX_VALUE} while stopped. */
    long at() {
        return at;
    }
}
