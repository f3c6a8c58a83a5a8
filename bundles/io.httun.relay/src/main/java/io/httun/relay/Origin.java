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
import io.netty.channel.EventLoop;
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
    static final String PER_SOURCE = "per.source connections of one source are open";

    private static final int CLOSED_KEPT = 256;

    private final Engine engine;
    private final Supplier<TargetConnector> connector;
    private final LogThrottle throttle = new LogThrottle();
    private final Map<String, Connection> open = new ConcurrentHashMap<>();
    private final Map<String, Integer> bySource = new ConcurrentHashMap<>();
    private final Deque<ConnectionStatus> closed = new ArrayDeque<>();
    private final Totals totals = new Totals();
    private final LongAdder accepted = new LongAdder();
    private final LongAdder refused = new LongAdder();

    private volatile RelaySettings settings;
    private volatile boolean stopped;

    Origin(Engine engine, Supplier<TargetConnector> connector, RelaySettings first) {
        this.engine = engine;
        this.connector = connector;
        this.settings = first;
        totals.under(first);
    }

    @Override
    public void change(RelaySettings next) {
        RelaySettings old = settings;
        totals.under(next);
        settings = next;
        if (!next.policy().equals(old.policy()) || !next.users().equals(old.users())) {
            open.values().forEach(Connection::policyChanged);
        }
    }

    @Override
    public Optional<RelayConnection> accept(Channel client, String source) {
        accepted.increment();
        if (stopped) {
            refused("the listener stopped");
            return Optional.empty();
        } else if (open.size() >= settings.connectionsMax()) {
            refused("connections.max = " + settings.connectionsMax() + " are open");
            return Optional.empty();
        } else if (tooMany(source)) {
            refused(PER_SOURCE);
            return Optional.empty();
        }
        String obstacle = engine.obstacle();
        if (!obstacle.isEmpty()) {
            refused(obstacle);
            return Optional.empty();
        }
        Connection connection = new Connection(this, client, source);
        open.put(connection.id(), connection);
        engine.began(connection);
        bySource.merge(Sources.group(source), 1, Integer::sum);
        connection.watch();
        if (stopped) {
            stop(connection);
        }
        return Optional.of(connection);
    }

    @Override
    public boolean tooMany(String source) {
        int most = settings.policy().perSource();
        return most > 0 && of(source) >= most;
    }

    /** How many connections of this source are open; none where it is not known. */
    int of(String source) {
        return source.isEmpty() ? 0 : bySource.getOrDefault(Sources.group(source), 0);
    }

    private static void stop(RelayConnection connection) {
        connection.end(EndCause.LISTENER_STOPPED, "the listener stopped");
    }

    /** A connection's last word. On its event loop. */
    void closed(Connection connection) {
        open.remove(connection.id());
        bySource.computeIfPresent(Sources.group(connection.source()), (any, count) -> count == 1 ? null : count - 1);
        synchronized (closed) {
            closed.addFirst(connection.status());
            if (closed.size() > CLOSED_KEPT) {
                closed.removeLast();
            }
        }
        engine.ended(connection);
    }

    @Override
    public void refused(String cause) {
        refused.increment();
        throttle.note(settings.name(), cause);
    }

    RelaySettings settings() {
        return settings;
    }

    /** What a connection of this user is held to. */
    Limits limits(String user) {
        return totals.limits(settings, user);
    }

    TargetAdmission admission() {
        return engine.admission();
    }

    FairLoop fairLoop(EventLoop loop) {
        return engine.fairLoop(loop);
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
