// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Servers that asked for no new session for a while: 503 with a {@code Retry-After} longer than that of a busy server, as one that is drained
 * ({@code docs/wire.md}, "Draining"). Thread-safe.
 */
final class ServerPauses {
    /** What a server says that is only busy for the moment. */
    static final long BUSY_MILLIS = 1000;

    /** A server that is there again is noticed within this time, whatever it or a proxy before it said. */
    private static final long MAX_MILLIS = 30_000;

    private static final int DOUBLINGS = 3;

    /** @param times how often in a row it has asked for that */
    private record Pause(long until, int times, HttunException cause) {}

    private final Map<RequestHeads, Pause> pauses = new ConcurrentHashMap<>();

    /** Each time the pause is twice as long; requests that were under way together are one time. */
    void asked(RequestHeads server, long retryAfterMillis, HttunException cause) {
        long now = System.nanoTime();
        pauses.compute(server, (any, before) -> {
            if (before != null && before.until() - now > 0) {
                return before;
            }
            int times = before == null ? 0 : Math.min(DOUBLINGS, before.times() + 1);
            long millis = Math.min(MAX_MILLIS, Math.min(MAX_MILLIS, retryAfterMillis) << times);
            return new Pause(now + TimeUnit.MILLISECONDS.toNanos(millis), times, cause);
        });
    }

    void worked(RequestHeads server) {
        pauses.remove(server);
    }

    /** What the server said, while it is to be left alone. */
    Optional<HttunException> cause(RequestHeads server) {
        return Optional.ofNullable(pauses.get(server))
                .filter(pause -> pause.until() - System.nanoTime() > 0)
                .map(Pause::cause);
    }

    /** Until it may be asked again; 0 for now. */
    long millisLeft(RequestHeads server) {
        Pause pause = pauses.get(server);
        // Rounded up, so that the pause is over then.
        return pause == null ? 0 : Math.max(0, 1 + TimeUnit.NANOSECONDS.toMillis(pause.until() - System.nanoTime()));
    }
}
