// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.relay.RelayConnection;
import io.httun.api.target.Target;
import io.httun.api.target.TargetConnector;
import io.httun.toolkit.login.LoginLimiter;
import io.httun.toolkit.login.Logins;
import io.httun.toolkit.login.Logins.Outcome;
import io.netty.channel.Channel;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * One accepted client and the context of its negotiation.
 *
 * @param source its address; empty if it has none
 * @param settings the listener's settings when the client connected
 * @param loggedIn told when the client has logged in
 * @param connector returns null while the connector is not available
 * @param streams creates the negotiation of a stream in this client's HTTP/2 connection
 */
record ListenerClient(
        RelayConnection connection,
        String source,
        ListenerSettings settings,
        ListenerParts parts,
        LoginLimiter guesses,
        Runnable loggedIn,
        Supplier<TargetConnector> connector,
        Function<Channel, Negotiation> streams) {

    /** Whether a limit refuses this client: the negotiation only delivers the refusal. */
    boolean isTurnedAway() {
        return connection instanceof RefusedClientConnection;
    }

    /** The required login; none for a refused client, which needs no login to receive its refusal. */
    Optional<Logins> logins() {
        return isTurnedAway() ? Optional.empty() : settings.logins();
    }

    int negotiationSeconds() {
        int seconds = settings.negotiationSeconds();
        return isTurnedAway() ? Math.min(seconds, RefusedClientConnection.SECONDS) : seconds;
    }

    static final String LOOP = "leads back to a listener of this process";

    /**
     * Whether the target is a listener of this process at the unspecified address. The host that this address reaches depends on the
     * system and the socket's family, but the request means this host.
     */
    boolean isOwnListener(Target target) {
        return target.addresses().stream()
                .anyMatch(address -> address.isAnyLocalAddress()
                        && parts.sockets().contain(new InetSocketAddress(address, target.port())));
    }

    /** Whether the connected channel leads to a listener of this process. */
    boolean isOwnListener(Channel connected) {
        return parts.sockets().contain(connected.remoteAddress());
    }

    Future<Outcome> judge(Logins required, String user, String password, EventExecutor executor) {
        return required.judge(user, password, source, guesses, parts.logins(), executor);
    }
}
