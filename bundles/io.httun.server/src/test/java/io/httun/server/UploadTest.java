// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.api.tunnel.Carrier;
import io.httun.api.tunnel.TunnelReply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class UploadTest {
    private static final int FRAME = 60_000;

    private final TestServer server = new TestServer();
    private TestTarget target;
    private InetSocketAddress address;

    @BeforeEach
    void start() throws IOException {
        server.channel();
        target = new TestTarget();
        address = target.address();
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
        target.close();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    }

    @Test
    void framesAreTakenInTheirOrderWhateverConnectionTheyComeOn() throws Exception {
        TestClient client = TestClient.connected(server, TestClient.stock());
        byte[] first = client.writeFrame(1, address, ascii("a"));
        byte[] second = client.writeFrame(2, address, ascii("b"));
        byte[] third = client.writeFrame(3, address, ascii("c"));
        client.writes = new Carrier();
        CompletableFuture<TunnelReply> three = client.sendWrite(third);
        client.writes = new Carrier();
        CompletableFuture<TunnelReply> two = client.sendWrite(second);
        assertThat(two).isNotDone();
        assertThat(three).isNotDone();
        client.writes = new Carrier();
        TunnelReply one = TestClient.get(client.sendWrite(first));
        assertThat(one.status()).isEqualTo(200);
        assertThat(one.body().isReadable()).isFalse();
        assertThat(TestClient.get(two).status()).isEqualTo(200);
        assertThat(TestClient.get(three).status()).isEqualTo(200);
        try (Socket socket = target.accept()) {
            assertThat(TestTarget.readText(socket, 3)).isEqualTo("abc");
        }
    }

    @Test
    void retryOfATakenFrameIs200AndDropped() throws Exception {
        TestClient client = TestClient.connected(server, TestClient.ours());
        byte[] frame = client.writeFrame(client.nextWrite++, address, ascii("once"));
        assertThat(TestClient.get(client.sendWrite(frame)).status()).isEqualTo(200);
        assertThat(TestClient.get(client.sendWrite(frame)).status()).isEqualTo(200);
        client.write(address, "!");
        client.write(address, "");
        try (Socket socket = target.accept()) {
            assertThat(TestTarget.readAll(socket)).isEqualTo("once!");
        }
    }

    @Test
    void retryOfAWaitingFrameSharesItsAnswer() throws Exception {
        TestClient client = TestClient.connected(server, TestClient.ours());
        byte[] ahead = client.writeFrame(2, address, ascii("b"));
        CompletableFuture<TunnelReply> one = client.sendWrite(ahead);
        CompletableFuture<TunnelReply> again = client.sendWrite(ahead);
        client.write(address, "a");
        assertThat(TestClient.get(one).status()).isEqualTo(200);
        assertThat(TestClient.get(again).status()).isEqualTo(200);
        try (Socket socket = target.accept()) {
            assertThat(TestTarget.readText(socket, 2)).isEqualTo("ab");
        }
    }

    @Test
    void frameWithoutItsPredecessorIs503AndHasNotBeenTaken() throws Exception {
        TestClient client = TestClient.connected(server, TestClient.ours());
        byte[] ahead = client.writeFrame(2, address, ascii("b"));
        assertThat(TestClient.get(client.sendWrite(ahead))).isEqualTo(TunnelReply.unavailable());
        client.write(address, "a");
        assertThat(TestClient.get(client.sendWrite(ahead)).status()).isEqualTo(200);
        try (Socket socket = target.accept()) {
            assertThat(TestTarget.readText(socket, 2)).isEqualTo("ab");
        }
    }

    @Test
    void framesTooFarAheadAre503AtOnce() throws Exception {
        TestClient client = TestClient.connected(server, TestClient.ours());
        CompletableFuture<TunnelReply> far = client.sendWrite(client.writeFrame(33, address, ascii("x")));
        assertThat(far).isCompletedWithValue(TunnelReply.unavailable());
        for (int i = 2; i < 33; i++) {
            client.sendWrite(client.writeFrame(i, address, new byte[65_000]));
        }
        CompletableFuture<TunnelReply> tooMany = client.sendWrite(client.writeFrame(32, address, new byte[65_000]));
        assertThat(TestClient.get(tooMany)).isEqualTo(TunnelReply.unavailable());
    }

    @Test
    void fullTargetDelaysThenRefusesWithoutTakingAndNoByteIsLost() throws Exception {
        TestClient client = TestClient.connected(server, TestClient.ours());
        Random random = new Random(1);
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        byte[] data = new byte[FRAME];
        byte[] refused = null;
        int frames = 0;
        while (refused == null) {
            random.nextBytes(data);
            sent.write(data);
            byte[] frame = client.writeFrame(client.nextWrite++, address, data);
            int status = TestClient.get(client.sendWrite(frame)).status();
            if (status == 503) {
                refused = frame;
            } else {
                assertThat(status).isEqualTo(200);
            }
            assertThat(++frames).as("frames until full").isLessThan(500);
        }
        CompletableFuture<TunnelReply> retry = client.sendWrite(refused);
        try (Socket socket = target.accept()) {
            byte[] got = socket.getInputStream().readNBytes(sent.size() - FRAME);
            assertThat(TestClient.get(retry).status()).isEqualTo(200);
            byte[] rest = socket.getInputStream().readNBytes(FRAME);
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            all.write(got);
            all.write(rest);
            assertThat(all.toByteArray()).isEqualTo(sent.toByteArray());
        }
    }

    @Test
    void acknowledgementDoesNotWaitForTheConnection() throws Exception {
        NeverConnector never = new NeverConnector();
        server.channel(never, "name", "u", "id", 8, "secret", TestServer.SECRET.replace('0', '1'));
        TestClient client = new TestClient(server, TestClient.ours(), 8, TestServer.SECRET.replace('0', '1'));
        client.init();
        assertThat(client.write(address, "x")).isDone();
        await().until(() -> never.asked() == 1);
        server.server.closeSession(server.server.sessions().get(0).id());
        await().until(never::isCancelled);
        assertThat(server.server.closedConnections()).singleElement().satisfies(closed -> assertThat(closed.cause())
                .isEqualTo("closed by the administrator"));
    }
}
