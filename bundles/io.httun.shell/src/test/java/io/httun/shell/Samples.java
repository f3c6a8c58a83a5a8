// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.status.ChannelStatus;
import io.httun.api.status.ChannelUse;
import io.httun.api.status.ConnectionStatus;
import io.httun.api.status.ConnectorStatus;
import io.httun.api.status.EndpointStatus;
import io.httun.api.status.FilterStatus;
import io.httun.api.status.LimitStatus;
import io.httun.api.status.ListenerStatus;
import io.httun.api.status.PipeStatus;
import io.httun.api.status.ProxyStatus;
import io.httun.api.status.RefusalStatus;
import io.httun.api.status.ReverseStatus;
import io.httun.api.status.RouteStatus;
import io.httun.api.status.SessionStatus;
import io.httun.api.status.StatusSource;
import io.httun.api.status.StreamStatus;
import io.httun.api.status.TunStatus;
import java.util.ArrayList;
import java.util.List;

/** One sample of each record. */
final class Samples implements StatusSource {
    final List<String> closed = new ArrayList<>();

    static ChannelStatus channel(String side, String name, long counters) {
        return new ChannelStatus(
                side, name, 1, "up", 2, 3, 4 + counters, 5 + counters, 6 + counters, 7 + counters, 8 + counters, 9, "");
    }

    @Override
    public List<ChannelStatus> channels() {
        return List.of(channel("server", "work", 0), channel("server", "home", 100), channel("client", "away", 0));
    }

    @Override
    public List<ChannelUse> channelUses() {
        return List.of(new ChannelUse("home", 21, 22, 23, "1gb/day", "2999-12-31", ""));
    }

    @Override
    public List<SessionStatus> sessions() {
        return List.of(new SessionStatus("5e55", "server", "home", 2, "live", 10, 1, 7, 11, 12, 13, 14));
    }

    @Override
    public List<ConnectionStatus> connections() {
        return List.of(new ConnectionStatus("c1", "home", "example.org:443", "open", 10, 11, 12, ""));
    }

    @Override
    public List<ConnectionStatus> closedConnections() {
        return List.of(new ConnectionStatus(
                "c0", "home", "10.0.0.1:22", "closed", 10, 0, 0, "filter \"default\"\nsays\u001b[2J no"));
    }

    @Override
    public List<FilterStatus> filters() {
        return List.of(new FilterStatus("default", "address", 5, 6, 7));
    }

    @Override
    public List<ListenerStatus> listeners() {
        return List.of(new ListenerStatus("socks-home", "socks", "127.0.0.1:1080", "listening", 1, 2, 3));
    }

    @Override
    public List<ProxyStatus> proxies() {
        return List.of(new ProxyStatus("squid", "work", "http", "192.0.2.1:3128", "up", 51, 52));
    }

    @Override
    public boolean closeConnection(String id) {
        return id.equals("c1");
    }

    @Override
    public List<EndpointStatus> endpoints() {
        return List.of(new EndpointStatus("default", "cxf", "/httun", "up", 41, 42));
    }

    @Override
    public List<TunStatus> tuns() {
        return List.of(new TunStatus(
                "office", "httun-c-0", "up", 1400, "10.9.0.2/24", "client office", 1, 2, 3, 4, "no-peer=5", ""));
    }

    @Override
    public List<PipeStatus> pipes() {
        return List.of(new PipeStatus("9a", "home", "client", "open", 3, 40_100));
    }

    @Override
    public List<ReverseStatus> reverses() {
        return List.of(new ReverseStatus("web", "client", "0.0.0.0:8080", "127.0.0.1:80", "waiting", 4, 2, 9));
    }

    @Override
    public List<StreamStatus> streams() {
        return List.of(new StreamStatus("9a", "client", 3, "connection", 61));
    }

    @Override
    public List<ConnectorStatus> connectors() {
        return List.of(new ConnectorStatus("home", "corp", true, false));
    }

    @Override
    public List<LimitStatus> limits() {
        return List.of(new LimitStatus("relay", "connections.max", "connections", 62, 63));
    }

    @Override
    public List<RefusalStatus> refusals() {
        return List.of(new RefusalStatus("server", "malformed", 64));
    }

    @Override
    public List<RouteStatus> routes() {
        return List.of(new RouteStatus("office", "10.0.0.0/8", "", "httun-c-0", "tunnel", "set"));
    }

    @Override
    public boolean closeSession(String id) {
        closed.add(id);
        return id.equals("5e55");
    }
}
