// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.httun.api.config.ConfigException;
import io.httun.api.relay.ConnectionSummary;
import io.httun.api.relay.EndCause;
import io.httun.api.relay.RelayConnection;
import io.httun.api.relay.RelayOrigin;
import io.httun.api.relay.RelaySettings;
import io.httun.api.status.LimitStatus;
import io.httun.api.status.UserStatus;
import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Target;
import io.httun.api.target.TargetConnector;
import io.httun.toolkit.config.RelayPolicies;
import io.httun.toolkit.status.Json;
import io.httun.toolkit.status.Trouble;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.Ticker;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The engine with channels that are not sockets, as for protocols inside HTTP. */
class NettyRelayEngineTest {
    private static final Target TARGET = Target.of("example.org", 443);

    private final MockTicker clock = Ticker.newMockTicker();
    private final List<Object> told = new ArrayList<>();
    private final List<ConnectionSummary> summaries = new ArrayList<>();
    private final ChannelInboundHandlerAdapter negotiation = new ChannelInboundHandlerAdapter() {
        @Override
        public boolean isSharable() {
            return true;
        }
    };
    private NettyRelayEngine engine = engine(Map.of());
    private Promise<Channel> connecting;

    private final TargetConnector connector = new TargetConnector() {
        @Override
        public boolean takesNames() {
            return true;
        }

        @Override
        public Future<Channel> connect(Target target, EventLoop loop) {
            connecting = loop.newPromise();
            return connecting;
        }
    };

    private final RelayConnection.Opening opening = new RelayConnection.Opening() {
        @Override
        public void opened(Channel target) {
            told.add(target);
        }

        @Override
        public void refused(Cause cause) {
            told.add(cause);
        }
    };

    private NettyRelayEngine engine(Map<String, Object> properties) {
        return engine(properties, new RelayCapacity());
    }

    private NettyRelayEngine engine(Map<String, Object> properties, RelayCapacity room) {
        NettyRelayEngine made = new NettyRelayEngine(
                (target, filters, resolve, executor) -> filters.contains("no")
                        ? executor.newFailedFuture(new RefusedException(Cause.DENIED, "the filter says no"))
                        : executor.newSucceededFuture(target),
                properties,
                room);
        made.addListener(summaries::add);
        return made;
    }

    private static RelaySettings settings(String filter, String... policy) {
        return new RelaySettings(
                "home",
                List.of(filter),
                10,
                RelayPolicies.parse("policy", policy),
                RelayPolicies.parseUsers("policy.users", "ann: life=1s"));
    }

    private RelayOrigin origin(String... policy) {
        return engine.open(settings("none", policy), () -> connector);
    }

    private EmbeddedChannel channel() {
        return EmbeddedChannel.builder().ticker(clock).handlers(negotiation).build();
    }

    private void pass(EmbeddedChannel channel, long millis) {
        clock.advance(millis, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
        channel.runPendingTasks();
    }

    @Test
    void tellsOfAConnectionWithoutSayingWhoOrWhere() {
        EmbeddedChannel client = channel();
        EmbeddedChannel target = channel();
        RelayOrigin origin = origin();
        RelayConnection connection = origin.accept(client, "192.0.2.7").orElseThrow();
        connection.user("bob");
        connection.open(TARGET, opening);
        pass(client, 30);
        connecting.setSuccess(target);
        assertThat(told).containsExactly(target);
        connection.relay(negotiation, List.of(RelayPair.bytes(10)), false);
        pass(client, 1_970);
        target.writeInbound(RelayPair.bytes(2_000), RelayPair.bytes(2_000));
        assertThat(connection.status().state()).isEqualTo("open");
        assertThat(connection.status().bytesFromTarget()).isEqualTo(4_000);
        target.close();
        client.runPendingTasks();

        assertThat(origin.open()).isZero();
        assertThat(origin.closedConnections().get(0).end()).isEqualTo("COMPLETE");
        ConnectionSummary summary = summaries.get(0);
        assertThat(summary)
                .isEqualTo(new ConnectionSummary(
                        summary.time(),
                        connection.id(),
                        "home",
                        "complete",
                        EndCause.COMPLETE,
                        2_000,
                        30,
                        10,
                        4_000,
                        1,
                        2,
                        5,
                        2_030,
                        "",
                        "",
                        ""));
        assertThat(Json.write(summary)).doesNotContain("192.0.2.7", "example.org", "bob");
    }

    @Test
    void tellsWhoAndWhereWhereItIsConfigured() {
        engine = engine(Map.of("statistics.tell", "target, source,user", "log.json", "true"));
        EmbeddedChannel client = channel();
        RelayConnection connection = origin().accept(client, "192.0.2.7").orElseThrow();
        connection.user("bob");
        connection.open(TARGET, opening);
        client.close();
        assertThat(summaries.get(0))
                .extracting(ConnectionSummary::target, ConnectionSummary::user, ConnectionSummary::source)
                .containsExactly("example.org:443", "bob", "192.0.2.7");
        assertThat(connecting.isCancelled()).isTrue();
    }

    @Test
    void showsUsersAsFarAsTheyMayBeNamedAndHowMuchOfEachLimitIsUsed() {
        for (String tell : List.of("nobody", "user")) {
            engine = engine(Map.of("statistics.tell", tell));
            RelayOrigin origin = origin();
            origin.accept(channel(), "").orElseThrow().user("bob");
            assertThat(engine.users())
                    .as("ann is configured, bob is not")
                    .extracting(UserStatus::user, UserStatus::connections)
                    .containsExactlyElementsOf(
                            tell.equals("user") ? List.of(tuple("ann", 0), tuple("bob", 1)) : List.of(tuple("ann", 0)));
            assertThat(engine.limits())
                    .filteredOn(limit -> limit.name().equals("connections.max"))
                    .extracting(LimitStatus::part, LimitStatus::used, LimitStatus::limit)
                    .containsExactly(tuple("relay", 1L, 16_384L), tuple("home", 1L, 10L));
            origin.close();
            assertThat(engine.users()).isEmpty();
        }
    }

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
    void refusesAWrongWordAboutPeople() {
        assertThatThrownBy(() -> engine(Map.of("statistics.tell", "weather")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("statistics.tell = weather: must be nobody, or some of target, user, source");
    }

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

    @Test
    void anOperatorEndsAConnection() {
        EmbeddedChannel client = channel();
        RelayOrigin origin = origin();
        String id = origin.accept(client, "").orElseThrow().id();
        assertThat(origin.closeConnection("nonsense")).isFalse();
        assertThat(origin.closeConnection(id)).isTrue();
        client.runPendingTasks();
        assertThat(client.isOpen()).isFalse();
        assertThat(origin.closedConnections().get(0).end()).isEqualTo("OPERATOR");
    }

    @Test
    void aClosedOriginEndsItsConnectionsAndTakesNone() {
        EmbeddedChannel client = channel();
        RelayOrigin origin = origin();
        origin.accept(client, "");
        origin.close();
        client.runPendingTasks();
        assertThat(client.isOpen()).isFalse();
        assertThat(summaries.get(0).reason()).isEqualTo(EndCause.LISTENER_STOPPED);
        assertThat(origin.accept(channel(), "")).isEmpty();
    }

    @Test
    void watchesTargetsThatTheCallerSpeaksWith() {
        EmbeddedChannel client = channel();
        EmbeddedChannel target = EmbeddedChannel.builder().ticker(clock).build();
        RelayOrigin origin = origin("bytes=100", "life=1h");
        RelayConnection connection = origin.accept(client, "").orElseThrow();
        connection.open(TARGET, opening);
        connecting.setSuccess(target);
        connection.watch(target);
        target.writeOutbound(RelayPair.bytes(30));
        target.writeInbound(RelayPair.bytes(70));
        assertThat(connection.status().bytesToTarget()).isEqualTo(30);
        assertThat(connection.status().bytesFromTarget()).isEqualTo(70);
        assertThat(client.isOpen()).isTrue();
        target.writeInbound(RelayPair.bytes(1));
        assertThat(client.isOpen()).isFalse();
        assertThat(target.isOpen()).isFalse();
        assertThat(summaries.get(0).reason()).isEqualTo(EndCause.BYTES);
        target.releaseInbound();
        target.releaseOutbound();
    }

    @Test
    void whatWasWatchedIsCompleteWhenItsClientEnds() {
        EmbeddedChannel client = channel();
        RelayConnection connection = origin().accept(client, "").orElseThrow();
        connection.open(TARGET, opening);
        EmbeddedChannel target = channel();
        connecting.setSuccess(target);
        connection.watch(target);
        client.close();
        assertThat(summaries.get(0).result()).isEqualTo("complete");
    }
}
