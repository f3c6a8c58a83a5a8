// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.status.StatusSource.ConnectionStatus;
import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Target;
import io.httun.api.target.TargetConnector;
import io.httun.api.tunnel.BulkSockets;
import io.netty.channel.Channel;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One accepted connection, from its first byte to its end. Changes on its event loop only, shows itself on any thread. */
final class Connection {
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

    /** Told on the connection's event loop. */
    interface Opening {
        void opened(Channel target);

        void refused(Cause cause);
    }

    private final String id =
            HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
    private final long startNanos = System.nanoTime();
    private final LocalListener listener;
    private final ListenerSettings settings;
    private final SocketChannel client;

    private volatile String target = "";
    private volatile String state = "negotiating";
    private volatile String cause = "";
    private volatile Relay relay;
    private Future<?> pending;

    Connection(LocalListener listener, ListenerSettings settings, SocketChannel client) {
        this.listener = listener;
        this.settings = settings;
        this.client = client;
    }

    /** As they were when the client came. */
    ListenerSettings settings() {
        return settings;
    }

    /** Asks the gate, then the connector. */
    void open(Target wanted, Opening opening) {
        target = wanted.toString();
        state = "connecting";
        TargetConnector connector = listener.connector();
        if (connector == null) {
            refuse(opening, new RefusedException(Cause.UNAVAILABLE, "the connector is not there"));
            return;
        }
        step(
                listener.admission().admit(wanted, settings.filters(), !connector.takesNames(), client.eventLoop()),
                opening,
                admitted -> step(connector.connect(admitted, client.eventLoop()), opening, connected -> {
                    state = "open";
                    opening.opened(connected);
                }));
    }

    private interface Next<T> {
        void take(T result);
    }

    private <T> void step(Future<T> future, Opening opening, Next<T> next) {
        pending = future;
        future.addListener((FutureListener<T>) end -> {
            if (!client.isOpen()) {
                if (end.isSuccess() && end.getNow() instanceof Channel connected) {
                    BulkSockets.reset(connected);
                }
            } else if (end.isSuccess()) {
                next.take(end.getNow());
            } else {
                refuse(opening, end.cause());
            }
        });
    }

    private void refuse(Opening opening, Throwable failure) {
        Cause why = failure instanceof RefusedException refusal ? refusal.refusal() : Cause.FAILED;
        if (!(failure instanceof RefusedException)) {
            LOG.warn("Connection {} failed", id, failure);
        }
        refused(failure.getMessage() == null ? failure.toString() : failure.getMessage(), why.toString());
        opening.refused(why);
    }

    /**
     * Notes that this connection will not be made.
     *
     * @param detail for the shell
     * @param kind one of a few fixed texts, for the log
     */
    void refused(String detail, String kind) {
        ended(detail);
        state = "refused";
        listener.refused(kind);
    }

    void relay(Relay started) {
        relay = started;
    }

    /** Notes why it ended; the first reason counts. */
    void ended(String why) {
        if (cause.isEmpty()) {
            cause = why;
            LOG.debug("Connection {} to {}: {}", id, target, why);
        }
    }

    /** The client has gone before there was a relay. */
    void gone() {
        if (pending != null) {
            pending.cancel(false);
        }
        if (relay == null) {
            ended("the client closed it while " + state);
        }
    }

    /** Ends it now, from any thread. */
    void abort(String why) {
        client.eventLoop().execute(() -> {
            ended(why);
            BulkSockets.reset(client);
            if (relay != null) {
                relay.fail(why);
            }
        });
    }

    ConnectionStatus status() {
        Relay now = relay;
        boolean isOpen = client.isOpen();
        return new ConnectionStatus(
                id,
                settings.name(),
                target,
                isOpen || state.equals("refused") ? state : "closed",
                TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNanos),
                now == null ? 0 : now.bytesToTarget(),
                now == null ? 0 : now.bytesFromTarget(),
                cause);
    }
}
