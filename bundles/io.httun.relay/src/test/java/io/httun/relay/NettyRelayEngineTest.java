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
import io.httun.api.status.LimitStatus;
import io.httun.api.status.UserStatus;
import io.httun.toolkit.status.Json;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the engine tells of connections whose channels are not sockets, as for protocols inside HTTP. */
class NettyRelayEngineTest extends RelayEngineRig {
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
    void refusesAWrongWordAboutPeople() {
        assertThatThrownBy(() -> engine(Map.of("statistics.tell", "weather")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("statistics.tell = weather: must be nobody, or some of target, user, source");
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
