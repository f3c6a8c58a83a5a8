// SPDX-License-Identifier: Apache-2.0
package io.httun.metrics;

import io.httun.api.status.ChannelStatus;
import io.httun.api.status.DrainStatus;
import io.httun.api.status.NodeStatus;
import io.httun.api.status.PipeStatus;
import io.httun.api.status.ReverseStatus;
import io.httun.api.status.StatusSnapshot;
import io.httun.api.status.TunStatus;
import io.httun.api.tun.TunDrop;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The status of all parts as metrics. Labels are names that the configuration gives, and fixed words; sessions, streams and connections
 * are summed up. A scrape makes one snapshot; nothing is counted here.
 */
final class StatusMetrics implements MultiCollector {
    private static final String IN = "in";
    private static final String OUT = "out";
    private static final String DIRECTION = "direction";
    private static final String NODE = "node";
    private static final String SIDE = "side";
    private static final double MICROS = TimeUnit.SECONDS.toMicros(1);
    private static final Set<String> CARRIES = Set.of("enabled", "idle", "connected");
    private static final Set<String> LISTENS = Set.of("listening", "mounted");

    private final Supplier<StatusSnapshot> status;
    private final BooleanSupplier users;

    /** @param users whether users may be named */
    StatusMetrics(Supplier<StatusSnapshot> status, BooleanSupplier users) {
        this.status = status;
        this.users = users;
    }

    @Override
    public MetricSnapshots collect() {
        StatusSnapshot now = status.get();
        Families metrics = new Families();
        now.channels().forEach(channel -> channel(metrics, channel));
        sessions(metrics, now);
        pipes(metrics, now);
        now.drains().forEach(drain -> drain(metrics, drain));
        now.nodes().forEach(node -> node(metrics, node));
        entries(metrics, now);
        filters(metrics, now);
        exits(metrics, now);
        now.tuns().forEach(tun -> tun(metrics, tun));
        bounds(metrics, now);
        return metrics.snapshots();
    }

    private static void channel(Families metrics, ChannelStatus channel) {
        String[] labels = {SIDE, channel.side(), "channel", channel.name()};
        metrics.up(
                "httun_channel_up",
                "Whether the channel is enabled, and at a client whether its server can be reached",
                CARRIES.contains(channel.state()),
                labels);
        metrics.gauge("httun_channel_sessions", "Sessions that are open", channel.sessions(), labels);
        metrics.gauge(
                "httun_channel_connections", "Connections to targets that are open", channel.connections(), labels);
        metrics.count("httun_channel_requests", "HTTP requests with a valid frame", channel.requests(), labels);
        metrics.count("httun_channel_refused", "Requests or connections that were refused", channel.refused(), labels);
        String[] in = {SIDE, channel.side(), "channel", channel.name(), DIRECTION, IN};
        String[] out = {SIDE, channel.side(), "channel", channel.name(), DIRECTION, OUT};
        String frames = "Frames received (in) and sent (out)";
        metrics.count("httun_channel_frames", frames, channel.framesIn(), in);
        metrics.count("httun_channel_frames", frames, channel.framesOut(), out);
        String bytes = "Tunnelled payload received (in) and sent (out)";
        metrics.count("httun_channel_payload_bytes", bytes, channel.bytesIn(), in);
        metrics.count("httun_channel_payload_bytes", bytes, channel.bytesOut(), out);
    }

    private static void sessions(Families metrics, StatusSnapshot now) {
        String help = "Age of the oldest key in use";
        now.channels()
                .forEach(channel -> metrics.most(
                        "httun_key_age_seconds", help, 0, SIDE, channel.side(), "channel", channel.name()));
        now.sessions()
                .forEach(session -> metrics.most(
                        "httun_key_age_seconds",
                        help,
                        session.keySeconds(),
                        SIDE,
                        session.side(),
                        "channel",
                        session.channel()));
    }

    private static void drain(Families metrics, DrainStatus drain) {
        metrics.most(
                "httun_draining",
                "Whether the server takes no new sessions, as it is drained",
                drain.refusesNew() ? 1 : 0,
                "part",
                drain.part());
        metrics.most(
                "httun_drain_left_seconds",
                "Until sessions that remain are reset; 0 unless the server is being drained",
                drain.leftSeconds(),
                "part",
                drain.part());
    }

    private static void node(Families metrics, NodeStatus node) {
        String number = Integer.toString(node.node());
        metrics.most(
                "httun_node_up",
                "Whether a server of the cluster is there under its number",
                Set.of(NodeStatus.REFUSED, NodeStatus.JOINING).contains(node.state()) ? 0 : 1,
                NODE,
                number);
        String help = "Requests forwarded to another server (out) and from there (in)";
        metrics.count("httun_forwarded_requests", help, node.sent(), NODE, number, DIRECTION, OUT);
        metrics.count("httun_forwarded_requests", help, node.received(), NODE, number, DIRECTION, IN);
    }

    private static void pipes(Families metrics, StatusSnapshot now) {
        for (String side : new String[] {"server", "client"}) {
            metrics.gauge("httun_pipes", "Pipes that are open", 0, SIDE, side);
            for (String kind : new String[] {"connection", "datagrams", "accept"}) {
                metrics.gauge("httun_streams", "Streams that are open in pipes", 0, SIDE, side, "kind", kind);
            }
        }
        for (PipeStatus pipe : now.pipes()) {
            metrics.gauge("httun_pipes", "Pipes that are open", 1, SIDE, pipe.side());
            // A server knows no name: its pipes are as many as its clients make.
            if (!pipe.name().isEmpty()) {
                metrics.most(
                        "httun_client_round_trip_seconds",
                        "The longest of the last round trips of a client's pipes; 0 before the first",
                        pipe.roundTripMicros() / MICROS,
                        "client",
                        pipe.name());
            }
        }
        now.streams()
                .forEach(stream -> metrics.gauge(
                        "httun_streams",
                        "Streams that are open in pipes",
                        1,
                        SIDE,
                        stream.side(),
                        "kind",
                        stream.kind()));
    }

    private static void entries(Families metrics, StatusSnapshot now) {
        now.listeners().forEach(listener -> {
            String[] labels = {"listener", listener.name(), "kind", listener.kind()};
            metrics.up("httun_listener_up", "Whether the listener listens", LISTENS.contains(listener.state()), labels);
            metrics.gauge("httun_listener_connections", "Connections that are open", listener.connections(), labels);
            metrics.count(
                    "httun_listener_accepted",
                    "Connections that came, with those that were refused",
                    listener.accepted(),
                    labels);
            metrics.count("httun_listener_refused", "Connections that were refused", listener.refused(), labels);
        });
        now.endpoints().forEach(endpoint -> {
            String[] labels = {"endpoint", endpoint.name(), "kind", endpoint.kind()};
            metrics.up(
                    "httun_endpoint_up",
                    "Whether the endpoint takes requests",
                    endpoint.state().equals("open"),
                    labels);
            metrics.count("httun_endpoint_requests", "HTTP requests, valid or not", endpoint.requests(), labels);
            metrics.gauge("httun_endpoint_waiting", "Requests that have no answer yet", endpoint.waiting(), labels);
        });
        for (ReverseStatus reverse : now.reverses()) {
            String[] labels = {SIDE, reverse.side(), "reverse", reverse.name()};
            metrics.gauge(
                    "httun_reverse_connections",
                    "Connections of reverse ports that are open",
                    reverse.connections(),
                    labels);
            metrics.gauge("httun_reverse_waiting", "Streams that take the next connections", reverse.waiting(), labels);
            metrics.count("httun_reverse_accepted", "Connections that came", reverse.accepted(), labels);
        }
    }

    private static void filters(Families metrics, StatusSnapshot now) {
        now.filters().forEach(filter -> {
            String help = "Targets or packets that the filter decided on";
            metrics.gauge("httun_filter_rules", "Rules of the filter", filter.rules(), "filter", filter.name());
            metrics.count(
                    "httun_filter_decisions", help, filter.allowed(), "filter", filter.name(), "decision", "allowed");
            metrics.count(
                    "httun_filter_decisions", help, filter.denied(), "filter", filter.name(), "decision", "denied");
        });
    }

    private static void exits(Families metrics, StatusSnapshot now) {
        metrics.gauge(
                "httun_connectors",
                "Connectors that there are",
                now.connectors().size());
        now.proxies().forEach(proxy -> {
            String[] labels = {"connector", proxy.connector(), "proxy", proxy.name()};
            metrics.up(
                    "httun_proxy_up",
                    "Whether the proxy is used, rather than left out after failures",
                    !proxy.state().equals("dead"),
                    labels);
            metrics.count("httun_proxy_connections", "Connections made through it", proxy.connections(), labels);
            metrics.count("httun_proxy_failures", "Failures of the proxy itself", proxy.failures(), labels);
        });
    }

    private static void tun(Families metrics, TunStatus tun) {
        metrics.up("httun_tun_up", "Whether the device works", tun.problem().isEmpty(), "tun", tun.name());
        String packets = "Packets sent into the tunnel (in) and received from there (out)";
        metrics.count("httun_tun_packets", packets, tun.packetsIn(), "tun", tun.name(), DIRECTION, IN);
        metrics.count("httun_tun_packets", packets, tun.packetsOut(), "tun", tun.name(), DIRECTION, OUT);
        String bytes = "Bytes of packets sent into the tunnel (in) and received from there (out)";
        metrics.count("httun_tun_bytes", bytes, tun.bytesIn(), "tun", tun.name(), DIRECTION, IN);
        metrics.count("httun_tun_bytes", bytes, tun.bytesOut(), "tun", tun.name(), DIRECTION, OUT);
        Map<String, Long> drops = drops(tun.drops());
        for (TunDrop cause : TunDrop.values()) {
            metrics.count(
                    "httun_tun_drops",
                    "Packets that were dropped",
                    drops.getOrDefault(cause.toString(), 0L),
                    "tun",
                    tun.name(),
                    "cause",
                    cause.toString());
        }
    }

    /** @param text as {@link TunStatus#drops()} */
    private static Map<String, Long> drops(String text) {
        return Stream.of(text.split(" "))
                .filter(each -> each.contains("="))
                .map(each -> each.split("=", 2))
                .collect(Collectors.toMap(each -> each[0], each -> Long.parseLong(each[1])));
    }

    private void bounds(Families metrics, StatusSnapshot now) {
        now.limits().forEach(limit -> {
            String[] labels = {"part", limit.part(), "limit", limit.name(), "unit", limit.unit()};
            metrics.gauge("httun_limit_used", "How much of a limit is used", limit.used(), labels);
            metrics.most("httun_limit", "What may be used at most", limit.limit(), labels);
        });
        now.refusals()
                .forEach(refusal -> metrics.count(
                        "httun_refusals",
                        "What was refused before authentication or for another cause",
                        refusal.count(),
                        "part",
                        refusal.part(),
                        "cause",
                        refusal.cause()));
        if (users.getAsBoolean()) {
            now.users()
                    .forEach(user -> metrics.gauge(
                            "httun_user_connections",
                            "Connections of the user that are open",
                            user.connections(),
                            "origin",
                            user.origin(),
                            "user",
                            user.user()));
        }
    }
}
