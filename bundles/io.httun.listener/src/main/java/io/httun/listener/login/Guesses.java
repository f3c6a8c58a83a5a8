// SPDX-License-Identifier: Apache-2.0
package io.httun.listener.login;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Counts wrong logins per source, ten in a minute at most. Bounded: the source that was quiet longest is forgotten. */
public final class Guesses {
    private static final int MOST = 10;
    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);
    private static final int SOURCES = 10_000;

    private static final class Minute {
        private final long start;
        private int guesses;

        Minute(long start) {
            this.start = start;
        }
    }

    private final LongSupplier nanoTime;
    private final Map<String, Minute> sources = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Minute> eldest) {
            return size() > SOURCES;
        }
    };

    public Guesses() {
        this(System::nanoTime);
    }

    Guesses(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Takes one guess of this minute, before it is judged: otherwise many at once would all be free. */
    synchronized boolean take(String source) {
        long now = nanoTime.getAsLong();
        Minute minute = sources.get(source);
        if (minute == null || now - minute.start >= MINUTE) {
            minute = new Minute(now);
            sources.put(source, minute);
        }
        if (minute.guesses >= MOST) {
            return false;
        }
        minute.guesses++;
        return true;
    }

    /** It was right, so it was no guess. */
    synchronized void giveBack(String source) {
        Minute minute = sources.get(source);
        if (minute != null && minute.guesses > 0) {
            minute.guesses--;
        }
    }
}
