// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.relay.EndCause;
import io.httun.api.relay.RelayOrigin;
import io.httun.api.target.Admitted;
import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.RequestContext;
import io.httun.api.target.Target;
import io.httun.api.target.TargetConnector;
import io.httun.toolkit.status.Trouble;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    private static TargetConnector throwing(boolean atOnce) {
        return new TargetConnector() {
            @Override
            public boolean takesNames() {
                return true;
            }

            @Override
            public Future<Channel> connect(Target target, EventLoop loop) {
                throw new IllegalStateException("broken");
            }

            @Override
            public Future<Channel> connect(Admitted admitted, RequestContext context, EventLoop loop) {
                return atOnce
                        ? connect(admitted.known(), loop)
                        : TargetConnector.super.connect(admitted, context, loop);
            }

            @Override
            public Future<Channel> openDatagrams(EventLoop loop) {
                throw new NoClassDefFoundError("its bundle has gone");
            }
        };
    }

    @Test
    void aConnectorThatLeadsBackToItselfIsRefused() {
        TargetConnector circle = new TargetConnector() {
            @Override
            public boolean takesNames() {
                return true;
            }

            @Override
            public Optional<TargetConnector> through() {
                return Optional.of(this);
            }

            @Override
            public Future<Channel> connect(Target target, EventLoop loop) {
                throw new IllegalStateException("it must not be asked");
            }
        };
        EmbeddedChannel client = channel();
        RelayOrigin origin = engine.open(settings("none"), () -> circle);
        origin.accept(client, "").orElseThrow().open(TARGET, opening);
        assertThat(told).containsExactly(Cause.UNAVAILABLE);
        client.close();
        assertThat(origin.closedConnections().get(0).cause()).contains("they name each other");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aConnectorThatThrowsFailsTheConnection(boolean atOnce) {
        EmbeddedChannel client = channel();
        RelayOrigin origin = engine.open(settings("none"), () -> throwing(atOnce));
        origin.accept(client, "").orElseThrow().open(TARGET, opening);
        pass(client, 1);
        assertThat(told).containsExactly(Cause.FAILED);
        client.close();
        assertThat(origin.closedConnections().get(0).cause()).contains("broken");
    }

    @Test
    void aConnectorThatThrowsOpensNoDatagrams() {
        EmbeddedChannel client = channel();
        engine.open(settings("none"), () -> throwing(true))
                .accept(client, "")
                .orElseThrow()
                .openDatagrams(opening);
        pass(client, 1);
        assertThat(told).containsExactly(Cause.FAILED);
    }
}
