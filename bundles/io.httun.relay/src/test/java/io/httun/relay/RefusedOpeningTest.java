// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.relay.EndCause;
import io.httun.api.relay.RelayOrigin;
import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.toolkit.status.Trouble;
import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.Promise;
import org.junit.jupiter.api.Test;

/** A connection whose target is not opened. */
class RefusedOpeningTest extends RelayEngineRig {
    @Test
    void aRefusalHasTheFiltersCause() {
        EmbeddedChannel client = channel();
        RelayOrigin origin = engine.open(settings("no"), () -> connector);
        origin.accept(client, "").orElseThrow().open(TARGET, opening);
        assertThat(told).containsExactly(Cause.DENIED);
        client.close();
        assertThat(summaries.get(0).result()).isEqualTo("refused");
        assertThat(summaries.get(0).reason()).isEqualTo(EndCause.DENIED);
        assertThat(origin.closedConnections().get(0).cause())
                .isEqualTo(Trouble.FILTER_DENIES.with("the filter says no"));
        assertThat(origin.refused()).isEqualTo(1);
    }

    @Test
    void aMissingConnectorIsUnavailable() {
        engine.open(settings("none"), () -> null)
                .accept(channel(), "")
                .orElseThrow()
                .open(TARGET, opening);
        assertThat(told).containsExactly(Cause.UNAVAILABLE);
    }

    @Test
    void aTargetThatRefusesIsExplained() {
        EmbeddedChannel client = channel();
        RelayOrigin origin = origin("connect=3s");
        origin.accept(client, "").orElseThrow().open(TARGET, opening);
        connecting.setFailure(new RefusedException(Cause.CONNECTION_REFUSED, "192.0.2.1: connection refused"));
        pass(client, 1);
        assertThat(told).containsExactly(Cause.CONNECTION_REFUSED);
        client.close();
        assertThat(origin.closedConnections().get(0).cause())
                .isEqualTo(Trouble.TARGET_REFUSES.with("192.0.2.1: connection refused"));
    }

    @Test
    void givesUpConnectingAfterThePolicysTime() {
        EmbeddedChannel client = channel();
        RelayOrigin origin = origin("connect=3s");
        origin.accept(client, "").orElseThrow().open(TARGET, opening);
        pass(client, 2_999);
        assertThat(told).isEmpty();
        pass(client, 1);
        assertThat(told).containsExactly(Cause.TIMED_OUT);
        assertThat(connecting.isCancelled()).isTrue();
        client.close();
        assertThat(origin.closedConnections().get(0).cause())
                .isEqualTo("no connection within 3 s, the policy's connect time");
    }

    @Test
    void aConnectionThatComesTooLateIsClosed() {
        EmbeddedChannel client = channel();
        origin("connect=3s").accept(client, "").orElseThrow().open(TARGET, opening);
        Promise<Channel> stubborn = connecting;
        stubborn.setUncancellable();
        pass(client, 3_000);
        EmbeddedChannel late = channel();
        stubborn.setSuccess(late);
        assertThat(late.isOpen()).isFalse();
        assertThat(told).containsExactly(Cause.TIMED_OUT);
    }
}
