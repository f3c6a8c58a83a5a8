// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol.pipe;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashSet;

/**
 * Numbers of requests on {@code r} that failed and that the server may not know of yet. Those that no request in flight names
 * come first, then the others in turn, so that all are named even if there are more than one request holds. Used by one
 * thread at a time.
 */
final class LossList {
    /** More than fail in 600 s of retries: a server that takes note of none of so many does not understand them. */
    static final int MAX = 4_096;

    private static final long[] NONE = {};

    private final LinkedHashSet<Long> unnamed = new LinkedHashSet<>();
    private final ArrayDeque<Long> named = new ArrayDeque<>();

    void add(long number) {
        unnamed.add(number);
    }

    /** The numbers for the next request. */
    long[] list() {
        int count = Math.min(PipeFrames.MAX_LOSSES, size());
        if (count == 0) {
            return NONE;
        }
        long[] numbers = new long[count];
        Iterator<Long> fresh = unnamed.iterator();
        for (int i = 0; i < count; i++) {
            if (fresh.hasNext()) {
                numbers[i] = fresh.next();
                fresh.remove();
            } else {
                numbers[i] = named.remove();
            }
            named.add(numbers[i]);
        }
        return numbers;
    }

    /** The server has answered a request that named these: it knows them. */
    void known(long[] numbers) {
        for (long number : numbers) {
            if (!unnamed.remove(number)) {
                named.remove(number);
            }
        }
    }

    /** A request that named these failed. */
    void unknown(long[] numbers) {
        for (long number : numbers) {
            if (named.remove(number)) {
                unnamed.add(number);
            }
        }
    }

    /** Whether there is one that no request in flight names. */
    boolean isUrgent() {
        return !unnamed.isEmpty();
    }

    int size() {
        return unnamed.size() + named.size();
    }

    boolean isFull() {
        return size() >= MAX;
    }
}
