// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.api.tunnel.TunnelReply;
import io.httun.protocol.FrameBody;
import io.httun.protocol.L7Container;
import io.httun.protocol.Operation;
import io.httun.protocol.PeerId;
import io.httun.protocol.SequenceType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BatchTest {
    private final TestServer server = new TestServer();
    private TestTarget target;
    private InetSocketAddress address;
    private TestClient client;

    @BeforeEach
    void start() throws Exception {
        server.channel();
        target = new TestTarget();
        address = target.address();
        client = new TestClient(
                server,
                PeerId.of(
                        PeerId.SESSIONS | PeerId.BATCH,
                        ThreadLocalRandom.current().nextLong()));
        assertThat(client.init().status()).isEqualTo(200);
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
        target.close();
    }

    private static byte[] batch(byte[]... frames) {
        ByteBuf body = Unpooled.buffer();
        for (byte[] frame : frames) {
            body.writeInt(frame.length).writeBytes(frame);
        }
        return ByteBufUtil.getBytes(body);
    }

    private byte[] frame(String data) {
        return client.writeFrame(client.nextWrite++, address, data.getBytes(StandardCharsets.US_ASCII));
    }

    private int send(byte[] body) throws Exception {
        return TestClient.get(client.sendWrite(body)).status();
    }

    @Test
    void everyFrameIsTakenOnceHoweverOftenItIsSent() throws Exception {
        byte[] first = batch(frame("a"), frame("b"), frame("c"));
        byte[] second = batch(frame("d"), frame(""));
        assertThat(send(first)).isEqualTo(200);
        assertThat(send(first)).isEqualTo(200);
        assertThat(send(second)).isEqualTo(200);
        assertThat(send(second)).isEqualTo(200);
        try (Socket socket = target.accept()) {
            assertThat(TestTarget.readAll(socket)).isEqualTo("abcd");
        }
    }

    @Test
    void batchesAreTakenInTheOrderOfTheirNumbers() throws Exception {
        byte[] first = batch(frame("a"), frame("b"));
        byte[] second = batch(frame("c"), frame("d"));
        assertThat(send(batch(client.writeFrame(0, address, new byte[] {'a'})))).isEqualTo(200);
        CompletableFuture<TunnelReply> later = client.sendWrite(second);
        assertThat(later).isNotDone();
        assertThat(send(first)).isEqualTo(200);
        assertThat(TestClient.get(later).status()).isEqualTo(200);
        try (Socket socket = target.accept()) {
            assertThat(TestTarget.readText(socket, 4)).isEqualTo("abcd");
        }
    }

    @Test
    void noFrameOfABatchIsTakenWhenOneIsWrong() throws Exception {
        byte[] good = frame("a");
        byte[] forged = good.clone();
        forged[forged.length - 1] ^= 1;
        byte[] whole = batch(good, good);
        byte[] cut = java.util.Arrays.copyOf(whole, whole.length - 1);
        assertThat(send(batch(good, forged))).isEqualTo(400);
        assertThat(send(cut)).isEqualTo(400);
        assertThat(send(batch(forged, good))).isEqualTo(404);
        assertThat(send(batch(good))).isEqualTo(200);
        assertThat(send(batch(frame("")))).isEqualTo(200);
        try (Socket socket = target.accept()) {
            assertThat(TestTarget.readAll(socket)).isEqualTo("a");
        }
    }

    @Test
    void onlyWhoSaidSoMaySendBatches() throws Exception {
        assertThat(send(frame("a"))).as("single frame of one that has said so").isEqualTo(400);
        for (TestClient other : new TestClient[] {
            TestClient.connected(server, TestClient.ours()), TestClient.connected(server, TestClient.stock())
        }) {
            byte[] frame = other.writeFrame(other.nextWrite, address, new byte[] {'x'});
            assertThat(TestClient.get(other.sendWrite(batch(frame))).status()).isEqualTo(400);
            assertThat(TestClient.get(other.sendWrite(frame)).status()).isEqualTo(200);
        }
    }

    @Test
    void replyHoldsWhatWaitsAndIsTheSameOnceMore() throws Exception {
        assertThat(send(batch(frame("x")))).isEqualTo(200);
        byte[] sent = new byte[1 << 20];
        new Random(1).nextBytes(sent);
        try (Socket socket = target.accept()) {
            CompletableFuture.runAsync(() -> {
                try {
                    socket.getOutputStream().write(sent);
                    socket.shutdownOutput();
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            ByteBuf received = Unpooled.buffer();
            int most = 0;
            boolean closed = false;
            while (!closed) {
                byte[] request = client.readFrame(Operation.L7_FROM_SERVER, client.nextRead++);
                TunnelReply reply = TestClient.get(client.sendRead(request));
                if (reply.status() == 408) {
                    continue;
                }
                byte[] body = ByteBufUtil.getBytes(reply.body());
                reply.delivery().failed();
                TunnelReply again = TestClient.get(client.sendRead(request));
                assertThat(ByteBufUtil.getBytes(again.body())).isEqualTo(body);
                again.delivery().written();
                int frames = 0;
                for (ByteBuf rest = Unpooled.wrappedBuffer(body); rest.isReadable(); frames++) {
                    ByteBuf data = L7Container.read(
                                    client.open(FrameBody.next(rest)).payload())
                            .data();
                    closed |= !data.isReadable();
                    received.writeBytes(data);
                }
                most = Math.max(most, frames);
            }
            assertThat(ByteBufUtil.getBytes(received)).isEqualTo(sent);
            assertThat(most).as("frames in a reply").isGreaterThan(1);
        }
    }

    @Test
    void slowTargetHoldsTheReplyBackAndLosesNothing() throws Exception {
        byte[] block = new byte[60_000];
        byte[][] frames = new byte[16][];
        try (Socket socket = accepted()) {
            int status = 200;
            int batches = 0;
            while (status == 200 && batches < 20) {
                for (int i = 0; i < frames.length; i++) {
                    frames[i] = client.writeFrame(client.nextWrite++, address, block);
                }
                status = send(batch(frames));
                batches++;
            }
            assertThat(status).isEqualTo(503);
            long expected = 1 + (long) batches * frames.length * block.length;
            CompletableFuture<Long> read = CompletableFuture.supplyAsync(() -> {
                try {
                    return (long) socket.getInputStream().readNBytes((int) expected).length;
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            byte[] body = batch(frames);
            await().until(() -> send(body) == 200);
            assertThat(read.get()).isEqualTo(expected);
        }
    }

    private Socket accepted() throws Exception {
        assertThat(send(batch(client.writeFrame(0, address, new byte[] {'x'})))).isEqualTo(200);
        client.nextWrite = 1;
        return target.accept();
    }

    @Test
    void testModeWorksInBatches() throws Exception {
        byte[] ping = client.seal(Operation.TEST_TO_SERVER, SequenceType.B.with(0), new byte[] {'h', 'i'});
        assertThat(send(batch(ping))).isEqualTo(200);
        TunnelReply reply = TestClient.get(client.sendRead(client.readFrame(Operation.TEST_FROM_SERVER, 0)));
        assertThat(client.open(FrameBody.next(reply.body())).payload().toString(StandardCharsets.US_ASCII))
                .isEqualTo("Pong: hi");
    }
}
