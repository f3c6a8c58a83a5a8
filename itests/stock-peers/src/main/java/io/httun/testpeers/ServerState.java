// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;

/** One run of a stock server, from start to stop: its channels and its open connections. */
final class ServerState {

    private final Map<Integer, StockServerChannel> channels;
    private final Set<ServerConnection> connections = ConcurrentHashMap.newKeySet();
    private final Semaphore slots;
    private final StockTraffic traffic;
    private final Faults faults;

    ServerState(StockServerOptions options, StockTraffic traffic, Faults faults) {
        this.channels = options.secrets().entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(
                        Map.Entry::getKey, entry -> new StockServerChannel(entry.getValue(), options)));
        this.slots = new Semaphore(options.maxConnections());
        this.traffic = traffic;
        this.faults = faults;
    }

    StockServerChannel channel(int id) {
        return channels.get(id);
    }

    StockTraffic traffic() {
        return traffic;
    }

    Faults faults() {
        return faults;
    }

    Set<ServerConnection> connections() {
        return connections;
    }

    void started(ServerConnection connection) throws InterruptedException {
        slots.acquire();
        connections.add(connection);
    }

    void ended(ServerConnection connection) {
        if (connections.remove(connection)) {
            slots.release();
        }
    }

    /** A new session deafens the connections on which older ones of that channel were opened, and no others. */
    void opened(ServerConnection by, StockServerChannel.Opened session) {
        traffic.opened(session.client());
        for (ServerConnection other : connections) {
            boolean older = other.sessionKey() != null && !Arrays.equals(other.sessionKey(), session.key());
            if (other.channel() == by.channel() && older) {
                other.deafen();
            }
        }
    }

    void sweep() {
        for (ServerConnection connection : connections) {
            if (connection.channel() != null && connection.channel().isIdle()) {
                connection.deafen();
            }
        }
        channels.values().forEach(channel -> channel.target().closeIfIdle());
    }

    void stop() {
        connections.forEach(ServerConnection::abort);
        channels.values().forEach(channel -> channel.target().disconnect());
    }
}
