// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.protocol.Serials;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Finds a session by the serial in a path: the one whose last request of that direction had the serial before it. It is a hint, and a
 * wrong one costs a decryption. Each session has two.
 */
final class SerialHints {
    private static final long READ = Serials.MASK + 1;

    /**
     * Requests that never arrived, since the endpoint was away, leave gaps, which are no longer than the attempts of a client before it gives up.
     * In a pipe, as many requests of a direction may be in flight, and arrive in any order.
     */
    private static final int MAX_GAP = 64;

    private static final long NEVER = -1;

    /** Never empty: a lookup in an empty table takes less time, which a stranger could measure. */
    private final Map<Long, Optional<Session>> sessions = new ConcurrentHashMap<>(Map.of(NEVER, Optional.empty()));

    private final Map<Session, long[]> expected = new HashMap<>();

    /** The session that expects this serial, or one near it; null for none. */
    Session find(boolean read, long serial) {
        Session found = null;
        for (int gap = 0; gap <= MAX_GAP && serial >= 0 && found == null; gap++) {
            found = expecting(read, serial - gap);
            if (found == null) {
                found = expecting(read, serial + gap);
            }
        }
        return found;
    }

    private Session expecting(boolean read, long serial) {
        return sessions.getOrDefault(key(read, serial), Optional.empty()).orElse(null);
    }

    /** The first request of that direction should have this serial. Replaces no other session's hint: the init may be a stranger's. */
    synchronized void expectFirst(Session session, boolean read, long serial) {
        long next = key(read, serial);
        long[] own = expected.computeIfAbsent(session, added -> new long[] {NEVER, NEVER});
        if (sessions.putIfAbsent(next, Optional.of(session)) == null) {
            own[read ? 0 : 1] = next;
        }
    }

    /** The next request of that direction should have this serial. */
    synchronized void expect(Session session, boolean read, long serial) {
        long[] own = expected.computeIfAbsent(session, added -> new long[] {NEVER, NEVER});
        int direction = read ? 0 : 1;
        long next = key(read, serial);
        if (own[direction] != next) {
            Optional<Session> hint = Optional.of(session);
            sessions.remove(own[direction], hint);
            own[direction] = next;
            sessions.put(next, hint);
        }
    }

    /** Expects the serial after that of a request, unless the request is late or the session has been forgotten. */
    synchronized void seen(Session session, boolean read, long serial) {
        long[] own = expected.get(session);
        if (serial < 0 || own == null) {
            return;
        }
        long last = own[read ? 0 : 1];
        if (last == NEVER || (last - serial - 1 & Serials.MASK) >= MAX_GAP) {
            expect(session, read, serial + 1);
        }
    }

    synchronized void forget(Session session) {
        long[] own = expected.remove(session);
        if (own != null) {
            sessions.remove(own[0], Optional.of(session));
            sessions.remove(own[1], Optional.of(session));
        }
    }

    private static long key(boolean read, long serial) {
        return serial & Serials.MASK | (read ? READ : 0);
    }
}
