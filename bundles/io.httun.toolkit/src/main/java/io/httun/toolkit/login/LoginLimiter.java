// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.login;

import io.httun.toolkit.net.Network;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Limits wrong logins (of a password, of an id): after ten within a minute their source is refused for a minute. A source is what
 * {@link Network#sourceGroup} says, so all addresses of an IPv6 /64 are one. Bounded; thread-safe.
 */
public final class LoginLimiter {
    private static final int MAX_FAILURES = 10;
    private static final int MAX_SOURCES = 10_000;
    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

    private static final class Source {
        private long since;
        private int failures;
    }

    private final LongSupplier nanos;
    private final Map<String, Source> sources = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Source> eldest) {
            return size() > MAX_SOURCES;
        }
    };

    public LoginLimiter() {
        this(System::nanoTime);
    }

    /** @param nanos the clock */
    public LoginLimiter(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** Whether this source has had too many wrong logins lately. */
    public synchronized boolean isRefused(String source) {
        Source known = sources.get(Network.sourceGroup(source));
        if (known == null) {
            return false;
        }
        if (nanos.getAsLong() - known.since >= MINUTE) {
            sources.remove(Network.sourceGroup(source));
            return false;
        }
        return known.failures >= MAX_FAILURES;
    }

    /** Counts one, unless its source has no name; the tenth within a minute begins the minute of refusal. */
    public void count(String source) {
        if (!source.isEmpty()) {
            take(source);
        }
    }

    /** Counts a login before its result is known, so that many at once are limited too; false if the source is refused. */
    public synchronized boolean take(String source) {
        if (isRefused(source)) {
            return false;
        }
        Source one = sources.computeIfAbsent(Network.sourceGroup(source), any -> {
            Source made = new Source();
            made.since = nanos.getAsLong();
            return made;
        });
        one.failures++;
        if (one.failures == MAX_FAILURES) {
            one.since = nanos.getAsLong();
        }
        return true;
    }

    /** The login succeeded: do not count it. */
    public synchronized void giveBack(String source) {
        Source known = sources.get(Network.sourceGroup(source));
        if (known != null && known.failures > 0) {
            known.failures--;
        }
    }
}
