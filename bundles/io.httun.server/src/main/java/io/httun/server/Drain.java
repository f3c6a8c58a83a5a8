// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.status.DrainStatus;
import io.httun.api.tunnel.ServerDrain;
import io.httun.api.tunnel.TunnelReply;
import java.time.Duration;
import java.util.Collection;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the server is drained. Thread-safe.
 *
 * <pre>
 * SERVING --drain()--> DRAINING --period over--> DRAINED
 *    ^----------serve()---'-------serve()-----------'
 * </pre>
 */
final class Drain implements ServerDrain {
    private static final Logger LOG = LoggerFactory.getLogger(Drain.class);

    /** Longer than any pause after which our clients repeat a request to the same server, so that they tell it from one that is only busy. */
    private static final int RETRY_AFTER_SECONDS = 5;

    /** @param end by {@link System#nanoTime} */
    private record Phase(String state, long end) {}

    private static final Phase SERVING = new Phase(DrainStatus.SERVING, 0);

    private final Supplier<Collection<ServerChannel>> channels;
    /** Written under this lock. */
    private volatile Phase phase = SERVING;

    Drain(Supplier<Collection<ServerChannel>> channels) {
        this.channels = channels;
    }

    @Override
    public void drain(Duration period) {
        synchronized (this) {
            phase = new Phase(DrainStatus.DRAINING, System.nanoTime() + period.toNanos());
        }
        LOG.info(
                "Draining for {} s: {} sessions go on, new ones are refused",
                period.toSeconds(),
                sessions().count());
        sessions().forEach(Session::drain);
    }

    @Override
    public void serve() {
        synchronized (this) {
            if (phase == SERVING) {
                return;
            }
            phase = SERVING;
        }
        LOG.info("Draining has ended: new sessions are taken again");
    }

    private Stream<Session> sessions() {
        return channels.get().stream().flatMap(channel -> channel.sessions().all().stream());
    }

    /** Whether clients are to go to another server. */
    boolean isOn() {
        return phase != SERVING;
    }

    /** Whether an init is one too many: it is unless what its client has here only gets its next key. */
    boolean refuses(SessionTable sessions, UUID client, boolean continuing) {
        return isOn() && !continuing && !(ClientProtocol.of(client) == ClientProtocol.PACKETS && sessions.has(client));
    }

    /** What a client is told that has the channel's secret. */
    static TunnelReply refusal() {
        return TunnelReply.unavailable(RETRY_AFTER_SECONDS);
    }

    /** Time passes. */
    void tick(long now) {
        synchronized (this) {
            if (!phase.state().equals(DrainStatus.DRAINING) || now - phase.end() < 0) {
                return;
            }
            phase = new Phase(DrainStatus.DRAINED, 0);
        }
        LOG.info("Drained: {} sessions remain and are reset", sessions().count());
        sessions().forEach(session -> session.stop("the server has been drained"));
    }

    /** @param refused how often {@link #refuses} was the cause */
    DrainStatus status(long refused) {
        Phase now = phase;
        boolean draining = now.state().equals(DrainStatus.DRAINING);
        long left = draining ? Math.max(0, TimeUnit.NANOSECONDS.toSeconds(now.end() - System.nanoTime())) : 0;
        return new DrainStatus("server", now.state(), (int) sessions().count(), left, refused);
    }
}
