// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.status.StatusSource.ConnectionStatus;
import io.httun.api.status.StatusSource.ListenerStatus;
import io.httun.api.target.TargetAdmission;
import io.httun.api.target.TargetConnector;
import io.httun.api.tunnel.BulkSockets;
import io.httun.api.tunnel.EventLoops;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.Supplier;

/** Accepts connections, hands each to its negotiation and keeps the books on them. One per configured listener. */
final class LocalListener {
    private static final int CLOSED_KEPT = 256;

    private final String kind;
    private final TargetAdmission admission;
    private final Supplier<TargetConnector> connector;
    private final Function<Connection, ChannelHandler> negotiation;
    private final Binding binding;
    private final LogThrottle throttle = new LogThrottle();
    private final Set<Connection> open = ConcurrentHashMap.newKeySet();
    private final Deque<ConnectionStatus> closed = new ArrayDeque<>();
    private final LongAdder accepted = new LongAdder();
    private final LongAdder refused = new LongAdder();

    private volatile ListenerSettings settings;
    private volatile boolean stopped;

    /**
     * @param connector gives null while the connector is not there
     * @param negotiation makes the handler that finds out what a client wants
     */
    LocalListener(
            String kind,
            EventLoops loops,
            TargetAdmission admission,
            Supplier<TargetConnector> connector,
            Function<Connection, ChannelHandler> negotiation) {
        this.kind = kind;
        this.admission = admission;
        this.connector = connector;
        this.negotiation = negotiation;
        this.binding = new Binding(loops, new ChannelInitializer<SocketChannel>() {
            @Override
            protected void initChannel(SocketChannel channel) {
                accept(channel);
            }
        });
    }

    void start(ListenerSettings first) {
        settings = first;
        binding.open(first);
    }

    /** Open connections run on as they are; only another address, or a fallback now allowed, opens a new socket. */
    void change(ListenerSettings next) {
        ListenerSettings old = settings;
        settings = next;
        if (!next.bind().equals(old.bind()) || next.bindFallback() != old.bindFallback()) {
            binding.open(next);
        }
    }

    /** Frees the port and resets every connection. */
    void stop() {
        stopped = true;
        binding.close();
        open.forEach(connection -> connection.abort("the listener stopped"));
    }

    private void accept(SocketChannel channel) {
        BulkSockets.tune(channel);
        accepted.increment();
        if (stopped || open.size() >= settings.connectionsMax()) {
            refused.increment();
            throttle.note(settings.name(), "connections.max = " + settings.connectionsMax() + " are open");
            BulkSockets.reset(channel);
            return;
        }
        Connection connection = new Connection(this, settings, channel);
        open.add(connection);
        channel.closeFuture().addListener(end -> {
            open.remove(connection);
            remember(connection.status());
        });
        channel.pipeline().addLast(negotiation.apply(connection));
        if (stopped) {
            connection.abort("the listener stopped");
        }
    }

    private void remember(ConnectionStatus status) {
        synchronized (closed) {
            closed.addFirst(status);
            if (closed.size() > CLOSED_KEPT) {
                closed.removeLast();
            }
        }
    }

    /** @param cause one of a few fixed texts, for the log */
    void refused(String cause) {
        refused.increment();
        throttle.note(settings.name(), cause);
    }

    TargetAdmission admission() {
        return admission;
    }

    /** Null while it is not there. */
    TargetConnector connector() {
        return connector.get();
    }

    ListenerStatus status() {
        return new ListenerStatus(
                settings.name(), kind, binding.address(), binding.state(), open.size(), accepted.sum(), refused.sum());
    }

    List<ConnectionStatus> connections() {
        return open.stream().map(Connection::status).toList();
    }

    List<ConnectionStatus> closedConnections() {
        synchronized (closed) {
            return List.copyOf(closed);
        }
    }
}
