// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.status;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongConsumer;

/**
 * Passes the times of a client's exchanges to whoever keeps statistics of them. Without a reader no clock is read. Static, since requests
 * know no services. Thread-safe.
 */
public final class ExchangeTimes {
    private static final List<LongConsumer> READERS = new CopyOnWriteArrayList<>();
    /** No time has been taken. */
    private static final long NONE = Long.MIN_VALUE;

    private ExchangeTimes() {}

    /** An exchange begins: a request is handed to its connection, or has to wait for one. */
    public static long begin() {
        return READERS.isEmpty() ? NONE : System.nanoTime();
    }

    /** The exchange was answered. @param began as {@link #begin} said */
    public static void end(long began) {
        if (began != NONE) {
            long nanos = System.nanoTime() - began;
            READERS.forEach(reader -> reader.accept(nanos));
        }
    }

    /** @param reader gets nanoseconds on an event loop: must not block, and must be cheap */
    public static void read(LongConsumer reader) {
        READERS.add(reader);
    }

    public static void forget(LongConsumer reader) {
        READERS.remove(reader);
    }
}
