// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.tunnel;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Bounds the memory of all request bodies of an endpoint that have not arrived whole. When it is used up, the bodies that
 * have been arriving for longest give up: honest ones take milliseconds. Thread-safe.
 */
public final class BodyBudget {
    /** A body that has not arrived whole. */
    public interface Holder {
        /** Called on any thread when this body has to make room for others. It has no booking any more. */
        void giveUp();
    }

    /** An eighth of the heap: all endpoints together leave most of it to sessions. */
    public static BodyBudget ofHeap() {
        return new BodyBudget(Runtime.getRuntime().maxMemory() / 8);
    }

    private final long most;
    private final Map<Holder, Integer> held = new LinkedHashMap<>();
    private long used;

    /** @param most bytes that all bodies may hold together */
    public BodyBudget(long most) {
        this.most = most;
    }

    /** Books what a body holds now, and makes others give up where that is too much. */
    public void hold(Holder body, int bytes) {
        List<Holder> evicted = List.of();
        synchronized (this) {
            Integer before = held.put(body, bytes);
            used += bytes - (before == null ? 0 : before);
            if (used > most) {
                evicted = evict(body);
            }
        }
        evicted.forEach(Holder::giveUp);
    }

    private List<Holder> evict(Holder newest) {
        List<Holder> evicted = new ArrayList<>();
        for (Iterator<Map.Entry<Holder, Integer>> each = held.entrySet().iterator(); each.hasNext() && used > most; ) {
            Map.Entry<Holder, Integer> eldest = each.next();
            if (eldest.getKey() != newest) {
                each.remove();
                used -= eldest.getValue();
                evicted.add(eldest.getKey());
            }
        }
        return evicted;
    }

    /** The body has arrived whole, or has ended. */
    public synchronized void free(Holder body) {
        Integer bytes = held.remove(body);
        used -= bytes == null ? 0 : bytes;
    }
}
