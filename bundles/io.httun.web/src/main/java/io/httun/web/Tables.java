// SPDX-License-Identifier: Apache-2.0
package io.httun.web;

import io.httun.api.status.ChannelStatus;
import io.httun.api.status.ChannelUse;
import io.httun.api.status.ConnectionStatus;
import io.httun.api.status.ConnectorStatus;
import io.httun.api.status.DrainStatus;
import io.httun.api.status.EndpointStatus;
import io.httun.api.status.FilterStatus;
import io.httun.api.status.HealthReport;
import io.httun.api.status.LimitStatus;
import io.httun.api.status.ListenerStatus;
import io.httun.api.status.NodeStatus;
import io.httun.api.status.PipeStatus;
import io.httun.api.status.ProxyStatus;
import io.httun.api.status.RefusalStatus;
import io.httun.api.status.ReverseStatus;
import io.httun.api.status.RouteStatus;
import io.httun.api.status.RuleStatus;
import io.httun.api.status.SessionStatus;
import io.httun.api.status.StatusSnapshot;
import io.httun.api.status.StreamStatus;
import io.httun.api.status.TunStatus;
import io.httun.api.status.UserStatus;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** The tables of the page by name: those of the model, and what is wrong. */
final class Tables {
    private static final List<String> FLOWS = List.of("rateUp", "rateDown");

    /** A problem of a check. */
    record Finding(String severity, String check, String part, String what, String remedy) {
        static List<Finding> of(HealthReport report) {
            return report.checks().stream()
                    .flatMap(result -> result.problems().stream()
                            .map(problem -> new Finding(
                                    result.status().name(),
                                    result.check(),
                                    problem.part(),
                                    problem.what(),
                                    problem.remedy())))
                    .toList();
        }
    }

    static final String SESSIONS = "sessions";

    private final Map<String, Table<?>> tables = new HashMap<>();

    Tables(Supplier<HealthReport> health) {
        tables.put(
                SESSIONS,
                new Table<>(
                        SessionStatus.class,
                        sample -> Sample.sessions(sample.snapshot()),
                        FLOWS,
                        (sample, row) -> flow(sample.flow(Sample.key(row)))));
        tables.put(
                "connections",
                new Table<>(
                        ConnectionStatus.class,
                        sample -> sample.snapshot().connections(),
                        FLOWS,
                        (sample, row) -> flow(sample.flow(Sample.key(row)))));
        put("channels", ChannelStatus.class, StatusSnapshot::channels);
        put("channelUses", ChannelUse.class, StatusSnapshot::channelUses);
        put("pipes", PipeStatus.class, StatusSnapshot::pipes);
        put("streams", StreamStatus.class, StatusSnapshot::streams);
        put("closedConnections", ConnectionStatus.class, StatusSnapshot::closedConnections);
        put("listeners", ListenerStatus.class, StatusSnapshot::listeners);
        put("endpoints", EndpointStatus.class, StatusSnapshot::endpoints);
        put("filters", FilterStatus.class, StatusSnapshot::filters);
        put("rules", RuleStatus.class, StatusSnapshot::rules);
        put("connectors", ConnectorStatus.class, StatusSnapshot::connectors);
        put("proxies", ProxyStatus.class, StatusSnapshot::proxies);
        put("reverses", ReverseStatus.class, StatusSnapshot::reverses);
        put("tuns", TunStatus.class, StatusSnapshot::tuns);
        put("routes", RouteStatus.class, StatusSnapshot::routes);
        put("users", UserStatus.class, StatusSnapshot::users);
        put("drains", DrainStatus.class, StatusSnapshot::drains);
        put("nodes", NodeStatus.class, StatusSnapshot::nodes);
        put("limits", LimitStatus.class, StatusSnapshot::limits);
        put("refusals", RefusalStatus.class, StatusSnapshot::refusals);
        tables.put("health", new Table<>(Finding.class, sample -> Finding.of(health.get())));
    }

    private <R extends Record> void put(String name, Class<R> type, Function<StatusSnapshot, List<R>> rows) {
        tables.put(name, new Table<>(type, sample -> rows.apply(sample.snapshot())));
    }

    private static List<Object> flow(Flow flow) {
        return List.of(flow.up(), flow.down());
    }

    Optional<Table<?>> named(String name) {
        return Optional.ofNullable(tables.get(name));
    }
}
