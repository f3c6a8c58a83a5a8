// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;

/** Faults waiting for the next requests of each kind. */
final class Faults {

    private final Map<StockRequest.Kind, Queue<Fault>> waiting = new EnumMap<>(StockRequest.Kind.class);

    synchronized void add(StockRequest.Kind kind, int times, Fault fault) {
        Queue<Fault> queue = waiting.computeIfAbsent(kind, k -> new ArrayDeque<>());
        for (int i = 0; i < times; i++) {
            queue.add(fault);
        }
    }

    synchronized Optional<Fault> take(StockRequest.Kind kind) {
        return Optional.ofNullable(waiting.get(kind)).map(Queue::poll);
    }

    synchronized void clear() {
        waiting.clear();
    }
}
