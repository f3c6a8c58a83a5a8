// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.protocol.Serials;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which session a path's serial speaks of: the one whose last request of that direction had the serial before. Only a
 * hint, which costs a trial where it is wrong; two per session.
 */
final class SerialHints {
    private static final long READ = Serials.MASK + 1;

    /**
     * Tries that never came here, since the endpoint was away, leave gaps: as many as a client makes in its patience. Of a pipe, as many
     * requests of a direction may be under way and come in any order.
     */
    private static final int MAX_GAP = 64;

    private static final long NEVER = -1;

    /** Never empty, since a table that is takes less time to look at, and strangers have a clock. */
    private final Map<Long, Optional<Session>> sessions = new ConcurrentHashMap<>(Map.of(NEVER, Optional.empty()));

    private final Map<Session, long[]> expected = new HashMap<>();

    /** Null where nobody expects it, or one a little before or behind it. */
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

    /** A new session's first request of that direction should have this serial. Takes no other session's place: the init may be a stranger's. */
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

    /** Moves on after a request, unless the session has been forgotten, and not back for one that comes late. */
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
