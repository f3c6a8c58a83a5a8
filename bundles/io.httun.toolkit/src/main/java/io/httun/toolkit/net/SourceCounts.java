// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.net;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** Counts by source address, for limits per source. Sources with a count of zero take no memory. Thread-safe. */
public final class SourceCounts {
    private final ConcurrentMap<String, Integer> counts = new ConcurrentHashMap<>();

    /** Counts one more, even beyond the limit; {@link #leave} counts it down. Returns whether the limit allows it. */
    public boolean enter(String source, int most) {
        return counts.merge(source, 1, Integer::sum) <= most;
    }

    public void leave(String source) {
        counts.computeIfPresent(source, (key, count) -> count == 1 ? null : count - 1);
    }
}
