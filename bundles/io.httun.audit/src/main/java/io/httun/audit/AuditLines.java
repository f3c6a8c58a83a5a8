// SPDX-License-Identifier: Apache-2.0
package io.httun.audit;

import io.httun.toolkit.audit.AuditEvent;
import io.httun.toolkit.status.Json;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Limits events that strangers can cause: of each kind, {@value #BURST} within {@value #WINDOW_SECONDS} s pass, and of the others one
 * event {@code audit/SUPPRESSED} tells the number. Thread-safe.
 */
final class AuditLines {
    static final String SUPPRESSED = "audit/SUPPRESSED";
    /** Enough for what people do, and below 10 KiB/s for what machines do. */
    static final int BURST = 50;

    static final int WINDOW_SECONDS = 10;

    /** Of a value; a user's name or a reason is shorter, unless it is an attack. */
    private static final int MAX_VALUE = 256;

    /** Kinds are few and fixed; the bound is for a caller that gets this wrong. */
    private static final int MAX_KINDS = 64;

    private static final class Window {
        private long began;
        private int passed;
        private long suppressed;
    }

    private final Consumer<AuditEvent> output;
    private final LongSupplier nanos;
    private final Map<String, Window> windows = new TreeMap<>();

    /** @param nanos the clock, as {@link System#nanoTime} */
    AuditLines(Consumer<AuditEvent> output, LongSupplier nanos) {
        this.output = output;
        this.nanos = nanos;
    }

    /** Passes an event on, or counts it. */
    synchronized void accept(AuditEvent event) {
        String kind = windows.size() < MAX_KINDS || windows.containsKey(event.kind()) ? event.kind() : SUPPRESSED;
        Window window = windows.computeIfAbsent(kind, any -> {
            Window fresh = new Window();
            fresh.began = nanos.getAsLong();
            return fresh;
        });
        turn(kind, window);
        if (window.passed < BURST) {
            window.passed++;
            output.accept(event);
        } else {
            window.suppressed++;
        }
    }

    /** Tells the numbers of suppressed events whose time is over; to be called now and then. */
    synchronized void tick() {
        windows.forEach(this::turn);
    }

    /** Tells all of them. */
    synchronized void end() {
        windows.forEach(this::tell);
    }

    private void turn(String kind, Window window) {
        if (nanos.getAsLong() - window.began >= TimeUnit.SECONDS.toNanos(WINDOW_SECONDS)) {
            tell(kind, window);
            window.began = nanos.getAsLong();
            window.passed = 0;
        }
    }

    private void tell(String kind, Window window) {
        if (window.suppressed > 0) {
            output.accept(AuditEvent.of(SUPPRESSED, "of", kind, "count", Long.toString(window.suppressed)));
            window.suppressed = 0;
        }
    }

    /** An event as one line of JSON, in ASCII: what strangers send cannot begin a line of its own. */
    static String line(Instant time, AuditEvent event) {
        Map<String, String> members = new LinkedHashMap<>();
        members.put("time", time.toString());
        members.put("event", event.kind());
        event.details().forEach((name, value) -> members.putIfAbsent(name, limited(value)));
        return Json.write(members);
    }

    static String limited(String value) {
        return value.length() <= MAX_VALUE ? value : value.substring(0, MAX_VALUE) + "...";
    }
}
