// SPDX-License-Identifier: Apache-2.0
package io.httun.web;

import io.httun.api.status.ChannelStatus;
import io.httun.api.status.ConnectionStatus;
import io.httun.api.status.ConnectorStatus;
import io.httun.api.status.DrainStatus;
import io.httun.api.status.EndpointStatus;
import io.httun.api.status.FilterStatus;
import io.httun.api.status.LimitStatus;
import io.httun.api.status.ListenerStatus;
import io.httun.api.status.NodeStatus;
import io.httun.api.status.PipeStatus;
import io.httun.api.status.RefusalStatus;
import io.httun.api.status.RuleStatus;
import io.httun.api.status.SessionStatus;
import io.httun.api.status.StatusSource;
import io.httun.api.status.StreamStatus;
import io.httun.api.tunnel.ServerDrain;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/** A server and a client in one process, with traffic that grows with the clock, and a target with a hostile name. */
final class PageSample implements StatusSource, ServerDrain {
    static final String HOSTILE = "<img src=x onerror=document.title='pwned'>.example:443";

    private static final String[] TARGETS = {
        "git.example.org:22", "mirror.example.net:443", "mail.example.org:993", "10.1.2.3:5432", "chat.example.com:443"
    };

    final Set<String> closed = ConcurrentHashMap.newKeySet();
    private final int streams;
    private final long began = System.currentTimeMillis();
    /** How far the clock of the traffic is from the real one, in milliseconds. */
    volatile long shift;

    volatile Duration drained = Duration.ZERO;

    PageSample(int streams) {
        this.streams = streams;
    }

    long millis() {
        return System.currentTimeMillis() + shift;
    }

    private double seconds() {
        return 1_000 + (millis() - began) / 1000.0;
    }

    /** Bytes of a rate that swings. */
    private long bytes(double rate, double phase) {
        double s = seconds();
        return (long) (rate * (s + 3 * Math.sin(s / 6 + phase) + 0.6 * Math.sin(s / 1.7 + 2 * phase)));
    }

    private boolean isOpen(String id) {
        return !closed.contains(id);
    }

    @Override
    public List<ChannelStatus> channels() {
        return List.of(
                new ChannelStatus(
                        "server",
                        "laptop",
                        1,
                        "enabled",
                        2,
                        5,
                        8_104,
                        9_105,
                        9_106,
                        bytes(21e4, 0),
                        bytes(19e5, 1),
                        9,
                        ""),
                new ChannelStatus(
                        "client",
                        "home",
                        1,
                        "connected",
                        1,
                        5,
                        8_104,
                        9_105,
                        9_106,
                        bytes(19e5, 1),
                        bytes(21e4, 0),
                        0,
                        ""));
    }

    @Override
    public List<SessionStatus> sessions() {
        return List.of(
                        new SessionStatus(
                                "5e55a1b2", "server", "laptop", 1, "open", 5_310, 1, 760, 91, 122, 40_713, 9_131_214),
                        new SessionStatus(
                                "5e56c3d4",
                                "client",
                                "home",
                                0,
                                "open",
                                5_310,
                                0,
                                760,
                                812,
                                712,
                                bytes(19e5, 1),
                                bytes(21e4, 0)))
                .stream()
                .filter(session -> isOpen(session.id()))
                .toList();
    }

    @Override
    public List<PipeStatus> pipes() {
        long trip = 38_000 + (long) (6_000 * Math.sin(seconds() / 5) + 3_000 * Math.sin(seconds()));
        return List.of(
                new PipeStatus("9a", "home", "client", "open", 3, trip),
                new PipeStatus("9c", "", "server", "open", 3, 0));
    }

    @Override
    public List<StreamStatus> streams() {
        return IntStream.range(0, streams)
                .mapToObj(i -> new StreamStatus("9a", "client", 2 * i + 1, "connection", 61 + i))
                .toList();
    }

    @Override
    public List<ConnectionStatus> connections() {
        List<ConnectionStatus> all = new ArrayList<>();
        for (int i = 0; i < TARGETS.length; i++) {
            long up = bytes(21e4 / (i + 2), i);
            long down = bytes(19e5 / (i + 2), i + 1);
            all.add(new ConnectionStatus("a" + i, "socks", TARGETS[i], "open", 10 + 700L * i, up, down, ""));
            all.add(new ConnectionStatus("b" + i, "laptop", TARGETS[i], "open", 10 + 700L * i, up, down, ""));
        }
        all.add(new ConnectionStatus("h1", "socks", HOSTILE, "connecting", 3, 0, 0, ""));
        return all.stream().filter(connection -> isOpen(connection.id())).toList();
    }

    @Override
    public List<ConnectionStatus> closedConnections() {
        return List.of(new ConnectionStatus(
                "e1", "socks", "old.example:80", "refused", 1, 0, 0, "denied", "the filter default denies private"));
    }

    @Override
    public List<ListenerStatus> listeners() {
        return List.of(
                new ListenerStatus("socks", "socks", "127.0.0.1:1080", "listening", 6, 212, 3),
                new ListenerStatus("connect", "connect", "127.0.0.1:8118", "listening", 0, 40, 0));
    }

    @Override
    public List<EndpointStatus> endpoints() {
        return List.of(new EndpointStatus("default", "cxf", "/httun", "open", 8_141, 4));
    }

    @Override
    public List<FilterStatus> filters() {
        return List.of(new FilterStatus("default", "address", 5, 206, (long) (seconds() / 9)));
    }

    @Override
    public List<RuleStatus> rules() {
        return List.of(
                new RuleStatus("default", "deny 1", "private", 7), new RuleStatus("default", "allow 1", "public", 206));
    }

    @Override
    public List<ConnectorStatus> connectors() {
        return List.of(new ConnectorStatus("home", "", true, true));
    }

    @Override
    public List<LimitStatus> limits() {
        return List.of(new LimitStatus("relay", "connections.max", "connections", 11, 4_096));
    }

    @Override
    public List<RefusalStatus> refusals() {
        return List.of(new RefusalStatus("server", "malformed", 0), new RefusalStatus("server", "key", (long)
                (seconds() / 4)));
    }

    @Override
    public List<DrainStatus> drains() {
        return List.of(new DrainStatus(
                "server",
                drained.isZero() ? DrainStatus.SERVING : DrainStatus.DRAINING,
                sessions().size(),
                drained.toSeconds(),
                0));
    }

    @Override
    public List<NodeStatus> nodes() {
        return List.of(
                new NodeStatus(1, "north", "10.0.0.1:7801", true, DrainStatus.SERVING, 2, 0, 0, ""),
                new NodeStatus(2, "south", "10.0.0.2:7801", false, DrainStatus.SERVING, 3, 412, 97, ""));
    }

    @Override
    public void drain(Duration period) {
        drained = period;
    }

    @Override
    public void serve() {
        drained = Duration.ZERO;
    }

    @Override
    public boolean closeSession(String id) {
        return sessions().stream().anyMatch(session -> session.id().equals(id)) && closed.add(id);
    }

    @Override
    public boolean closeConnection(String id) {
        return connections().stream().anyMatch(connection -> connection.id().equals(id)) && closed.add(id);
    }
}
