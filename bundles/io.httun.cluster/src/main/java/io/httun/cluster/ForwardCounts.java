// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import java.util.concurrent.atomic.AtomicLongArray;

/** Counts forwarded requests by the number of the other member. Thread-safe. */
final class ForwardCounts {
    private static final int NODES = 256;

    private final AtomicLongArray sent = new AtomicLongArray(NODES);
    private final AtomicLongArray received = new AtomicLongArray(NODES);

    void sent(int node) {
        sent.incrementAndGet(node);
    }

    /** @param node as the other end says, 0 to 255 */
    void received(int node) {
        received.incrementAndGet(node);
    }

    long sentTo(int node) {
        return sent.get(node);
    }

    long receivedFrom(int node) {
        return received.get(node);
    }
}
