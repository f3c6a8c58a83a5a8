// SPDX-License-Identifier: Apache-2.0
package io.httun.metrics;

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
import io.httun.api.status.ProxyStatus;
import io.httun.api.status.RefusalStatus;
import io.httun.api.status.ReverseStatus;
import io.httun.api.status.SessionStatus;
import io.httun.api.status.StatusSource;
import io.httun.api.status.StreamStatus;
import io.httun.api.status.TunStatus;
import io.httun.api.status.UserStatus;
import java.util.List;

/** One or two of everything, with a secret target and a secret user. */
final class SampleStatus implements StatusSource {
    static final String TARGET = "secret.example";
    static final String USER = "alice";

    @Override
    public List<ChannelStatus> channels() {
        return List.of(
                new ChannelStatus("server", "home", 1, "enabled", 2, 3, 104, 105, 106, 107, 108, 9, ""),
                new ChannelStatus("client", "away \"x\"", 1, "unreachable: 404", 0, 0, 0, 0, 0, 0, 0, 0, ""));
    }

    @Override
    public List<SessionStatus> sessions() {
        return List.of(
                new SessionStatus("5e55", "server", "home", 2, "open", 10, 1, 7, 11, 12, 13, 14),
                new SessionStatus("5e56", "server", "home", 2, "open", 10, 1, 70, 11, 12, 13, 14));
    }

    @Override
    public List<PipeStatus> pipes() {
        return List.of(
                new PipeStatus("9a", "away", "client", "open", 3, 40_100),
                new PipeStatus("9b", "away", "client", "open", 3, 20_000),
                new PipeStatus("9c", "", "server", "open", 3, 20_000));
    }

    @Override
    public List<StreamStatus> streams() {
        return List.of(
                new StreamStatus("9a", "client", 3, "connection", 61),
                new StreamStatus("9a", "client", 5, "connection", 61));
    }

    @Override
    public List<ConnectionStatus> connections() {
        return List.of(new ConnectionStatus("c1", "home", TARGET + ":443", "open", 10, 11, 12, ""));
    }

    @Override
    public List<ListenerStatus> listeners() {
        return List.of(new ListenerStatus("socks-home", "socks", "127.0.0.1:1080", "listening", 1, 2, 3));
    }

    @Override
    public List<EndpointStatus> endpoints() {
        return List.of(new EndpointStatus("default", "cxf", "/httun", "open", 41, 42));
    }

    @Override
    public List<FilterStatus> filters() {
        return List.of(new FilterStatus("default", "address", 5, 6, 7));
    }

    @Override
    public List<ConnectorStatus> connectors() {
        return List.of(new ConnectorStatus("home", "corp", true, false));
    }

    @Override
    public List<ProxyStatus> proxies() {
        return List.of(new ProxyStatus("squid", "corp", "http", "192.0.2.1:3128", "ok", 51, 52));
    }

    @Override
    public List<ReverseStatus> reverses() {
        return List.of(
                new ReverseStatus("web", "client", "0.0.0.0:8080", "127.0.0.1:80", "listening", 4, 2, 9),
                new ReverseStatus("", "server", "0.0.0.0:8080", "", "listening", 4, 2, 9),
                new ReverseStatus("", "server", "0.0.0.0:8081", "", "listening", 1, 1, 1));
    }

    @Override
    public List<TunStatus> tuns() {
        return List.of(new TunStatus(
                "office",
                "httun-c-0",
                "up",
                1400,
                "10.9.0.2/24",
                "client office",
                1,
                2,
                3,
                4,
                "no-peer=5 queue=6",
                ""));
    }

    @Override
    public List<UserStatus> users() {
        return List.of(new UserStatus("socks-home", USER, 1, 2, 3));
    }

    @Override
    public List<DrainStatus> drains() {
        return List.of(new DrainStatus("server", DrainStatus.DRAINING, 2, 540, 7));
    }

    @Override
    public List<NodeStatus> nodes() {
        return List.of(new NodeStatus(2, "south", "10.0.0.2:7801", false, DrainStatus.SERVING, 4, 71, 72, ""));
    }

    @Override
    public List<LimitStatus> limits() {
        return List.of(new LimitStatus("relay", "connections.max", "connections", 62, 63));
    }

    @Override
    public List<RefusalStatus> refusals() {
        return List.of(new RefusalStatus("server", "malformed", 0), new RefusalStatus("server", "key", 64));
    }
}
