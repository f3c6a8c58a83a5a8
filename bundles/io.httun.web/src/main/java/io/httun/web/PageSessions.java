// SPDX-License-Identifier: Apache-2.0
package io.httun.web;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Those who have logged in, by the secret of their cookie. Bounded: a new login pushes out whoever has asked for nothing for the longest
 * time. A session ends after twelve hours, after half an hour without a request, or when its user loses a role. Thread-safe.
 */
final class PageSessions {
    static final int MAX = 64;
    static final long AGE_NANOS = TimeUnit.HOURS.toNanos(12);
    static final long IDLE_NANOS = TimeUnit.MINUTES.toNanos(30);

    private static final class Entry {
        private final PageSession session;
        private long usedNanos;

        Entry(PageSession session) {
            this.session = session;
            usedNanos = session.sinceNanos();
        }
    }

    private final LongSupplier nanos;
    private final PageRights rights;
    private final Map<String, Entry> sessions = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Entry> eldest) {
            return size() > MAX;
        }
    };

    PageSessions(LongSupplier nanos, PageRights rights) {
        this.nanos = nanos;
        this.rights = rights;
    }

    /** A user has logged in by a password. @return the secret for the cookie */
    String begin(String user, boolean mayAct) {
        return begin(user, mayAct, rights.isListed(user, mayAct));
    }

    /** Somebody has come by a token. @return the secret for the cookie */
    String beginByToken(String name) {
        return begin(name, true, false);
    }

    private synchronized String begin(String user, boolean mayAct, boolean listed) {
        String secret = Secrets.create();
        PageSession session = new PageSession(user, mayAct, listed, Secrets.create(), nanos.getAsLong());
        sessions.put(Secrets.fingerprint(secret), new Entry(session));
        return secret;
    }

    Optional<PageSession> find(String secret) {
        Optional<PageSession> known = known(secret);
        if (known.isPresent() && !rights.holds(known.get())) {
            end(secret);
            return Optional.empty();
        }
        return known;
    }

    private synchronized Optional<PageSession> known(String secret) {
        String key = Secrets.fingerprint(secret);
        Entry entry = sessions.get(key);
        if (entry == null) {
            return Optional.empty();
        }
        long now = nanos.getAsLong();
        if (now - entry.session.sinceNanos() >= AGE_NANOS || now - entry.usedNanos >= IDLE_NANOS) {
            sessions.remove(key);
            return Optional.empty();
        }
        entry.usedNanos = now;
        return Optional.of(entry.session);
    }

    synchronized void end(String secret) {
        sessions.remove(Secrets.fingerprint(secret));
    }

    /** Ends all, for rights that have changed. */
    synchronized void clear() {
        sessions.clear();
    }
}
