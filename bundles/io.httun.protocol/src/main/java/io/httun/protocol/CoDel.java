// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import java.util.concurrent.TimeUnit;

/**
 * Controlled delay, RFC 8289 section 5: once packets have waited longer than a target for a whole interval, packets are dropped, at a
 * rate that rises while the delay lasts. Not thread-safe.
 */
final class CoDel {
    /** Acceptable standing delay, in nanoseconds. */
    static final long TARGET = TimeUnit.MILLISECONDS.toNanos(5);

    /** Nanoseconds for which a delay counts as a burst: about a round trip, the time that senders need to react. */
    static final long INTERVAL = TimeUnit.MILLISECONDS.toNanos(100);

    private static final int RECENTLY = 16;

    private boolean aboveSet;
    private long firstAbove;
    private boolean dropping;
    private long dropNext;
    private int count;
    private int lastCount;

    /**
     * Whether to drop a packet that leaves the queue. To be called for each packet.
     *
     * @param waited nanoseconds; negative if the queue was empty
     * @param last whether at most one large packet is left in the queue
     */
    boolean drops(long waited, boolean last, long target, long now) {
        boolean above = isAbove(waited, last, target, now);
        if (dropping) {
            if (!above) {
                dropping = false;
                return false;
            }
            if (now - dropNext < 0) {
                return false;
            }
            count++;
            dropNext += interval();
            return true;
        }
        if (!above) {
            return false;
        }
        dropping = true;
        int since = count - lastCount;
        count = since > 1 && now - dropNext < RECENTLY * INTERVAL ? since : 1;
        lastCount = count;
        dropNext = now + interval();
        return true;
    }

    private boolean isAbove(long waited, boolean last, long target, long now) {
        if (waited < target || last) {
            aboveSet = false;
            return false;
        }
        if (!aboveSet) {
            aboveSet = true;
            firstAbove = now + INTERVAL;
            return false;
        }
        return now - firstAbove >= 0;
    }

    private long interval() {
        return (long) (INTERVAL / Math.sqrt(count));
    }
}
