// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.carried.Guesses;
import io.httun.api.relay.RelayConnection;
import io.httun.api.target.TargetConnector;
import io.httun.listener.login.Logins;
import io.netty.channel.Channel;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Who came, and what a negotiation with it needs.
 *
 * @param source its address; empty where it has none
 * @param settings as they were when it came
 * @param connector gives null while the connector is not there
 * @param streams makes the negotiation for a channel inside this client's
 */
record Client(
        RelayConnection connection,
        String source,
        ListenerSettings settings,
        ListenerParts parts,
        Guesses guesses,
        Supplier<TargetConnector> connector,
        Function<Channel, Negotiation> streams) {

    /** Whether there is no room for it, and all that is left is to say so. */
    boolean isTurnedAway() {
        return connection instanceof TurnedAway;
    }

    /** Where it has to log in; nowhere to hear that there is no room. */
    Optional<Logins> logins() {
        return isTurnedAway() ? Optional.empty() : settings.logins();
    }

    int negotiationSeconds() {
        int seconds = settings.negotiationSeconds();
        return isTurnedAway() ? Math.min(seconds, TurnedAway.SECONDS) : seconds;
    }
}
