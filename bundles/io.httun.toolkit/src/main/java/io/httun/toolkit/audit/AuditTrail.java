// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.audit;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * Passes events to their readers; without a reader they are dropped. Static, since events come from places without services, such
 * as the check of a password. Thread-safe.
 */
public final class AuditTrail {
    private static final List<Consumer<AuditEvent>> READERS = new CopyOnWriteArrayList<>();

    private AuditTrail() {}

    /** Calls all readers in this thread. */
    public static void publish(AuditEvent event) {
        READERS.forEach(reader -> reader.accept(event));
    }

    /** @param reader called in any thread, from event loops too: it must not block and not throw */
    public static void read(Consumer<AuditEvent> reader) {
        READERS.add(reader);
    }

    public static void forget(Consumer<AuditEvent> reader) {
        READERS.remove(reader);
    }
}
