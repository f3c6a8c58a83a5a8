// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.status;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.event.Level;

/**
 * Limits the log lines that peers can cause at will: one a second for each kind of event. A line that follows suppressed
 * ones says how many there were. Bounded in memory; thread-safe.
 */
public final class LogLimiter {
    private static final long INTERVAL = TimeUnit.SECONDS.toNanos(1);

    /** Kinds are few and fixed; the bound is for a caller that gets this wrong. */
    private static final int MAX_KINDS = 256;

    private static final class Kind {
        private boolean logged;
        private long lastNanos;
        private long suppressed;
    }

    private final Logger log;
    private final LongSupplier nanos;
    private final Map<String, Kind> kinds = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Kind> eldest) {
            return size() > MAX_KINDS;
        }
    };

    public LogLimiter(Logger log) {
        this(log, System::nanoTime);
    }

    /** @param nanos the clock, as {@link System#nanoTime} */
    public LogLimiter(Logger log, LongSupplier nanos) {
        this.log = log;
        this.nanos = nanos;
    }

    /**
     * Logs a line, or counts it as suppressed.
     *
     * @param kind of the event; lines of one kind share the limit
     * @param format of the line, as SLF4J has it
     * @param arguments of the format; a {@link Throwable} at the end is logged with its stack trace
     */
    public void log(Level level, String kind, String format, Object... arguments) {
        long suppressed = permit(kind);
        if (suppressed >= 0) {
            log.atLevel(level)
                    .log(
                            suppressed == 0 ? format : format + " (" + suppressed + " similar messages suppressed)",
                            arguments);
        }
    }

    public void info(String kind, String format, Object... arguments) {
        log(Level.INFO, kind, format, arguments);
    }

    public void warn(String kind, String format, Object... arguments) {
        log(Level.WARN, kind, format, arguments);
    }

    public void error(String kind, String format, Object... arguments) {
        log(Level.ERROR, kind, format, arguments);
    }

    /** How many were suppressed since the last line of this kind; -1 to suppress this one too. */
    private synchronized long permit(String name) {
        Kind kind = kinds.computeIfAbsent(name, any -> new Kind());
        long now = nanos.getAsLong();
        if (kind.logged && now - kind.lastNanos < INTERVAL) {
            kind.suppressed++;
            return -1;
        }
        long suppressed = kind.suppressed;
        kind.logged = true;
        kind.lastNanos = now;
        kind.suppressed = 0;
        return suppressed;
    }
}
