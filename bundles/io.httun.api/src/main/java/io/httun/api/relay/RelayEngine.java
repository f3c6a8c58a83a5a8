// SPDX-License-Identifier: Apache-2.0
package io.httun.api.relay;

import io.httun.api.target.TargetConnector;
import java.util.function.Supplier;

/**
 * Makes tunnels out of inbound channels: the gate, the connector, the relay, its policy and the books on all of it. A
 * service; whoever accepts channels, from a socket or inside HTTP, is its user and needs nothing else.
 *
 * <pre>{@code
 * RelayOrigin origin = engine.open(settings, () -> connector);        // once per listener
 * origin.accept(channel, source).ifPresent(connection ->              // per inbound channel, on its event loop
 *     connection.open(target, opening));                              // when its peer has said what it wants
 * connection.relay(negotiation, early, ended);                        // in opening.opened(), after the peer was told
 * }</pre>
 */
public interface RelayEngine {
    /**
     * Opens the books of one listener. {@link RelayOrigin#close()} when it stops.
     *
     * @param settings the first ones
     * @param connector asked for every connection; gives null while the connector is not there
     */
    RelayOrigin open(RelaySettings settings, Supplier<TargetConnector> connector);
}
