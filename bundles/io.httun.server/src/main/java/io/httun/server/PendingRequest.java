// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A frame whose answer waits, with the requests that carried it. Guarded by the lock of the side it waits on.
 *
 * @param <W> a requester
 */
abstract class PendingRequest<W> {
    private static final int MAX_WAITING = 4;

    private final long patienceNanos;
    private long deadline;
    private final List<W> waiting = new ArrayList<>(1);

    PendingRequest(int patienceSeconds) {
        this.patienceNanos = TimeUnit.SECONDS.toNanos(patienceSeconds);
    }

    final boolean isOverdue(long now) {
        return !waiting.isEmpty() && now - deadline >= 0;
    }

    final List<W> waiting() {
        return waiting;
    }

    /** Returns false if too many wait already. */
    final boolean join(W one) {
        if (waiting.isEmpty()) {
            deadline = System.nanoTime() + patienceNanos;
        }
        return waiting.size() < MAX_WAITING && waiting.add(one);
    }
}
