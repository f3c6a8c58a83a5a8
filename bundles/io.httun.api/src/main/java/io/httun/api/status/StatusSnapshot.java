// SPDX-License-Identifier: Apache-2.0
package io.httun.api.status;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;

/**
 * Everything that all parts have to show at one moment. Its components are named as the methods of {@link StatusSource}, where they
 * are described. Written as JSON, it is the whole model.
 *
 * @param time when it was made
 */
public record StatusSnapshot(
        Instant time,
        List<ChannelStatus> channels,
        List<ChannelUse> channelUses,
        List<SessionStatus> sessions,
        List<SessionStatus> nodeSessions,
        List<PipeStatus> pipes,
        List<StreamStatus> streams,
        List<ConnectionStatus> connections,
        List<ConnectionStatus> closedConnections,
        List<ListenerStatus> listeners,
        List<EndpointStatus> endpoints,
        List<FilterStatus> filters,
        List<RuleStatus> rules,
        List<ConnectorStatus> connectors,
        List<ProxyStatus> proxies,
        List<ReverseStatus> reverses,
        List<TunStatus> tuns,
        List<RouteStatus> routes,
        List<UserStatus> users,
        List<DrainStatus> drains,
        List<NodeStatus> nodes,
        List<LimitStatus> limits,
        List<RefusalStatus> refusals) {

    /** Asks every part. */
    public static StatusSnapshot of(Collection<? extends StatusSource> parts) {
        return new StatusSnapshot(
                Instant.now(),
                rows(parts, StatusSource::channels),
                rows(parts, StatusSource::channelUses),
                rows(parts, StatusSource::sessions),
                rows(parts, StatusSource::nodeSessions),
                rows(parts, StatusSource::pipes),
                rows(parts, StatusSource::streams),
                rows(parts, StatusSource::connections),
                rows(parts, StatusSource::closedConnections),
                rows(parts, StatusSource::listeners),
                rows(parts, StatusSource::endpoints),
                rows(parts, StatusSource::filters),
                rows(parts, StatusSource::rules),
                rows(parts, StatusSource::connectors),
                rows(parts, StatusSource::proxies),
                rows(parts, StatusSource::reverses),
                rows(parts, StatusSource::tuns),
                rows(parts, StatusSource::routes),
                rows(parts, StatusSource::users),
                rows(parts, StatusSource::drains),
                rows(parts, StatusSource::nodes),
                rows(parts, StatusSource::limits),
                rows(parts, StatusSource::refusals));
    }

    /** One kind of rows from every part. */
    public static <R> List<R> rows(Collection<? extends StatusSource> parts, Function<StatusSource, List<R>> kind) {
        return parts.stream().map(kind).flatMap(Collection::stream).toList();
    }
}
