// SPDX-License-Identifier: Apache-2.0
package io.httun.web;

import java.util.HashMap;
import java.util.Map;

/** How much counters have grown between two samples. Not thread-safe. */
final class Growth {
    private Map<String, Long> before = new HashMap<>();
    private Map<String, Long> now = new HashMap<>();
    private boolean first = true;

    /**
     * What a counter has grown by. One that was not there before has begun at 0 since, except at the first sample. One that has fallen
     * belongs to something new of the same name.
     */
    long of(String counter, long value) {
        now.put(counter, value);
        return first ? 0 : Math.max(0, value - before.getOrDefault(counter, 0L));
    }

    /** As {@link #of}, of a counter that tells its last value once more after its end, and perhaps for long. */
    long ofEnded(String counter, long value) {
        String ended = "ended " + counter;
        now.put(ended, value);
        return first || before.containsKey(ended) ? 0 : Math.max(0, value - before.getOrDefault(counter, 0L));
    }

    /** Ends a sample: forgets the counters that were not in it. */
    void next() {
        before = now;
        now = new HashMap<>(before.size() * 2);
        first = false;
    }
}
