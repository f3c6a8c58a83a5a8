// SPDX-License-Identifier: Apache-2.0
package io.httun.api.carried;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Ten wrong guesses (of an id, of a password) within a minute, and their source is refused for a minute. Bounded; thread-safe. */
public final class Guesses {
    private static final int MAX_GUESSES = 10;
    private static final int MAX_SOURCES = 10_000;
    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

    private static final class Source {
        private long since;
        private int guesses;
    }

    private final LongSupplier nanos;
    private final Map<String, Source> sources = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Source> eldest) {
            return size() > MAX_SOURCES;
        }
    };

    public Guesses() {
        this(System::nanoTime);
    }

    /** @param nanos the clock */
    public Guesses(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** Whether this source has guessed too often lately. */
    public synchronized boolean isRefused(String source) {
        Source known = sources.get(source);
        if (known == null) {
            return false;
        }
        if (nanos.getAsLong() - known.since >= MINUTE) {
            sources.remove(source);
            return false;
        }
        return known.guesses >= MAX_GUESSES;
    }

    /** Counts one, unless its source has no name; the tenth within a minute begins the minute of refusal. */
    public void count(String source) {
        if (!source.isEmpty()) {
            take(source);
        }
    }

    /** Counts one that is not judged yet, lest many at once all be free; false if the source is refused. */
    public synchronized boolean take(String source) {
        if (isRefused(source)) {
            return false;
        }
        Source one = sources.computeIfAbsent(source, any -> {
            Source made = new Source();
            made.since = nanos.getAsLong();
            return made;
        });
        one.guesses++;
        if (one.guesses == MAX_GUESSES) {
            one.since = nanos.getAsLong();
        }
        return true;
    }

    /** What was taken was right, so it was no guess. */
    public synchronized void giveBack(String source) {
        Source known = sources.get(source);
        if (known != null && known.guesses > 0) {
            known.guesses--;
        }
    }
}
