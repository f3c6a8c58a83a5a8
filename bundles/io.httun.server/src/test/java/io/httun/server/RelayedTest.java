// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.api.status.ConnectionStatus;
import io.httun.api.tunnel.TunnelReply;
import io.httun.protocol.L7Container;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A client's connection as a channel of the engine's relay. */
class RelayedTest {
    private static final InetSocketAddress ADDRESS = TestClient.loopback(9);
    private static final long IDLE = TimeUnit.SECONDS.toNanos(30);
    private static final long HOUR = TimeUnit.HOURS.toNanos(1);

    private final TestServer server = new TestServer();
    private final CarriedTarget target = new CarriedTarget();
    private TestClient client;

    @AfterEach
    void stop() {
        server.close();
    }

    private void connect(Object... channel) throws Exception {
        connect(TestClient.ours(), channel);
    }

    private void connect(UUID uuid, Object... channel) throws Exception {
        server.channel(target, channel);
        client = TestClient.connected(server, uuid);
        client.write(ADDRESS, "hello");
        await().until(() -> target.received().equals("hello"));
    }

    private L7Container read() throws Exception {
        TunnelReply reply = TestClient.get(client.read());
        L7Container container = L7Container.read(client.open(reply.body()).payload());
        reply.body().release();
        reply.delivery().written();
        return container;
    }

    private SessionTable table() {
        return server.server.registry().find(TestServer.CHANNEL).sessions();
    }

    private Session session() {
        return table().all().get(0);
    }

    private ConnectionStatus ended() {
        await().until(() -> !server.server.closedConnections().isEmpty());
        return server.server.closedConnections().get(0);
    }

    @Test
    void theEndOfATargetThatIsNoSocketIsAnEnd() throws Exception {
        connect();
        target.say("all");
        target.on(channel -> channel.peerEnded());
        assertThat(read().data().readableBytes()).isEqualTo(3);
        assertThat(read().data().isReadable()).isFalse();
        assertThat(ended().end()).isEqualTo("COMPLETE");
    }

    @Test
    void theFailureOfATargetThatIsNoSocketIsAClose() throws Exception {
        connect();
        target.on(channel -> channel.fail(new IOException("the tunnel broke")));
        assertThat(read().data().isReadable()).as("a close").isFalse();
        assertThat(ended().end()).isEqualTo("TARGET_FAILED");
    }

    @Test
    void theChannelsPolicyHolds() throws Exception {
        connect("policy", new String[] {"bytes=1kb"});
        client.write(ADDRESS, new byte[2000]);
        assertThat(read().data().isReadable()).as("a close").isFalse();
        assertThat(ended().end()).isEqualTo("BYTES");
    }

    @Test
    void anOperatorEndsItWithAClose() throws Exception {
        connect();
        assertThat(server.server.closeConnection("nobody")).isFalse();
        assertThat(server.server.closeConnection(
                        server.server.connections().get(0).id()))
                .isTrue();
        assertThat(read().data().isReadable()).as("a close").isFalse();
        assertThat(ended().end()).isEqualTo("OPERATOR");
    }

    @Test
    void theTargetIsNotReadWhileTheClientDoesNotAsk() throws Exception {
        connect();
        String block = "x".repeat(64 << 10);
        int blocks = 64;
        for (int i = 0; i < blocks; i++) {
            target.say(block);
        }
        await().until(() -> !target.channel().config().isAutoRead());
        long taken = server.server.connections().get(0).bytesFromTarget();
        assertThat(taken).isLessThan((long) blocks * block.length());
        target.on(channel -> channel.peerEnded());
        assertThat(client.readAll()).hasSize(blocks * block.length());
    }

    @Test
    void aPauseOfAStockClientsApplicationIsNoSilence() throws Exception {
        connect(TestClient.stock(), "idle.seconds", 1);
        target.say("enough for now");
        assertThat(read().data().isReadable()).isTrue();
        Session session = session();
        long later = System.nanoTime() + HOUR;
        table().expire(later, IDLE, 2 * HOUR, 0);
        session.slot().endIfIdle(later);
        target.say("more");
        assertThat(read().data().isReadable()).isTrue();
        assertThat(session.state()).isEqualTo(Session.State.CONFIRMED);
        table().expire(later + 2 * HOUR, IDLE, 2 * HOUR, 0);
        assertThat(session.state()).as("beyond the limit for pauses").isEqualTo(Session.State.ENDED);
    }

    @Test
    void aClientThatWaitsInVainOrLeavesIsSilentWhenItStopsAsking() throws Exception {
        connect(TestClient.stock());
        target.say("data");
        assertThat(read().data().isReadable()).isTrue();
        CompletableFuture<TunnelReply> waiting = client.read();
        assertThat(session().isPaused()).isFalse();
        waiting.cancel(false);
        assertThat(session().isPaused()).isFalse();
        Session session = session();
        table().expire(System.nanoTime() + HOUR, IDLE, 2 * HOUR, 0);
        assertThat(session.state()).isEqualTo(Session.State.ENDED);
    }

    @Test
    void whoPausesGivesItsPlaceToANewClient() throws Exception {
        server.server.modified(Map.of("sessions.max", 1));
        connect(TestClient.stock());
        target.say("data");
        assertThat(read().data().isReadable()).isTrue();
        assertThat(new TestClient(server, TestClient.ours()).init())
                .as("not before others would be idle")
                .isEqualTo(TunnelReply.unavailable());
        assertThat(table().endLongestPaused(System.nanoTime() + HOUR, HOUR / 2)).isTrue();
        assertThat(new TestClient(server, TestClient.ours()).init().status()).isEqualTo(200);
    }

    @Test
    void aTargetThatDoesNotReadIsNotIdle() throws Exception {
        connect("idle.seconds", 1);
        target.take(false);
        int status = 200;
        for (int i = 0; status == 200 && i < 200; i++) {
            status = TestClient.get(client.write(ADDRESS, new byte[60_000])).status();
        }
        assertThat(status).isEqualTo(503);
        long later = System.nanoTime() + HOUR;
        session().slot().endIfIdle(later);
        target.take(true);
        client.write(ADDRESS, "");
        await().until(() -> target.received().length() > 60_000);
        assertThat(server.server.connections()).hasSize(1);
    }

    @Test
    void whatWasTakenForAClientIsWrittenBeforeItsConnectionMakesRoomForAnother() throws Exception {
        connect();
        client.write(ADDRESS, "one");
        client.write(TestClient.loopback(10), "two");
        await().until(() -> target.received().startsWith("helloone"));
    }
}
