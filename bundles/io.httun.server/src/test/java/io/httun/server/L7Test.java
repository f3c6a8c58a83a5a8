// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.api.status.StatusSource.ConnectionStatus;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
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
                .extracting(ConnectionStatus::cause)
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
        assertClosed("closed by the client");
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
    void oneOfOursMayGoOnWhenTheTargetHasEndedItsOutput() throws Exception {
        client.write(target.address(), "x");
        try (Socket socket = target.accept()) {
            assertThat(TestTarget.readText(socket, 1)).isEqualTo("x");
            TestTarget.write(socket, "last words");
            socket.shutdownOutput();
            assertThat(client.readAll()).isEqualTo("last words");
            client.write(target.address(), "and mine");
            client.write(target.address(), "");
            assertThat(TestTarget.readAll(socket)).isEqualTo("and mine");
        }
        await().untilAsserted(() -> assertThat(server.server.connections()).isEmpty());
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
        assertClosed("DENIED: filter [default] is missing");
        server.filters.add("default");
        client.write(target.address(), "");
        client.write(target.address(), "y");
        try (Socket socket = target.accept()) {
            assertThat(TestTarget.readText(socket, 1)).isEqualTo("y");
        }
    }

    @Test
    void missingFilterServiceRefuses() throws Exception {
        server.server.admission = null;
        client.write(target.address(), "x");
        assertThat(read()).isNull();
        assertClosed("UNAVAILABLE: the filter service is missing");
    }

    @Test
    void missingConnectorRefuses() throws Exception {
        channel.connector = null;
        client.write(target.address(), "x");
        assertThat(read()).isNull();
        assertClosed("UNAVAILABLE: the channel's connector (connector.target) is missing");
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
        assertClosed("broken");
    }

    @Test
    void connectionThatNobodyUsesIsClosed() throws Exception {
        client.write(target.address(), "x");
        try (Socket socket = target.accept()) {
            assertThat(TestTarget.readAll(socket)).isEqualTo("x");
        }
        assertThat(read()).isNull();
        assertClosed("idle for 1 s");
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
