// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.tunnel;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;

/**
 * Bounds the incomplete request bodies of an endpoint: their memory together, and their number. Beyond either bound the bodies that
 * have been arriving for longest give up, since honest ones take milliseconds. Thread-safe.
 */
public final class BodyBudget {
    /** A body that has not arrived whole. */
    public interface Holder {
        /** Called on any thread when this body has to make room for others. It has no booking any more. */
        void giveUp();
    }

    /** An eighth of the heap: all endpoints together leave most of it to sessions. */
    public static BodyBudget ofHeap() {
        return ofHeap(() -> Integer.MAX_VALUE);
    }

    /**
     * As {@link #ofHeap()}, with a bound on the number of bodies.
     *
     * @param mostBodies asked at each booking, under a lock
     */
    public static BodyBudget ofHeap(IntSupplier mostBodies) {
        return new BodyBudget(Runtime.getRuntime().maxMemory() / 8, mostBodies);
    }

    private final long most;
    private final IntSupplier mostBodies;
    private final Map<Holder, Integer> held = new LinkedHashMap<>();
    private long used;

    /** @param most bytes that all bodies may hold together */
    public BodyBudget(long most) {
        this(most, () -> Integer.MAX_VALUE);
    }

    private BodyBudget(long most, IntSupplier mostBodies) {
        this.most = most;
        this.mostBodies = mostBodies;
    }

    /** Books the bytes that a body holds now, and makes older ones give up beyond a bound. */
    public void hold(Holder body, int bytes) {
        List<Holder> evicted = List.of();
        synchronized (this) {
            Integer before = held.put(body, bytes);
            used += bytes - (before == null ? 0 : before);
            if (isExceeded()) {
                evicted = evict(body);
            }
        }
        evicted.forEach(Holder::giveUp);
    }

    private boolean isExceeded() {
        return used > most || held.size() > mostBodies.getAsInt();
    }

    private List<Holder> evict(Holder newest) {
        List<Holder> evicted = new ArrayList<>();
        for (Iterator<Map.Entry<Holder, Integer>> each = held.entrySet().iterator(); each.hasNext() && isExceeded(); ) {
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
