// SPDX-License-Identifier: Apache-2.0
package io.httun.api.status;

import java.util.List;

/**
 * Anything that has something to show. A service; every call makes a snapshot, on any thread, without blocking. The
 * components of the records are the columns of the shell's tables and the fields of its JSON; none holds a secret.
 */
public interface StatusSource {
    /** One end of a tunnel channel. Bytes are of tunnelled payload, requests are HTTP requests with a valid frame. */
    record ChannelStatus(
            String side,
            String name,
            int id,
            String state,
            int sessions,
            int connections,
            long requests,
            long framesIn,
            long framesOut,
            long bytesIn,
            long bytesOut,
            long refused) {}

    /** A session; {@code id} is random and says nothing about the peer. */
    record SessionStatus(
            String id,
            String side,
            String channel,
            String state,
            long ageSeconds,
            long idleSeconds,
            long framesIn,
            long framesOut,
            long bytesIn,
            long bytesOut) {}

    /**
     * A connection to a target. Origin is a channel's or a listener's name; end is one word for why it ended and cause the
     * sentence, both empty while it is open.
     */
    record ConnectionStatus(
            String id,
            String origin,
            String target,
            String state,
            long ageSeconds,
            long bytesToTarget,
            long bytesFromTarget,
            String end,
            String cause) {
        /** One that has no word for its end. */
        public ConnectionStatus(
                String id,
                String origin,
                String target,
                String state,
                long ageSeconds,
                long bytesToTarget,
                long bytesFromTarget,
                String cause) {
            this(id, origin, target, state, ageSeconds, bytesToTarget, bytesFromTarget, "", cause);
        }
    }

    /** A named filter. */
    record FilterStatus(String name, String kind, int rules, long allowed, long denied) {}

    /** A local listener. */
    record ListenerStatus(
            String name, String kind, String address, String state, int connections, long accepted, long refused) {}

    /** Where requests come in. */
    record EndpointStatus(String name, String kind, String address, String state, long requests, int waiting) {}

    /**
     * A TUN device. Packets and bytes "in" are those that the kernel sent into the tunnel, "out" those it got from there; {@code drops} are counts by cause, such
     * as {@code no-peer=3}; {@code problem} is empty while it works.
     */
    record TunStatus(
            String name,
            String device,
            String state,
            int mtu,
            String addresses,
            String user,
            long packetsIn,
            long packetsOut,
            long bytesIn,
            long bytesOut,
            String drops,
            String problem) {}

    /** A route of ours: through a device, or around it to an address that has to stay outside. */
    record RouteStatus(String name, String destination, String via, String device, String kind, String state) {}

    /** One rule of a filter; {@code place} is where it stands, hits are the targets that it decided on. */
    record RuleStatus(String filter, String place, String rule, long hits) {}

    /** A proxy that a connector goes through; failures are those of the proxy itself, since the connector started. */
    record ProxyStatus(
            String name,
            String connector,
            String kind,
            String address,
            String state,
            long connections,
            long failures) {}

    default List<ChannelStatus> channels() {
        return List.of();
    }

    default List<SessionStatus> sessions() {
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

    default List<FilterStatus> filters() {
        return List.of();
    }

    default List<ListenerStatus> listeners() {
        return List.of();
    }

    default List<EndpointStatus> endpoints() {
        return List.of();
    }

    default List<TunStatus> tuns() {
        return List.of();
    }

    default List<RouteStatus> routes() {
        return List.of();
    }

    default List<RuleStatus> rules() {
        return List.of();
    }

    default List<ProxyStatus> proxies() {
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
