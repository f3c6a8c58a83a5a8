// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.relay.RelayConnection;
import io.httun.api.relay.RelayOrigin;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The limits at which the engine accepts no more connections. */
class AcceptLimitsTest extends RelayEngineRig {
    @Test
    void theConnectionsOfAllListenersTogetherAreBounded() {
        engine = engine(Map.of("connections.max", 2));
        RelayOrigin first = origin();
        RelayOrigin second = origin();
        EmbeddedChannel one = channel();
        assertThat(first.accept(one, "")).isPresent();
        assertThat(second.accept(channel(), "")).isPresent();
        assertThat(first.accept(channel(), "")).isEmpty();
        assertThat(second.accept(channel(), "")).isEmpty();
        assertThat(second.refused()).isEqualTo(1);
        one.close();
        assertThat(second.accept(channel(), "")).isPresent();
    }

    @Test
    void whileBytesThatWaitTakeTheirShareOfTheMemoryNobodyElseComesIn() {
        engine = engine(Map.of("queues.percent", 10), new RelayCapacity(10_000, () -> clock.nanoTime()));
        RelayOrigin origin = origin();
        EmbeddedChannel client = channel();
        StuckChannel target = new StuckChannel();
        RelayConnection connection = origin.accept(client, "").orElseThrow();
        connection.open(TARGET, opening);
        connecting.setSuccess(target);
        connection.relay(negotiation, List.of(), false);
        client.writeInbound(RelayPair.bytes(2_000));
        pass(client, 100);
        assertThat(origin.accept(channel(), "")).isEmpty();
        assertThat(connection.status().state()).as("existing connections stay").isEqualTo("open");
        target.stuck = false;
        target.flush();
        pass(client, 100);
        assertThat(origin.accept(channel(), "")).isPresent();
    }

    /** Sends written bytes only when told to. */
    private static final class StuckChannel extends EmbeddedChannel {
        private boolean stuck = true;

        @Override
        protected void doWrite(ChannelOutboundBuffer pending) throws Exception {
            if (!stuck) {
                super.doWrite(pending);
            }
        }
    }

    @Test
    void takesSoManyConnectionsOfOneSource() {
        RelayOrigin origin = origin("per.source=2");
        EmbeddedChannel first = channel();
        assertThat(origin.accept(first, "192.0.2.7")).isPresent();
        assertThat(origin.tooMany("192.0.2.7")).isFalse();
        assertThat(origin.accept(channel(), "192.0.2.7")).isPresent();
        assertThat(origin.tooMany("192.0.2.7")).isTrue();
        assertThat(origin.accept(channel(), "192.0.2.7")).isEmpty();
        assertThat(origin.accept(channel(), "192.0.2.8")).isPresent();
        first.close();
        assertThat(origin.accept(channel(), "192.0.2.7")).isPresent();
        assertThat(origin.refused()).isEqualTo(1);
    }

    @Test
    void aNetworkOfIpv6IsOneSource() {
        RelayOrigin origin = origin("per.source=1");
        assertThat(origin.accept(channel(), "2001:db8::1")).isPresent();
        assertThat(origin.accept(channel(), "2001:db8::ffff:1")).isEmpty();
        assertThat(origin.accept(channel(), "2001:db8:0:1::1")).isPresent();
    }
}
