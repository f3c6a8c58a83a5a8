// SPDX-License-Identifier: Apache-2.0
package io.httun.web;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Tokens that log in once. Bounded: a new one pushes the oldest out. Thread-safe. */
final class OneTimeTokens {
    static final int MAX = 16;
    static final long LIFE_NANOS = TimeUnit.MINUTES.toNanos(10);

    private final LongSupplier nanos;
    private final Map<String, Long> tokens = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
            return size() > MAX;
        }
    };

    OneTimeTokens(LongSupplier nanos) {
        this.nanos = nanos;
    }

    synchronized String create() {
        String token = Secrets.create();
        tokens.put(Secrets.fingerprint(token), nanos.getAsLong());
        return token;
    }

    /** Whether the token is good. From now on it is not. */
    synchronized boolean use(String token) {
        Long since = tokens.remove(Secrets.fingerprint(token));
        return since != null && nanos.getAsLong() - since < LIFE_NANOS;
    }

    synchronized void clear() {
        tokens.clear();
    }
}
