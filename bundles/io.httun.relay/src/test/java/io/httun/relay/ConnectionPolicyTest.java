// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.relay.EndCause;
import io.httun.api.relay.RelayConnection;
import io.httun.api.relay.RelayOrigin;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The policy that holds for a connection. */
class ConnectionPolicyTest extends RelayEngineRig {
    @Test
    void aUsersPolicyReplacesTheListeners() {
        EmbeddedChannel client = channel();
        RelayConnection connection = origin("life=1h").accept(client, "").orElseThrow();
        connection.user("ann");
        connection.open(TARGET, opening);
        connecting.setSuccess(channel());
        connection.relay(negotiation, List.of(), false);
        pass(client, 1_000);
        assertThat(client.isOpen()).isFalse();
        assertThat(summaries.get(0).reason()).isEqualTo(EndCause.LIFE_TIME);
        assertThat(summaries.get(0).result()).isEqualTo("broken");
    }

    @Test
    void aChangedPolicyRulesOpenConnections() {
        EmbeddedChannel client = channel();
        RelayOrigin origin = origin();
        RelayConnection connection = origin.accept(client, "").orElseThrow();
        connection.open(TARGET, opening);
        connecting.setSuccess(channel());
        connection.relay(negotiation, List.of(), false);
        pass(client, 10_000);
        assertThat(client.isOpen()).isTrue();
        origin.change(settings("none", "life=5s"));
        pass(client, 0);
        assertThat(client.isOpen()).isFalse();
    }

    @Test
    void aTotalHoldsForAllConnectionsAndCanBeTakenBack() {
        RelayOrigin origin = origin("total.from=100kb/s");
        List<EmbeddedChannel> clients = List.of(channel(), channel());
        List<EmbeddedChannel> targets = List.of(channel(), channel());
        for (int i = 0; i < 2; i++) {
            EmbeddedChannel client = clients.get(i);
            EmbeddedChannel target = targets.get(i);
            RelayConnection connection = origin.accept(client, "").orElseThrow();
            connection.open(TARGET, opening);
            connecting.setSuccess(target);
            connection.relay(negotiation, List.of(), false);
            target.writeInbound(RelayPair.bytes(100_000));
        }
        assertThat(clients.stream().mapToInt(RelayPair::drain)).containsExactly(6_000, 0);
        clock.advance(100, TimeUnit.MILLISECONDS);
        targets.forEach(target -> pass(target, 0));
        assertThat(clients.stream().mapToInt(RelayPair::drain)).containsExactly(5_000, 5_000);
        origin.change(settings("none"));
        clients.forEach(client -> pass(client, 0));
        assertThat(clients.stream().mapToInt(RelayPair::drain)).containsExactly(89_000, 95_000);
        clients.forEach(EmbeddedChannel::close);
    }
}
