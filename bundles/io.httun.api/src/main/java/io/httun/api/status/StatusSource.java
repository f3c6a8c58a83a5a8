// SPDX-License-Identifier: Apache-2.0
package io.httun.api.status;

import java.util.List;

/**
 * Anything that has something to show: the one contract behind the shell, its JSON, metrics and MBeans. A service; every call makes a
 * snapshot, on any thread, without blocking. A part overrides the kinds that it knows. The components of the records are the columns of
 * the shell's tables and the fields of the JSON; none holds a secret.
 */
public interface StatusSource extends HealthSource {
    @Override
    default List<Problem> problems() {
        return List.of();
    }

    default List<ChannelStatus> channels() {
        return List.of();
    }

    /** Of the channels of the server. */
    default List<ChannelUse> channelUses() {
        return List.of();
    }

    default List<SessionStatus> sessions() {
        return List.of();
    }

    /** Those of the other servers of the cluster, as they have answered last; empty 10 s after that. */
    default List<SessionStatus> nodeSessions() {
        return List.of();
    }

    default List<PipeStatus> pipes() {
        return List.of();
    }

    default List<StreamStatus> streams() {
        return List.of();
    }

    /** Open connections. */
    default List<ConnectionStatus> connections() {
        return List.of();
    }

    /** The last connections that ended or were refused, newest first, bounded. */
    default List<ConnectionStatus> closedConnections() {
        return List.of();
    }

    default List<ListenerStatus> listeners() {
        return List.of();
    }

    default List<EndpointStatus> endpoints() {
        return List.of();
    }

    default List<FilterStatus> filters() {
        return List.of();
    }

    default List<RuleStatus> rules() {
        return List.of();
    }

    default List<ConnectorStatus> connectors() {
        return List.of();
    }

    default List<ProxyStatus> proxies() {
        return List.of();
    }

    default List<ReverseStatus> reverses() {
        return List.of();
    }

    default List<TunStatus> tuns() {
        return List.of();
    }

    default List<RouteStatus> routes() {
        return List.of();
    }

    default List<UserStatus> users() {
        return List.of();
    }

    /** Of servers. */
    default List<DrainStatus> drains() {
        return List.of();
    }

    /** Of the cluster. */
    default List<NodeStatus> nodes() {
        return List.of();
    }

    default List<LimitStatus> limits() {
        return List.of();
    }

    default List<RefusalStatus> refusals() {
        return List.of();
    }

    /**
     * Ends a session, with its connection.
     *
     * @param id as in {@link SessionStatus}
     * @return whether there was such a session here
     */
    default boolean closeSession(String id) {
        return false;
    }

    /**
     * Ends a connection with a reset of both sides.
     *
     * @param id as in {@link ConnectionStatus}
     * @return whether there was such a connection here
     */
    default boolean closeConnection(String id) {
        return false;
    }
}
