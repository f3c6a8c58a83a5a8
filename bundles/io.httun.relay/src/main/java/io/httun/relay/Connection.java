// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.httun.api.relay.EndCause;
import io.httun.api.relay.RelayConnection;
import io.httun.api.relay.RelayPolicy;
import io.httun.api.status.StatusSource.ConnectionStatus;
import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Target;
import io.httun.api.target.TargetConnector;
import io.httun.api.tunnel.BulkSockets;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One accepted connection, from its first byte to its end. Changes on its event loop only, shows itself on any thread. */
final class Connection implements RelayConnection {
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

    /** Why and how it ended. */
    private record End(EndCause cause, String detail) {}

    private final String id =
            HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    private final long startNanos = System.nanoTime();
    private final Origin origin;
    private final Channel client;

    private volatile String target = "";
    private volatile String user = "";
    private volatile String state = "negotiating";
    private volatile End end;
    private volatile Relay relay;
    private Channel opened;
    private Future<?> pending;
    private boolean booked;

    Connection(Origin origin, Channel client) {
        this.origin = origin;
        this.client = client;
    }

    void watch() {
        client.closeFuture().addListener(closed -> clientClosed());
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public void user(String name) {
        user = name;
    }

    RelayPolicy policy() {
        return origin.settings().policyOf(user);
    }

    @Override
    public void open(Target wanted, Opening opening) {
        target = wanted.toString();
        state = "connecting";
        TargetConnector connector = origin.connector();
        if (connector == null) {
            refuse(opening, new RefusedException(Cause.UNAVAILABLE, "the connector is not there"));
            return;
        }
        step(
                origin.admission()
                        .admit(wanted, origin.settings().filters(), !connector.takesNames(), client.eventLoop()),
                opening,
                admitted -> step(connector.connect(admitted, client.eventLoop()), opening, connected -> {
                    opened = connected;
                    state = "open";
                    opening.opened(connected);
                }));
    }

    private interface Next<T> {
        void take(T result);
    }

    private <T> void step(Future<T> future, Opening opening, Next<T> next) {
        pending = future;
        future.addListener((FutureListener<T>) done -> {
            if (!client.isOpen()) {
                if (done.isSuccess() && done.getNow() instanceof Channel connected) {
                    BulkSockets.reset(connected);
                }
            } else if (done.isSuccess()) {
                next.take(done.getNow());
            } else {
                refuse(opening, done.cause());
            }
        });
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
        ended(cause, detail);
        state = "refused";
        origin.refused(kind);
    }

    @Override
    public void relay(ChannelHandler negotiation, List<ByteBuf> early, boolean clientEnded) {
        Relay started = new Relay(client, opened, this::ended, policy().idle().toMillis());
        relay = started;
        started.start(negotiation, early, clientEnded);
    }

    /** Notes why it ended; the first reason counts. */
    private void ended(EndCause cause, String detail) {
        if (end == null) {
            end = new End(cause, detail);
            LOG.debug("Connection {} to {}: {}", id, target, detail);
        }
        closeBooks();
    }

    private void clientClosed() {
        if (pending != null) {
            pending.cancel(false);
        }
        if (relay == null) {
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
        client.eventLoop().execute(() -> {
            ended(cause, detail);
            if (relay != null) {
                relay.fail(cause, detail);
            } else if (opened != null) {
                BulkSockets.reset(opened);
            }
            BulkSockets.reset(client);
        });
    }

    @Override
    public ConnectionStatus status() {
        Relay now = relay;
        End ended = end;
        return new ConnectionStatus(
                id,
                origin.settings().name(),
                target,
                client.isOpen() || state.equals("refused") ? state : "closed",
                TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNanos),
                now == null ? 0 : now.bytesToTarget(),
                now == null ? 0 : now.bytesFromTarget(),
                ended == null ? "" : ended.detail());
    }

    private static String message(Throwable failure) {
        return failure.getMessage() == null ? failure.toString() : failure.getMessage();
    }
}
