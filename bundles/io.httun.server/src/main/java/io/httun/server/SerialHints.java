// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which session a path's serial speaks of: the one whose last request of that direction had the serial before. Only a
 * hint, which costs a trial where it is wrong; two per session.
 */
final class SerialHints {
    private static final long MASK = (1L << 40) - 1;
    private static final long READ = 1L << 40;

    /** Tries that never came here, since the endpoint was away, leave gaps: as many as a client makes in its patience. */
    private static final int MAX_GAP = 64;

    private final Map<Long, Session> sessions = new ConcurrentHashMap<>();
    private final Map<Session, long[]> expected = new HashMap<>();

    /** Null where nobody expects it, or one a little before it. */
    Session find(boolean read, long serial) {
        Session found = null;
        for (int gap = 0; gap <= MAX_GAP && serial >= 0 && found == null; gap++) {
            found = sessions.get(key(read, serial - gap));
        }
        return found;
    }

    /** The next request of that direction should have this serial. */
    synchronized void expect(Session session, boolean read, long serial) {
        long[] own = expected.computeIfAbsent(session, added -> new long[] {-1, -1});
        int direction = read ? 0 : 1;
        long next = key(read, serial);
        if (own[direction] != next) {
            sessions.remove(own[direction], session);
            own[direction] = next;
            sessions.put(next, session);
        }
    }

    /** Moves on after a request, unless the session has been forgotten. */
    synchronized void seen(Session session, boolean read, long serial) {
        if (serial >= 0 && expected.containsKey(session)) {
            expect(session, read, serial + 1);
        }
    }

    synchronized void forget(Session session) {
        long[] own = expected.remove(session);
        if (own != null) {
            sessions.remove(own[0], session);
            sessions.remove(own[1], session);
        }
    }

    private static long key(boolean read, long serial) {
        return serial & MASK | (read ? READ : 0);
    }
}
