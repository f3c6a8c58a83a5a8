// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.httun.api.relay.EndCause;
import io.httun.api.relay.RelayConnection;
import io.httun.api.relay.RelayOrigin;
import io.httun.api.relay.RelaySettings;
import io.httun.api.status.ConnectionStatus;
import io.httun.api.status.LimitStatus;
import io.httun.api.status.UserStatus;
import io.httun.api.target.TargetAdmission;
import io.httun.api.target.TargetConnector;
import io.httun.toolkit.net.SourceCounts;
import io.httun.toolkit.status.LogLimiter;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;

/** One listener's connections: the open ones by id, the most recently closed ones, and the counters. */
final class ListenerOrigin implements RelayOrigin {
    static final String PER_SOURCE = "per.source connections of one source are open";

    private static final int CLOSED_KEPT = 256;

    private final NettyRelayEngine engine;
    private final Supplier<TargetConnector> connector;
    private final LogLimiter log = new LogLimiter(LoggerFactory.getLogger(ListenerOrigin.class));
    private final Map<String, AcceptedConnection> open = new ConcurrentHashMap<>();
    private final SourceCounts sources = new SourceCounts();
    private final Deque<ConnectionStatus> closed = new ArrayDeque<>();
    private final SharedRates totals = new SharedRates();
    private final LongAdder accepted = new LongAdder();
    private final LongAdder refused = new LongAdder();

    private volatile RelaySettings settings;
    private volatile boolean stopped;

    ListenerOrigin(NettyRelayEngine engine, Supplier<TargetConnector> connector, RelaySettings first) {
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
            open.values().forEach(AcceptedConnection::policyChanged);
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
        AcceptedConnection connection = new AcceptedConnection(this, client, source);
        open.put(connection.id(), connection);
        engine.began(connection);
        sources.enter(source, Integer.MAX_VALUE);
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

    /** Number of open connections of this source; 0 if the source is unknown. */
    int of(String source) {
        return source.isEmpty() ? 0 : sources.of(source);
    }

    private static void stop(RelayConnection connection) {
        connection.end(EndCause.LISTENER_STOPPED, "the listener stopped");
    }

    /** Called when a connection is closed and its cause is known. On its event loop. */
    void closed(AcceptedConnection connection) {
        open.remove(connection.id());
        sources.leave(connection.source());
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
        log.info(cause, "{}: connection refused: {}", settings.name(), cause);
    }

    /** Logs a connection that did not end in order. */
    void broken(EndCause cause, String detail) {
        log.info(cause.name(), "{}: connection broken: {}", settings.name(), detail);
    }

    RelaySettings settings() {
        return settings;
    }

    /** The limits of a connection of this user. */
    RelayLimits limits(String user) {
        return totals.limits(settings, user);
    }

    TargetAdmission admission() {
        return engine.admission();
    }

    FairLoop fairLoop(EventLoop loop) {
        return engine.fairLoop(loop);
    }

    /** Null while the connector is not available. */
    TargetConnector connector() {
        return connector.get();
    }

    @Override
    public List<ConnectionStatus> connections() {
        return open.values().stream().map(AcceptedConnection::status).toList();
    }

    @Override
    public List<ConnectionStatus> closedConnections() {
        synchronized (closed) {
            return List.copyOf(closed);
        }
    }

    LimitStatus limit() {
        return new LimitStatus(
                settings.name(), "connections.max", "connections", open.size(), settings.connectionsMax());
    }

    /** The configured users, and the connected ones if statistics may name users. */
    Stream<UserStatus> users(StatisticsPrivacy privacy) {
        RelaySettings now = settings;
        Map<String, List<ConnectionStatus>> byUser = new TreeMap<>();
        now.users().keySet().forEach(user -> byUser.put(user, new ArrayList<>()));
        for (AcceptedConnection connection : open.values()) {
            String user = connection.user();
            if (!user.isEmpty() && (privacy.users() || now.users().containsKey(user))) {
                byUser.computeIfAbsent(user, any -> new ArrayList<>()).add(connection.status());
            }
        }
        return byUser.entrySet().stream()
                .map(each -> new UserStatus(
                        now.name(),
                        each.getKey(),
                        each.getValue().size(),
                        each.getValue().stream()
                                .mapToLong(ConnectionStatus::bytesToTarget)
                                .sum(),
                        each.getValue().stream()
                                .mapToLong(ConnectionStatus::bytesFromTarget)
                                .sum()));
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
        AcceptedConnection connection = open.get(id);
        if (connection != null) {
            connection.end(EndCause.OPERATOR, "closed by the operator");
        }
        return connection != null;
    }

    @Override
    public void close() {
        stopped = true;
        open.values().forEach(ListenerOrigin::stop);
        engine.closed(this);
    }
}
