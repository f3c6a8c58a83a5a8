// SPDX-License-Identifier: Apache-2.0
package io.httun.web;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether those who have logged in still have the roles that they came with. Thread-safe; may block for as long as the realm. */
final class PageRights {
    /** Knows users without their passwords. */
    @FunctionalInterface
    interface Directory {
        /** The user's roles now; empty where the realm does not list this user. May block. */
        Optional<Set<String>> roles(String realm, String user);
    }

    private record Answer(Optional<Set<String>> roles, long nanos) {}

    private static final Logger LOG = LoggerFactory.getLogger(PageRights.class);

    /** Who loses a role is cut off after a second; the page asks for data once a second. */
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Supplier<WebSettings> settings;
    private final Directory directory;
    private final LongSupplier nanos;
    private final Map<String, Answer> answers = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Answer> eldest) {
            return size() > PageSessions.MAX;
        }
    };

    PageRights(Supplier<WebSettings> settings, Directory directory, LongSupplier nanos) {
        this.settings = settings;
        this.directory = directory;
        this.nanos = nanos;
    }

    /** Whether the realm lists the user with the roles that the login has shown, so that lost ones can be noticed. */
    synchronized boolean isListed(String user, boolean mayAct) {
        answers.remove(user);
        return now(user).filter(roles -> allow(roles, mayAct)).isPresent();
    }

    /** Whether a session may go on: its user has not lost what the session was given. */
    boolean holds(PageSession session) {
        return !session.listed()
                || now(session.user())
                        .filter(roles -> allow(roles, session.mayAct()))
                        .isPresent();
    }

    private boolean allow(Set<String> roles, boolean mayAct) {
        WebSettings now = settings.get();
        return mayAct ? now.mayAct(roles) : now.mayRead(roles);
    }

    private synchronized Optional<Set<String>> now(String user) {
        Answer answer = answers.get(user);
        if (answer == null || nanos.getAsLong() - answer.nanos() >= FRESH_NANOS) {
            answer = new Answer(ask(user), nanos.getAsLong());
            answers.put(user, answer);
        }
        return answer.roles();
    }

    /** A realm that fails lists nobody. */
    private Optional<Set<String>> ask(String user) {
        try {
            return directory.roles(settings.get().realm(), user);
        } catch (RuntimeException e) {
            LOG.warn("The realm {} cannot list its users", settings.get().realm(), e);
            return Optional.empty();
        }
    }
}
