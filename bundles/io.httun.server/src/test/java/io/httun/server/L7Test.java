// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class L7Test {
    private final TestServer server = new TestServer();
    private ChannelComponent channel;
    private TestTarget target;
    private TestClient client;

    @BeforeEach
    void start() throws Exception {
        channel = server.channel("idle.seconds", 1);
        target = new TestTarget();
        client = TestClient.connected(server, TestClient.ours());
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
        target.close();
    }

    private String read() throws Exception {
        return client.text(TestClient.get(client.read()));
    }

    private void assertClosed(String cause) {
        await().untilAsserted(() -> assertThat(server.server.closedConnections())
                .isNotEmpty()
                .first()
                .extracting(closed -> closed.end() + ": " + closed.cause())
                .asString()
                .contains(cause));
    }

    @Test
    void closeOfTheClientReachesTheTargetBehindAllBytesAndItsAnswerStillComes() throws Exception {
        client.write(target.address(), "question");
        client.write(target.address(), "");
        try (Socket socket = target.accept()) {
            assertThat(TestTarget.readAll(socket)).isEqualTo("question");
            TestTarget.write(socket, "answer");
        }
        assertThat(client.readAll()).isEqualTo("answer");
        await().untilAsserted(() -> assertThat(server.server.connections()).isEmpty());
        assertClosed("COMPLETE");
    }

    @Test
    void closeOfTheTargetComesOnceBehindAllBytesAndAStockClientsLaterDataIsDropped() throws Exception {
        client = TestClient.connected(server, TestClient.stock());
        client.write(target.address(), "x");
        try (Socket socket = target.accept()) {
            assertThat(TestTarget.readText(socket, 1)).isEqualTo("x");
            TestTarget.write(socket, "last words");
        }
        assertThat(client.readAll()).isEqualTo("last words");
        assertThat(TestClient.get(client.write(target.address(), "late")).status())
                .isEqualTo(200);
        assertThat(TestClient.get(client.read()).status()).isEqualTo(408);
        assertThat(server.server.connections()).isEmpty();
    }

    @Test
    void afterItsOwnCloseTheClientGetsANewConnection() throws Exception {
        for (String text : new String[] {"one", "two"}) {
            client.write(target.address(), text);
            client.write(target.address(), "");
            try (Socket socket = target.accept()) {
                assertThat(TestTarget.readAll(socket)).isEqualTo(text);
                TestTarget.write(socket, text);
            }
            assertThat(client.readAll()).isEqualTo(text);
        }
    }

    @Test
    void anotherAddressMeansAnotherConnection() throws Exception {
        try (TestTarget other = new TestTarget()) {
            client.write(target.address(), "one");
            try (Socket first = target.accept()) {
                client.write(other.address(), "two");
                try (Socket second = other.accept()) {
                    assertThat(TestTarget.readAll(first)).isEqualTo("one");
                    assertThat(TestTarget.readText(second, 3)).isEqualTo("two");
                    TestTarget.write(second, "back");
                    assertThat(read()).isEqualTo("back");
                }
            }
        }
    }

    @Test
    void missingFilterRefusesAndTheNextConnectionWorksOnceItIsBack() throws Exception {
        server.filters.clear();
        assertThat(TestClient.get(client.write(target.address(), "x")).status()).isEqualTo(200);
        assertThat(read()).isNull();
        assertClosed("DENIED: a filter denies the target: filter [default] is missing");
        server.filters.add("default");
        client.write(target.address(), "");
        client.write(target.address(), "y");
        try (Socket socket = target.accept()) {
            assertThat(TestTarget.readText(socket, 1)).isEqualTo("y");
        }
    }

    @Test
    void missingConnectorRefuses() throws Exception {
        channel.connector = null;
        client.write(target.address(), "x");
        assertThat(read()).isNull();
        assertClosed("UNAVAILABLE: the connector is not available");
    }

    @Test
    void refusingTargetIsAClose() throws Exception {
        InetSocketAddress nobody = target.address();
        target.close();
        client.write(nobody, "x");
        assertThat(read()).isNull();
        assertClosed("CONNECTION_REFUSED");
    }

    @Test
    void resetByTheTargetIsACloseWithItsCause() throws Exception {
        client.write(target.address(), "x");
        Socket socket = target.accept();
        assertThat(TestTarget.readText(socket, 1)).isEqualTo("x");
        socket.setSoLinger(true, 0);
        socket.close();
        assertThat(read()).isNull();
        assertClosed("TARGET_FAILED");
    }

    @Test
    void connectionThatNobodyUsesIsClosed() throws Exception {
        client.write(target.address(), "x");
        try (Socket socket = target.accept()) {
            assertThat(TestTarget.readText(socket, 1)).isEqualTo("x");
            assertThat(TestTarget.endOf(socket)).isEqualTo("reset");
        }
        assertThat(read()).isNull();
        assertClosed("IDLE: idle for 1 s");
    }

    @Test
    void targetSeesNoEndBeforeTheResetOfALostSession() throws Exception {
        client.write(target.address(), "x");
        try (Socket socket = target.accept()) {
            assertThat(TestTarget.readText(socket, 1)).isEqualTo("x");
            CountDownLatch held = new CountDownLatch(1);
            CountDownLatch busy = new CountDownLatch(1);
            server.server
                    .registry()
                    .find(TestServer.CHANNEL)
                    .sessions()
                    .all()
                    .get(0)
                    .loop()
                    .execute(() -> {
                        held.countDown();
                        hold(busy);
                    });
            held.await();
            client.write(target.address(), "y");
            server.server.closeSession(server.server.sessions().get(0).id());
            busy.countDown();
            assertThat(TestTarget.endOf(socket)).isEqualTo("reset");
        }
    }

    /** Keeps a loop busy. */
    private static void hold(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void connectionThatTheClientStillAsksForStays() throws Exception {
        client.write(target.address(), "x");
        try (Socket socket = target.accept()) {
            assertThat(TestClient.get(client.read()).status()).isEqualTo(408);
            assertThat(server.server.connections()).hasSize(1);
            TestTarget.write(socket, "late");
            assertThat(read()).isEqualTo("late");
        }
    }

    @Test
    void filterChangeLeavesTheConnectionAlone() throws Exception {
        client.write(target.address(), "x");
        try (Socket socket = target.accept()) {
            channel.modified(TestServer.properties("filters", "strict"));
            client.write(target.address(), "y");
            assertThat(TestTarget.readText(socket, 2)).isEqualTo("xy");
        }
    }
}
