// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.api.tunnel.TunnelReply;
import io.httun.protocol.Frame;
import io.httun.protocol.Operation;
import io.httun.protocol.SequenceType;
import io.netty.buffer.ByteBufUtil;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplyTest {
    /** Socket buffers of up to 36 MiB, and 2 MiB of the server's. */
    private static final int MORE_THAN_ALL_BUFFERS = 48 << 20;

    private final TestServer server = new TestServer();
    private TestTarget target;
    private TestClient client;
    private Socket socket;

    @BeforeEach
    void start() throws Exception {
        server.channel();
        target = new TestTarget();
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
        if (socket != null) {
            socket.close();
        }
        target.close();
    }

    private void connect(UUID uuid) throws Exception {
        client = TestClient.connected(server, uuid);
        client.write(target.address(), "go");
        socket = target.accept();
        assertThat(TestTarget.readText(socket, 2)).isEqualTo("go");
    }

    private static UUID uuid(boolean ours) {
        return ours ? TestClient.ours() : TestClient.stock();
    }

    @Test
    void waitingReadIsAnsweredWhenDataComes() throws Exception {
        connect(TestClient.stock());
        CompletableFuture<TunnelReply> reply = client.read();
        assertThat(reply).isNotDone();
        TestTarget.write(socket, "data");
        TunnelReply got = TestClient.get(reply);
        assertThat(got.headers())
                .extracting(Object::toString)
                .containsExactly("cache-control=no-store", "content-type=application/octet-stream");
        assertThat(client.text(got)).isEqualTo("data");
    }

    @Test
    void readWithoutDataIs408() throws Exception {
        connect(TestClient.stock());
        TunnelReply reply = TestClient.get(client.read());
        assertThat(reply.status()).isEqualTo(408);
        assertThat(reply.body().isReadable()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void sameRequestGetsTheVerySameBytesAgain(boolean ours) throws Exception {
        connect(uuid(ours));
        byte[] request = client.readFrame(Operation.L7_FROM_SERVER, 0);
        CompletableFuture<TunnelReply> first = client.sendRead(request);
        CompletableFuture<TunnelReply> second = client.sendRead(request);
        TestTarget.write(socket, "data");
        byte[] one = ByteBufUtil.getBytes(TestClient.get(first).body());
        assertThat(ByteBufUtil.getBytes(TestClient.get(second).body())).isEqualTo(one);
        first.get().delivery().written();
        second.get().delivery().failed();
        assertThat(ByteBufUtil.getBytes(TestClient.get(client.sendRead(request)).body()))
                .isEqualTo(one);
        client.nextRead = 1;
        TestTarget.write(socket, "more");
        assertThat(client.text(TestClient.get(client.read()))).isEqualTo("more");
        assertThat(TestClient.get(client.sendRead(request)).status()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void failedDeliveryGoesOutAgainOnTheNextRead(boolean ours) throws Exception {
        connect(uuid(ours));
        TestTarget.write(socket, "data");
        TunnelReply lost = TestClient.get(client.read());
        byte[] bytes = ByteBufUtil.getBytes(lost.body());
        CompletableFuture<TunnelReply> next = client.read();
        assertThat(next).as("until the fate of the last is known").isNotDone();
        lost.body().release();
        lost.delivery().failed();
        assertThat(ByteBufUtil.getBytes(TestClient.get(next).body())).isEqualTo(bytes);
        assertThat(client.text(next.get())).isEqualTo("data");
        TestTarget.write(socket, "more");
        assertThat(client.text(TestClient.get(client.read()))).isEqualTo("more");
    }

    @Test
    void repetitionByAStrangerDoesNotCountAsDelivery() throws Exception {
        connect(TestClient.stock());
        byte[] request = client.readFrame(Operation.L7_FROM_SERVER, client.nextRead++);
        CompletableFuture<TunnelReply> honest = client.sendRead(request);
        CompletableFuture<TunnelReply> stranger = client.sendRead(request);
        TestTarget.write(socket, "data");
        TestClient.get(stranger).delivery().written();
        TestClient.get(honest).delivery().failed();
        assertThat(client.text(TestClient.get(client.read()))).isEqualTo("data");
    }

    @Test
    void repetitionByAStrangerGetsNothingOnceTheClientHasGone() throws Exception {
        connect(TestClient.stock());
        byte[] request = client.readFrame(Operation.L7_FROM_SERVER, client.nextRead++);
        CompletableFuture<TunnelReply> honest = client.sendRead(request);
        CompletableFuture<TunnelReply> stranger = client.sendRead(request);
        honest.cancel(false);
        assertThat(TestClient.get(stranger).body().isReadable()).isFalse();
        TestTarget.write(socket, "data");
        assertThat(client.text(TestClient.get(client.read()))).isEqualTo("data");
    }

    @Test
    void cancelledReadLeavesTheDataToTheNext() throws Exception {
        connect(TestClient.ours());
        client.read().cancel(false);
        TestTarget.write(socket, "data");
        assertThat(client.text(TestClient.get(client.read()))).isEqualTo("data");
    }

    @Test
    void newReadOfAStockClientReplacesTheOneItGaveUp() throws Exception {
        connect(TestClient.stock());
        CompletableFuture<TunnelReply> stale = client.read();
        CompletableFuture<TunnelReply> next = client.read();
        TunnelReply empty = TestClient.get(stale);
        assertThat(empty.status()).isEqualTo(200);
        assertThat(empty.body().isReadable()).isFalse();
        TestTarget.write(socket, "data");
        assertThat(client.text(TestClient.get(next))).isEqualTo("data");
    }

    @Test
    void replyIsFullWhileMuchWaitsAndNumbersFollowEachOther() throws Exception {
        connect(TestClient.ours());
        int total = 200_000;
        socket.getOutputStream().write(new byte[total]);
        int got = 0;
        long expected = 0;
        boolean full = false;
        while (got < total) {
            TunnelReply reply = TestClient.get(client.read());
            Frame frame = client.open(reply.body());
            assertThat(frame.sequence()).isEqualTo(SequenceType.A.with(expected++));
            got += frame.payload().readableBytes() - 18;
            full |= frame.payload().readableBytes() == Frame.MAX_PAYLOAD;
            reply.body().release();
            reply.delivery().written();
        }
        assertThat(got).isEqualTo(total);
        assertThat(full).isTrue();
    }

    @Test
    void targetIsReadNoFasterThanTheClientAsksAndEveryByteArrives() throws Exception {
        connect(TestClient.ours());
        byte[] data = new byte[MORE_THAN_ALL_BUFFERS];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) ('a' + i % 23);
        }
        AtomicInteger written = new AtomicInteger();
        Thread writer = new Thread(() -> write(data, written));
        writer.start();
        AtomicInteger last = new AtomicInteger(-1);
        await().during(Duration.ofMillis(500)).until(() -> last.getAndSet(written.get()) == written.get());
        assertThat(written).as("written before the client asks").hasValueLessThan(data.length);
        assertThat(readAndCompare(data)).isEqualTo(data.length);
        writer.join();
    }

    private int readAndCompare(byte[] data) throws Exception {
        int at = 0;
        while (true) {
            TunnelReply reply = TestClient.get(client.read());
            if (reply.status() == 408) {
                continue;
            }
            String text = client.text(reply);
            if (text == null) {
                return at;
            }
            assertThat(text).isEqualTo(new String(data, at, text.length(), StandardCharsets.US_ASCII));
            at += text.length();
        }
    }

    private void write(byte[] data, AtomicInteger written) {
        int piece = 64 << 10;
        try {
            for (int at = 0; at < data.length; at += piece) {
                socket.getOutputStream().write(data, at, piece);
                written.addAndGet(piece);
            }
            socket.shutdownOutput();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void testOperationsGiveBackWhatCame() throws Exception {
        client = TestClient.connected(server, TestClient.stock());
        byte[] ask = client.readFrame(Operation.TEST_FROM_SERVER, client.nextRead++);
        CompletableFuture<TunnelReply> pong = client.sendRead(ask);
        assertThat(pong).isNotDone();
        byte[] ping = "0123".getBytes(StandardCharsets.US_ASCII);
        byte[] frame = client.seal(Operation.TEST_TO_SERVER, SequenceType.B.with(client.nextWrite++), ping);
        assertThat(TestClient.get(client.sendWrite(frame)).status()).isEqualTo(200);
        Frame answer = client.open(TestClient.get(pong).body());
        assertThat(answer.operation()).isEqualTo(Operation.TEST_FROM_SERVER);
        assertThat(answer.payload().toString(StandardCharsets.US_ASCII)).isEqualTo("Pong: 0123");
    }

    @Test
    void replyWaitsWhileTheCipherIsMissing() throws Exception {
        connect(TestClient.ours());
        CompletableFuture<TunnelReply> reply = client.read();
        var cipher = server.server.cipher;
        server.server.cipher = null;
        TestTarget.write(socket, "data");
        org.awaitility.Awaitility.await()
                .until(() -> server.server.connections().get(0).bytesFromTarget() == 4);
        assertThat(reply).isNotDone();
        server.server.cipher = cipher;
        assertThat(client.text(TestClient.get(reply))).isEqualTo("data");
    }
}
