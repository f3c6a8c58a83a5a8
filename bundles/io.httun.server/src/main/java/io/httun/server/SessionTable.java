// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.server.Session.State;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The sessions of a channel. A new one is unconfirmed, since a stranger may have recorded and repeated the init. It replaces its
 * predecessor only when a frame under its own key has arrived.
 */
final class SessionTable {
    static final int MAX_NEWEST = 8;
    static final int MAX_TRIALS = 16;
    private static final long UNCONFIRMED_LIFE = TimeUnit.SECONDS.toNanos(10);

    private final Map<UUID, Session> confirmed = new ConcurrentHashMap<>();
    private final Deque<Session> unconfirmed = new ArrayDeque<>();
    private final SerialHints hints = new SerialHints();
    /** Null if outdated. It is made several times a second, and not for each frame that a stranger makes up. */
    private volatile List<Session> mostRecent;

    private boolean retired;

    SerialHints hints() {
        return hints;
    }

    /** Whether this client has a confirmed session, which a new one would replace. */
    boolean has(UUID client) {
        return confirmed.containsKey(client);
    }

    /** Adds a new session; the oldest of more than {@code most} unconfirmed ones ends, as does this one after {@link #retire}. */
    void add(Session session, int most) {
        Session oldest = null;
        synchronized (this) {
            unconfirmed.addFirst(session);
            if (retired) {
                oldest = session;
            } else if (unconfirmed.size() > most) {
                oldest = unconfirmed.getLast();
            }
        }
        if (oldest != null) {
            end(oldest, "too many new sessions");
        }
    }

    /** Takes no more sessions. @return all sessions, for the caller to end */
    synchronized List<Session> retire() {
        retired = true;
        return all();
    }

    /** To be called with every valid frame. Returns whether the session may go on. */
    boolean confirm(Session session) {
        if (session.state() == State.UNCONFIRMED) {
            Session replaced = promote(session);
            if (replaced != null) {
                replaced.destroy("the client began a new session");
            }
            if (session.state() == State.CONFIRMED) {
                session.audit().opened();
            }
        }
        return session.state() == State.CONFIRMED;
    }

    private synchronized Session promote(Session session) {
        if (session.state() != State.UNCONFIRMED) {
            return null;
        }
        unconfirmed.remove(session);
        if (session.isContinuing() && !confirmed.containsKey(session.client())) {
            drop(session, "the session that it continues has gone");
            return null;
        }
        Session replaced = confirmed.put(session.client(), session);
        if (replaced != null) {
            replaced.become(State.ENDED);
            hints.forget(replaced);
            if (session.isContinuing() && session.protocol() == ClientProtocol.PIPE) {
                replaced.pipeSlot().handTo(session);
            }
        }
        session.become(State.CONFIRMED);
        mostRecent = null;
        return replaced;
    }

    /** The session ends at its first frame, and takes over nothing. */
    private void drop(Session session, String why) {
        session.become(State.ENDED);
        hints.forget(session);
        session.loop().execute(() -> session.destroy(why));
    }

    /** Ends the session that has paused longest, if longer than {@code idleNanos}. Returns whether there was one. */
    boolean endLongestPaused(long now, long idleNanos) {
        return confirmed.values().stream()
                .filter(session -> session.isPaused() && now - session.lastUsed() >= idleNanos)
                .min(Comparator.comparingLong(session -> session.lastUsed() - now))
                .filter(session -> endIf(session, State.CONFIRMED, now - idleNanos, "paused, and its place was needed"))
                .isPresent();
    }

    /** Ends a session, if it has not ended yet. Returns whether it did. Not to be called with a lock held. */
    boolean end(Session session, String why) {
        synchronized (this) {
            if (session.state() == State.ENDED) {
                return false;
            }
            remove(session);
        }
        session.destroy(why);
        return true;
    }

    /** Ends a session unless its state has changed, or its client was heard, since the caller looked. */
    boolean endIf(Session session, State seen, long heardBefore, String why) {
        synchronized (this) {
            long heard = seen == State.UNCONFIRMED ? session.created() : session.lastUsed();
            if (session.state() != seen || seen == State.ENDED || heard - heardBefore > 0) {
                return false;
            }
            remove(session);
        }
        session.destroy(why);
        return true;
    }

    private void remove(Session session) {
        session.become(State.ENDED);
        unconfirmed.remove(session);
        confirmed.remove(session.client(), session);
        hints.forget(session);
        mostRecent = null;
    }

    /**
     * Ends sessions that were silent for too long.
     *
     * @param idleNanos for a client that neither sends nor pauses
     * @param pausedNanos for one whose application does not read
     * @param resumeNanos for one with a pipe, which outlives its client's connections
     */
    void expire(long now, long idleNanos, long pausedNanos, long resumeNanos) {
        for (Session session : all()) {
            State seen = session.state();
            long patience = session.protocol() == ClientProtocol.PIPE
                    ? resumeNanos
                    : session.isPaused() ? pausedNanos : idleNanos;
            endIf(session, seen, now - (seen == State.UNCONFIRMED ? UNCONFIRMED_LIFE : patience), "idle");
        }
        synchronized (this) {
            mostRecent = null;
        }
    }

    /** The confirmed session of a client; null for none. */
    Session current(UUID client) {
        return confirmed.get(client);
    }

    /** The unconfirmed sessions to try when nothing else hints at one; our own clients' are found by their serials. */
    synchronized List<Session> newest() {
        return unconfirmed.stream().limit(MAX_NEWEST).toList();
    }

    /** The confirmed sessions to try when nothing else hints at one. */
    List<Session> mostRecent() {
        List<Session> sorted = mostRecent;
        if (sorted == null) {
            synchronized (this) {
                sorted = confirmed.values().stream()
                        .map(session -> Map.entry(session.lastUsed(), session))
                        .sorted(Map.Entry.<Long, Session>comparingByKey(Comparator.reverseOrder()))
                        .limit(MAX_TRIALS)
                        .map(Map.Entry::getValue)
                        .toList();
                mostRecent = sorted;
            }
        }
        return sorted;
    }

    synchronized List<Session> all() {
        return Stream.concat(unconfirmed.stream(), confirmed.values().stream()).toList();
    }

    int size() {
        return confirmed.size();
    }

    /** How many new sessions are tried for a frame that nothing hints at. */
    int newTrials() {
        return Math.min(unconfirmed(), MAX_NEWEST);
    }

    /** How many sessions, new and confirmed, are tried for a frame that nothing hints at. */
    int trials() {
        return newTrials() + Math.min(size(), MAX_TRIALS);
    }

    synchronized int unconfirmed() {
        return unconfirmed.size();
    }
}
