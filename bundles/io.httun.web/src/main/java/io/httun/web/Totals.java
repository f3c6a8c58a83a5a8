// SPDX-License-Identifier: Apache-2.0
package io.httun.web;

import io.httun.api.status.ChannelStatus;
import io.httun.api.status.ConnectionStatus;
import io.httun.api.status.DrainStatus;
import io.httun.api.status.FilterStatus;
import io.httun.api.status.ListenerStatus;
import io.httun.api.status.StatusSnapshot;
import io.httun.api.status.TunStatus;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** How many of everything there are, for the picture of the path. */
record Totals(
        int listeners,
        int listening,
        long entries,
        int clients,
        int clientsWorking,
        String clientState,
        int proxies,
        int endpoints,
        int servers,
        long serverSessions,
        String serverState,
        int filters,
        long allowed,
        long denied,
        long exits,
        int tuns,
        long tunsUp,
        int sessions,
        int pipes,
        int streams,
        int connections,
        int closed) {
    private static final Set<String> LISTENS = Set.of("listening", "mounted");
    private static final Set<String> WORKS = Set.of("idle", "connected");

    static Totals of(StatusSnapshot now) {
        Set<String> names = now.listeners().stream().map(ListenerStatus::name).collect(Collectors.toSet());
        long entries = now.connections().stream()
                .map(ConnectionStatus::origin)
                .filter(names::contains)
                .count();
        List<ChannelStatus> clients = side(now, "client");
        List<ChannelStatus> failing = clients.stream()
                .filter(client -> !WORKS.contains(client.state()))
                .toList();
        return new Totals(
                now.listeners().size(),
                (int) now.listeners().stream()
                        .filter(listener -> LISTENS.contains(listener.state()))
                        .count(),
                entries,
                clients.size(),
                clients.size() - failing.size(),
                failing.stream()
                        .map(client -> client.name() + ": " + client.state())
                        .findFirst()
                        .orElse(""),
                now.proxies().size(),
                now.endpoints().size(),
                side(now, "server").size(),
                now.sessions().stream()
                        .filter(session -> session.side().equals("server"))
                        .count(),
                now.drains().stream()
                        .filter(DrainStatus::refusesNew)
                        .map(DrainStatus::state)
                        .findFirst()
                        .orElse(""),
                now.filters().size(),
                now.filters().stream().mapToLong(FilterStatus::allowed).sum(),
                now.filters().stream().mapToLong(FilterStatus::denied).sum(),
                now.connections().size() - entries,
                now.tuns().size(),
                now.tuns().stream().map(TunStatus::state).filter("up"::equals).count(),
                now.sessions().size(),
                now.pipes().size(),
                now.streams().size(),
                now.connections().size(),
                now.closedConnections().size());
    }

    private static List<ChannelStatus> side(StatusSnapshot now, String side) {
        return now.channels().stream()
                .filter(channel -> channel.side().equals(side))
                .toList();
    }
}
