// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.httun.api.relay.ConnectionSummary;
import io.httun.api.relay.EndCause;
import io.httun.api.relay.RelayConnection;
import io.httun.api.relay.RelayPolicy;
import io.httun.api.status.StatusSource.ConnectionStatus;
import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.RequestContext;
import io.httun.api.target.Target;
import io.httun.api.target.TargetConnector;
import io.httun.api.tunnel.BulkSockets;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.NetUtil;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One accepted connection, from its first byte to its end. Changes on its event loop only, shows itself on any thread. */
final class Connection implements RelayConnection {
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
    private static final long NEVER = -1;
    private static final double MILLIS_PER_SECOND = 1_000;

    /** Why and how it ended. */
    private record End(EndCause cause, String detail, long nanos) {}

    private final String id =
            HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    private final long startNanos;
    private final Origin origin;
    private final Channel client;
    private final String source;

    private volatile String target = "";
    private volatile String user = "";
    private volatile String state = "negotiating";
    private volatile End end;
    private volatile Relay relay;
    /** Null unless the caller speaks with targets itself. */
    private volatile Meter meter;

    private String via = "";
    private Attempt attempt;
    private Channel opened;
    private long askedNanos;
    private long openedNanos;
    private boolean booked;

    Connection(Origin origin, Channel client, String source) {
        this.origin = origin;
        this.client = client;
        this.source = source;
        this.startNanos = now();
    }

    void watch() {
        client.closeFuture().addListener(closed -> clientClosed());
    }

    private long now() {
        return client.eventLoop().ticker().nanoTime();
    }

    @Override
    public String id() {
        return id;
    }

    String source() {
        return source;
    }

    @Override
    public void user(String name) {
        boolean another = !name.equals(user);
        user = name;
        if (another && meter != null) {
            meter.under(limits());
        }
    }

    @Override
    public void via(String path) {
        via = path;
    }

    private Limits limits() {
        return origin.limits(user);
    }

    @Override
    public void open(Target wanted, Opening opening) {
        target = wanted.toString();
        state = "connecting";
        askedNanos = now();
        TargetConnector connector = origin.connector();
        RelayPolicy policy = limits().policy();
        if (connector == null) {
            refuse(opening, new RefusedException(Cause.UNAVAILABLE, "the connector is not there"));
        } else if (policy.perSource() > 0 && origin.of(source) > policy.perSource()) {
            refuse(opening, new RefusedException(Cause.TOO_MANY, Origin.PER_SOURCE));
        } else {
            attempt = new Attempt(client.eventLoop(), new Attempt.Result() {
                @Override
                public void connected(Channel channel) {
                    opened = channel;
                    openedNanos = now();
                    state = "open";
                    opening.opened(channel);
                }

                @Override
                public void failed(Throwable failure) {
                    refuse(opening, failure);
                }
            });
            attempt.start(
                    wanted, origin.settings().filters(), context(), origin.admission(), connector, policy.connect());
        }
    }

    private RequestContext context() {
        byte[] address = NetUtil.createByteArrayFromIpAddressString(source);
        return new RequestContext(
                user,
                address == null ? Optional.empty() : Optional.of(NetUtil.createInetAddressFromIpAddressString(source)),
                via);
    }

    private void refuse(Opening opening, Throwable failure) {
        Cause why = failure instanceof RefusedException refusal ? refusal.refusal() : Cause.FAILED;
        if (!(failure instanceof RefusedException)) {
            LOG.warn("Connection {} failed", id, failure);
        }
        refused(EndCause.of(why), message(failure), why.toString());
        opening.refused(why);
    }

    @Override
    public void refuse(EndCause cause, String why) {
        refused(cause, why, why);
    }

    /** @param kind one of a few fixed texts, for the log */
    private void refused(EndCause cause, String detail, String kind) {
        state = "refused";
        origin.refused(kind);
        ended(cause, detail);
    }

    @Override
    public void watch(Channel channel) {
        if (meter == null) {
            meter = new Meter(client, origin.fairLoop(client.eventLoop()), source, startNanos, this::endNow);
            meter.under(limits());
        }
        meter.attach(channel);
    }

    @Override
    public void relay(ChannelHandler negotiation, List<ByteBuf> early, boolean clientEnded) {
        Relay started = new Relay(client, opened, this::ended, origin.fairLoop(client.eventLoop()), source, startNanos);
        relay = started;
        if (meter != null) {
            meter.detach(opened);
            meter.stop();
        }
        started.under(limits());
        started.start(negotiation, early, clientEnded);
    }

    /** The listener's policies have changed. */
    void policyChanged() {
        client.eventLoop().execute(() -> {
            if (relay != null) {
                relay.under(limits());
            } else if (meter != null) {
                meter.under(limits());
            }
        });
    }

    /** Notes why it ended; the first reason counts. */
    private void ended(EndCause cause, String detail) {
        if (end == null) {
            end = new End(cause, detail, now());
            LOG.debug("Connection {}: {}", id, detail);
        }
        closeBooks();
    }

    private void clientClosed() {
        if (attempt != null) {
            attempt.giveUp();
        }
        if (meter != null) {
            meter.stop();
        }
        if (relay == null && meter != null) {
            ended(EndCause.COMPLETE, "closed");
        } else if (relay == null) {
            ended(EndCause.CLIENT_GONE, "the client closed it while " + state);
        }
        closeBooks();
    }

    /** Once, when the inbound channel is closed and the reason is known. */
    private void closeBooks() {
        if (!booked && end != null && !client.isOpen()) {
            booked = true;
            origin.closed(this);
        }
    }

    @Override
    public void end(EndCause cause, String detail) {
        client.eventLoop().execute(() -> endNow(cause, detail));
    }

    private void endNow(EndCause cause, String detail) {
        ended(cause, detail);
        if (relay != null) {
            relay.fail(cause, detail);
        } else if (opened != null) {
            BulkSockets.reset(opened);
        }
        BulkSockets.reset(client);
    }

    /** Bytes that one side has sent and the other has not taken. Any thread. */
    long waiting() {
        Relay running = relay;
        return running == null
                ? 0
                : running.client().waiting() + running.target().waiting();
    }

    private long toTarget() {
        return (relay == null ? 0 : relay.client().bytes()) + (meter == null ? 0 : meter.toTarget());
    }

    private long fromTarget() {
        return (relay == null ? 0 : relay.target().bytes()) + (meter == null ? 0 : meter.fromTarget());
    }

    private long readsToTarget() {
        return (relay == null ? 0 : relay.client().reads()) + (meter == null ? 0 : meter.readsToTarget());
    }

    private long readsFromTarget() {
        return (relay == null ? 0 : relay.target().reads()) + (meter == null ? 0 : meter.readsFromTarget());
    }

    @Override
    public ConnectionStatus status() {
        End ended = end;
        return new ConnectionStatus(
                id,
                origin.settings().name(),
                target,
                client.isOpen() || state.equals("refused") ? state : "closed",
                TimeUnit.NANOSECONDS.toSeconds((ended == null ? now() : ended.nanos()) - startNanos),
                toTarget(),
                fromTarget(),
                ended == null ? "" : ended.cause().toString(),
                ended == null ? "" : ended.detail());
    }

    /** When it has ended. On its event loop. */
    ConnectionSummary summary(Discretion discretion) {
        long open = opened == null ? 0 : end.nanos() - openedNanos;
        return new ConnectionSummary(
                Instant.now(),
                id,
                origin.settings().name(),
                result(),
                end.cause(),
                TimeUnit.NANOSECONDS.toMillis(end.nanos() - startNanos),
                opened == null ? NEVER : TimeUnit.NANOSECONDS.toMillis(openedNanos - askedNanos),
                toTarget(),
                fromTarget(),
                readsToTarget(),
                readsFromTarget(),
                rate(toTarget(), open),
                rate(fromTarget(), open),
                discretion.target(target),
                discretion.user(user),
                discretion.source(source));
    }

    private String result() {
        if (end.cause() == EndCause.COMPLETE) {
            return "complete";
        }
        return opened == null ? "refused" : "broken";
    }

    private static long rate(long bytes, long nanos) {
        return Math.round(bytes * MILLIS_PER_SECOND / Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos)));
    }

    private static String message(Throwable failure) {
        return failure.getMessage() == null ? failure.toString() : failure.getMessage();
    }
}
