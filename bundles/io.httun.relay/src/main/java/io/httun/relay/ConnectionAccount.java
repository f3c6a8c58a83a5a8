// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.httun.api.relay.ConnectionSummary;
import io.httun.api.relay.EndCause;
import io.httun.api.status.ConnectionStatus;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** The accounting of one connection: its state, times and end. Written on the connection's event loop, read on any thread. */
final class ConnectionAccount {
    private static final long NEVER = -1;
    private static final double MILLIS_PER_SECOND = 1_000;

    /**
     * The state that status shows. It remains after the end, as the state in which the connection ended.
     *
     * <pre>
     * NEGOTIATING --> CONNECTING --> OPEN         a target is connected
     *  |               |   |
     *  |               |   +-------> ASSOCIATED   a datagram socket is open
     *  |               +-----------> REFUSED
     *  +---------------------------> REFUSED, OPEN or MULTIPLEXED (carries other connections)
     * </pre>
     */
    enum State {
        NEGOTIATING,
        CONNECTING,
        OPEN,
        ASSOCIATED,
        MULTIPLEXED,
        REFUSED;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Counters of one connection, from the client to the target and back. */
    record Traffic(long toTarget, long fromTarget, long readsToTarget, long readsFromTarget) {}

    private record End(EndCause cause, String detail, long nanos) {}

    private final String id;
    private final long startNanos;

    private volatile String target = "";
    private volatile State state = State.NEGOTIATING;
    private volatile End end;

    private long askedNanos;
    private long openedNanos = NEVER;

    ConnectionAccount(String id, long startNanos) {
        this.id = id;
        this.startNanos = startNanos;
    }

    long startNanos() {
        return startNanos;
    }

    State state() {
        return state;
    }

    void state(State next) {
        state = next;
    }

    void target(String name) {
        target = name;
    }

    void connecting(long now) {
        state = State.CONNECTING;
        askedNanos = now;
    }

    void opened(State as, long now) {
        openedNanos = now;
        state = as;
    }

    boolean hasEnded() {
        return end != null;
    }

    /** Records the end; the first cause counts. */
    boolean end(EndCause cause, String detail, long now) {
        if (end != null) {
            return false;
        }
        end = new End(cause, detail, now);
        return true;
    }

    ConnectionStatus status(String listener, boolean clientOpen, Traffic traffic, long now) {
        End ended = end;
        return new ConnectionStatus(
                id,
                listener,
                target,
                clientOpen || state == State.REFUSED ? state.toString() : "closed",
                TimeUnit.NANOSECONDS.toSeconds((ended == null ? now : ended.nanos()) - startNanos),
                traffic.toTarget(),
                traffic.fromTarget(),
                ended == null ? "" : ended.cause().toString(),
                ended == null ? "" : ended.detail());
    }

    /** Only after the end, on the event loop. */
    ConnectionSummary summary(String listener, Traffic traffic, StatisticsPrivacy privacy, String user, String source) {
        boolean opened = openedNanos != NEVER;
        long open = opened ? end.nanos() - openedNanos : 0;
        return new ConnectionSummary(
                Instant.now(),
                id,
                listener,
                result(opened),
                end.cause(),
                TimeUnit.NANOSECONDS.toMillis(end.nanos() - startNanos),
                opened ? TimeUnit.NANOSECONDS.toMillis(openedNanos - askedNanos) : NEVER,
                traffic.toTarget(),
                traffic.fromTarget(),
                traffic.readsToTarget(),
                traffic.readsFromTarget(),
                rate(traffic.toTarget(), open),
                rate(traffic.fromTarget(), open),
                privacy.target(target),
                privacy.user(user),
                privacy.source(source));
    }

    private String result(boolean opened) {
        if (end.cause() == EndCause.COMPLETE) {
            return "complete";
        }
        return opened ? "broken" : "refused";
    }

    private static long rate(long bytes, long nanos) {
        return Math.round(bytes * MILLIS_PER_SECOND / Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos)));
    }
}
