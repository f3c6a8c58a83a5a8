// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.api.status.SessionStatus;
import io.httun.api.tunnel.Carrier;
import io.httun.api.tunnel.TunnelReply;
import io.httun.protocol.KeyLife;
import io.httun.protocol.PeerId;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SessionTest {
    private static final String OTHER_SECRET = "ff".repeat(32);

    private final TestServer server =
            new TestServer(Map.of("sessions.max", 24, "sessions.idle.seconds", 6, "inits.per.second", 40));

    @BeforeEach
    void start() {
        server.channel();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private long confirmed() {
        return server.server.sessions().stream()
                .filter(session -> session.state().equals("open"))
                .count();
    }

    @Test
    void serverTellsOurClientsWhatItCanDo() throws Exception {
        TestClient client = TestClient.connected(server, TestClient.ours());
        assertThat(PeerId.capabilities(client.serverUuid()))
                .isEqualTo(PeerId.SESSIONS | PeerId.BATCH | PeerId.CONTINUES | PeerId.PARALLEL | PeerId.PROBE);
    }

    @Test
    void replayedInitLeavesTheLiveSessionAlone() throws Exception {
        for (UUID uuid : List.of(TestClient.ours(), TestClient.stock())) {
            TestClient client = TestClient.connected(server, uuid);
            assertThat(new TestClient(server, uuid).init().status()).isEqualTo(200);
            assertThat(client.confirm().status()).isEqualTo(200);
        }
    }

    @Test
    void anotherClientGetsASessionOfItsOwn() throws Exception {
        List<TestClient> clients = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            clients.add(TestClient.connected(server, TestClient.ours()));
        }
        assertThat(confirmed()).isEqualTo(20);
        for (TestClient client : clients) {
            // By serial alone: new connections every time.
            client.writes = new Carrier();
            assertThat(client.confirm().status()).isEqualTo(200);
        }
        for (TestClient client : clients) {
            client.writes = new Carrier();
            client.missSerials(30);
            assertThat(client.confirm().status()).isEqualTo(200);
        }
    }

    @Test
    void frameWithoutAnyHintIsFoundAmongTheMostRecentSessions() throws Exception {
        TestClient client = TestClient.connected(server, TestClient.ours());
        for (int i = 0; i < SessionTable.MAX_TRIALS - 1; i++) {
            TestClient.connected(server, TestClient.ours());
        }
        client.forgetSerials();
        client.writes = new Carrier();
        assertThat(client.confirm().status()).isEqualTo(200);
    }

    @Test
    void carrierOfAnotherSessionCostsOnlyATrial() throws Exception {
        TestClient one = TestClient.connected(server, TestClient.ours());
        TestClient two = TestClient.connected(server, TestClient.ours());
        one.forgetSerials();
        one.writes = two.writes;
        assertThat(one.confirm().status()).isEqualTo(200);
        assertThat(two.confirm().status()).isEqualTo(200);
    }

    @Test
    void firstWriteOfOurClientIsFoundByItsSerial() throws Exception {
        TestClient client = new TestClient(server, TestClient.ours());
        client.init();
        client.writeSerialFromInit();
        SessionTable table = server.server.registry().find(TestServer.CHANNEL).sessions();
        assertThat(table.hints().find(false, client.writeSerial())).isNotNull();
        assertThat(table.hints().find(true, client.readSerial())).isNotNull();
    }

    @Test
    void onlyTheNewestUnconfirmedSessionsLive() throws Exception {
        TestClient oldest = new TestClient(server, TestClient.ours());
        oldest.init();
        for (int i = 0; i < 24 - SessionTable.MAX_NEWEST; i++) {
            new TestClient(server, TestClient.ours()).init();
        }
        TestClient recent = new TestClient(server, TestClient.ours());
        recent.init();
        for (int i = 0; i < SessionTable.MAX_NEWEST - 1; i++) {
            new TestClient(server, TestClient.ours()).init();
        }
        assertThat(oldest.confirm()).isEqualTo(TunnelReply.refused());
        assertThat(recent.confirm().status()).isEqualTo(200);
    }

    @Test
    void sessionsBeyondTheMostAre503() throws Exception {
        for (int i = 0; i < 24; i++) {
            TestClient.connected(server, TestClient.ours());
        }
        assertThat(new TestClient(server, TestClient.ours()).init()).isEqualTo(TunnelReply.unavailable());
    }

    @Test
    void sessionsOfAllChannelsTogetherBeyondTheMostAre503() throws Exception {
        server.server.modified(Map.of("sessions.total.max", 2));
        server.channel("name", "u", "service.pid", "u", "id", 8, "secret", OTHER_SECRET);
        TestClient one = TestClient.connected(server, TestClient.ours());
        TestClient.connected(server, TestClient.ours());
        TestClient late = new TestClient(server, TestClient.ours(), 8, OTHER_SECRET);
        assertThat(late.init()).isEqualTo(TunnelReply.unavailable());
        assertThat(one.init().status())
                .as("who has a session may begin it anew")
                .isEqualTo(200);
        assertThat(one.confirm().status()).isEqualTo(200);
        server.server.closeSession(server.server.sessions().get(0).id());
        assertThat(late.init().status()).isEqualTo(200);
        assertThat(late.confirm().status()).isEqualTo(200);
    }

    @Test
    void unconfirmedSessionsOfAllChannelsTogetherAreBounded() throws Exception {
        server.server.modified(Map.of("sessions.total.max", 2));
        server.channel("name", "u", "service.pid", "u", "id", 8, "secret", OTHER_SECRET);
        TestClient oldest = new TestClient(server, TestClient.ours());
        TestClient next = new TestClient(server, TestClient.ours());
        TestClient newest = new TestClient(server, TestClient.ours());
        assertThat(oldest.init().status()).isEqualTo(200);
        assertThat(next.init().status()).isEqualTo(200);
        assertThat(new TestClient(server, TestClient.ours(), 8, OTHER_SECRET).init())
                .as("another channel's give no place up")
                .isEqualTo(TunnelReply.unavailable());
        assertThat(newest.init().status()).as("its own channel's oldest does").isEqualTo(200);
        assertThat(server.server.sessions()).hasSize(2);
        assertThat(oldest.confirm()).isEqualTo(TunnelReply.refused());
        assertThat(next.confirm().status()).isEqualTo(200);
        assertThat(newest.confirm().status()).isEqualTo(200);
    }

    @Test
    void whatATargetLeftBehindGoesWithTheSession() throws Exception {
        try (TestTarget target = new TestTarget()) {
            TestClient client = TestClient.connected(server, TestClient.ours());
            assertThat(TestClient.get(client.write(target.address(), "hello")).status())
                    .isEqualTo(200);
            try (Socket socket = target.accept()) {
                TestTarget.readText(socket, 5);
                TestTarget.write(socket, "bytes that nobody asks for");
                await().until(() -> server.server.queues().waiting() > 0);
                socket.setSoLinger(true, 0);
            }
            await().until(() -> !server.server.closedConnections().isEmpty());
            server.server.closeSession(server.server.sessions().get(0).id());
            await().untilAsserted(
                            () -> assertThat(server.server.queues().waiting()).isZero());
        }
    }

    @Test
    void whileBytesThatWaitTakeTheirShareOfTheMemoryNobodyElseComesIn() throws Exception {
        QueueBudget budget = new QueueBudget(100, 10_000);
        budget.use(300);
        budget.hold(199);
        assertThat(budget.isFull(5)).isFalse();
        budget.hold(1);
        assertThat(budget.isFull(5)).isTrue();
        budget.hold(-200);
        assertThat(budget.isFull(5)).isFalse();

        QueueBudget all = server.server.queues();
        try (TestTarget target = new TestTarget()) {
            TestClient client = TestClient.connected(server, TestClient.ours());
            assertThat(all.isFull(1)).isFalse();
            int most = (int) Math.min(Integer.MAX_VALUE, Runtime.getRuntime().maxMemory());
            all.hold(most);
            assertThat(new TestClient(server, TestClient.ours()).init()).isEqualTo(TunnelReply.unavailable());
            assertThat(TestClient.get(client.write(target.address(), "hello")).status())
                    .as("who is there goes on")
                    .isEqualTo(200);
            all.hold(-most);
            assertThat(new TestClient(server, TestClient.ours()).init().status())
                    .isEqualTo(200);
        }
    }

    @Test
    void repeatedInitsLeaveRoomForNewOnes() {
        InitLimit limit = new InitLimit();
        byte[] recorded = new byte[32];
        int answered = 0;
        for (int i = 0; i < 1000; i++) {
            answered += limit.allows(recorded, 1000) ? 1 : 0;
        }
        assertThat(answered).isBetween(2, 30);
        byte[] fresh = {1};
        assertThat(limit.allows(fresh, 1000)).isTrue();
    }

    @Test
    void tooManyInitsAre503() throws Exception {
        server.server.modified(Map.of("inits.per.second", 5));
        List<Integer> statuses = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            statuses.add(new TestClient(server, TestClient.ours()).init().status());
        }
        assertThat(statuses).contains(200, 503);
        assertThat(statuses).containsOnly(200, 503);
    }

    @Test
    void newSessionOfAStockClientEndsTheOldOneWithItsConnection() throws Exception {
        try (TestTarget target = new TestTarget()) {
            TestClient old = TestClient.connected(server, TestClient.stock());
            assertThat(TestClient.get(old.write(target.address(), "hello")).status())
                    .isEqualTo(200);
            try (Socket socket = target.accept()) {
                assertThat(TestTarget.readText(socket, 5)).isEqualTo("hello");
                TestClient fresh = TestClient.connected(server, TestClient.stock());
                assertThat(TestTarget.endOf(socket)).isNotEqualTo("open");
                assertThat(old.confirm()).isEqualTo(TunnelReply.refused());
                assertThat(fresh.confirm().status()).isEqualTo(200);
                assertThat(confirmed()).isEqualTo(1);
            }
        }
    }

    @Test
    void whatContinuesNoSessionOpensNoConnectionInTheMiddle() throws Exception {
        UUID uuid = TestClient.ours();
        TestClient continuing = new TestClient(server, PeerId.with(uuid, PeerId.CONTINUES, true));
        assertThat(continuing.init()).isEqualTo(TunnelReply.refused());

        try (TestTarget target = new TestTarget()) {
            TestClient.connected(server, uuid);
            assertThat(continuing.init().status()).isEqualTo(200);
            server.server.sessions().stream()
                    .filter(session -> session.state().equals("open"))
                    .forEach(session -> server.server.closeSession(session.id()));
            assertThat(TestClient.get(continuing.write(target.address(), "two")))
                    .isEqualTo(TunnelReply.refused());
            assertThat(server.server.connections()).isEmpty();
        }
    }

    @Test
    void idleSessionsExpireWithTheirConnections() throws Exception {
        try (TestTarget target = new TestTarget()) {
            TestClient client = TestClient.connected(server, TestClient.ours());
            client.write(target.address(), "x");
            try (Socket socket = target.accept()) {
                assertThat(TestTarget.readText(socket, 1)).isEqualTo("x");
                assertThat(TestTarget.endOf(socket)).isEqualTo("reset");
            }
            assertThat(server.server.sessions()).isEmpty();
            assertThat(client.confirm()).isEqualTo(TunnelReply.refused());
        }
    }

    @Test
    void sessionIsClosedByItsId() throws Exception {
        TestClient client = TestClient.connected(server, TestClient.ours());
        assertThat(server.server.closeSession("nobody")).isFalse();
        SessionStatus session = server.server.sessions().get(0);
        assertThat(session.framesIn()).isEqualTo(1);
        assertThat(server.server.closeSession(session.id())).isTrue();
        assertThat(client.confirm()).isEqualTo(TunnelReply.refused());
        await().atMost(Duration.ofSeconds(5))
                .until(() -> server.server.sessions().isEmpty());
    }

    @Test
    void usedUpKeyEndsTheSession() throws Exception {
        server.server.keyLives(() -> new KeyLife(3, 1000));
        TestClient client = TestClient.connected(server, TestClient.ours());
        assertThat(client.confirm().status()).isEqualTo(200);
        assertThat(client.confirm().status()).isEqualTo(200);
        assertThat(client.confirm()).isEqualTo(TunnelReply.refused());
        assertThat(server.server.sessions()).isEmpty();
    }
}
