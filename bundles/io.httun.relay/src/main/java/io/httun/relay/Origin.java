// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.httun.api.relay.EndCause;
import io.httun.api.relay.RelayConnection;
import io.httun.api.relay.RelayOrigin;
import io.httun.api.relay.RelaySettings;
import io.httun.api.status.StatusSource.ConnectionStatus;
import io.httun.api.target.TargetAdmission;
import io.httun.api.target.TargetConnector;
import io.netty.channel.Channel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/** One listener's connections by id, the last ones that ended, and the counts. */
final class Origin implements RelayOrigin {
    private static final int CLOSED_KEPT = 256;

    private final TargetAdmission admission;
    private final Supplier<TargetConnector> connector;
    private final LogThrottle throttle = new LogThrottle();
    private final Map<String, Connection> open = new ConcurrentHashMap<>();
    private final Deque<ConnectionStatus> closed = new ArrayDeque<>();
    private final LongAdder accepted = new LongAdder();
    private final LongAdder refused = new LongAdder();

    private volatile RelaySettings settings;
    private volatile boolean stopped;

    Origin(TargetAdmission admission, Supplier<TargetConnector> connector, RelaySettings first) {
        this.admission = admission;
        this.connector = connector;
        this.settings = first;
    }

    @Override
    public void change(RelaySettings next) {
        settings = next;
    }

    @Override
    public Optional<RelayConnection> accept(Channel client, String source) {
        accepted.increment();
        if (stopped || open.size() >= settings.connectionsMax()) {
            refused("connections.max = " + settings.connectionsMax() + " are open");
            return Optional.empty();
        }
        Connection connection = new Connection(this, client);
        open.put(connection.id(), connection);
        connection.watch();
        if (stopped) {
            stop(connection);
        }
        return Optional.of(connection);
    }

    private static void stop(RelayConnection connection) {
        connection.end(EndCause.LISTENER_STOPPED, "the listener stopped");
    }

    /** A connection's last word. On its event loop. */
    void closed(Connection connection) {
        open.remove(connection.id());
        synchronized (closed) {
            closed.addFirst(connection.status());
            if (closed.size() > CLOSED_KEPT) {
                closed.removeLast();
            }
        }
    }

    @Override
    public void refused(String cause) {
        refused.increment();
        throttle.note(settings.name(), cause);
    }

    RelaySettings settings() {
        return settings;
    }

    TargetAdmission admission() {
        return admission;
    }

    /** Null while it is not there. */
    TargetConnector connector() {
        return connector.get();
    }

    @Override
    public List<ConnectionStatus> connections() {
        return open.values().stream().map(Connection::status).toList();
    }

    @Override
    public List<ConnectionStatus> closedConnections() {
        synchronized (closed) {
            return List.copyOf(closed);
        }
    }

    @Override
    public int open() {
        return open.size();
    }

    @Override
    public long accepted() {
        return accepted.sum();
    }

    @Override
    public long refused() {
        return refused.sum();
    }

    @Override
    public boolean closeConnection(String id) {
        Connection connection = open.get(id);
        if (connection != null) {
            connection.end(EndCause.OPERATOR, "closed by the operator");
        }
        return connection != null;
    }

    @Override
    public void close() {
        stopped = true;
        open.values().forEach(Origin::stop);
    }
}
