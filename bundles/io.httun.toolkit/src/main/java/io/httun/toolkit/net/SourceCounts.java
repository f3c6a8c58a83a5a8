// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.net;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Counts by source, for limits per source. All addresses of an IPv6 /64 are one source ({@link Network#sourceGroup}). Sources with a count
 * of zero take no memory. Thread-safe.
 */
public final class SourceCounts {
    private final ConcurrentMap<String, Integer> counts = new ConcurrentHashMap<>();

    /** Counts one more, even beyond the limit; {@link #leave} counts it down. Returns whether the limit allows it. */
    public boolean enter(String source, int most) {
        return counts.merge(Network.sourceGroup(source), 1, Integer::sum) <= most;
    }

    public void leave(String source) {
        counts.computeIfPresent(Network.sourceGroup(source), (key, count) -> count == 1 ? null : count - 1);
    }

    public int of(String source) {
        return counts.getOrDefault(Network.sourceGroup(source), 0);
    }
}
