// SPDX-License-Identifier: Apache-2.0
package io.httun.streams;

import io.httun.api.relay.RelayOrigin;
import io.httun.api.tunnel.EventLoops;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The ports that clients of this server listen on. Thread-safe. */
final class AcceptPorts {
    /** Ports of all channels together. */
    private static final int MAX_PORTS = 1_000;

    private final EventLoops loops;
    private final long keptSeconds;
    private final Map<InetSocketAddress, AcceptPort> ports = new ConcurrentHashMap<>();

    AcceptPorts(EventLoops loops, long keptSeconds) {
        this.loops = loops;
        this.keptSeconds = keptSeconds;
    }

    /** The port of a channel, opened where it is new; empty where another channel has it, or there are too many. */
    Optional<AcceptPort> of(InetSocketAddress address, RelayOrigin owner) {
        AcceptPort port = ports.get(address);
        if (port == null && ports.size() < MAX_PORTS) {
            port = ports.computeIfAbsent(
                    address, free -> new AcceptPort(loops, keptSeconds, free, owner, gone -> ports.remove(free, gone)));
        }
        return Optional.ofNullable(port).filter(found -> found.owner() == owner);
    }

    Collection<AcceptPort> all() {
        return List.copyOf(ports.values());
    }

    /** Has the client of a pipe listen at another server. */
    void drain(Channel pipe) {
        all().forEach(port -> port.drain(pipe));
    }

    void close() {
        all().forEach(AcceptPort::close);
    }
}
