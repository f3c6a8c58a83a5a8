// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Bounds what all bodies that have not arrived whole hold together. When there is no room for another, those that have
 * been arriving for longest go: honest ones take milliseconds. Thread-safe.
 */
final class BodyBudget {
    private final long most;
    private final Map<RequestBody, Integer> held = new LinkedHashMap<>();
    private long used;

    BodyBudget(long most) {
        this.most = most;
    }

    /** Books what a body holds now, and makes others give up where that is too much. */
    void hold(RequestBody body, int bytes) {
        List<RequestBody> evicted = List.of();
        synchronized (this) {
            Integer before = held.put(body, bytes);
            used += bytes - (before == null ? 0 : before);
            if (used > most) {
                evicted = evict(body);
            }
        }
        evicted.forEach(RequestBody::giveUp);
    }

    private List<RequestBody> evict(RequestBody newest) {
        List<RequestBody> evicted = new ArrayList<>();
        for (Iterator<Map.Entry<RequestBody, Integer>> each = held.entrySet().iterator();
                each.hasNext() && used > most; ) {
            Map.Entry<RequestBody, Integer> eldest = each.next();
            if (eldest.getKey() != newest) {
                each.remove();
                used -= eldest.getValue();
                evicted.add(eldest.getKey());
            }
        }
        return evicted;
    }

    synchronized void free(RequestBody body) {
        Integer bytes = held.remove(body);
        used -= bytes == null ? 0 : bytes;
    }
}
