// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.api.tun.TunDrop;
import io.httun.api.tunnel.TunnelReply;
import io.httun.protocol.Frame;
import io.httun.protocol.FrameBody;
import io.httun.protocol.Operation;
import io.httun.protocol.PeerId;
import io.httun.protocol.SequenceType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Packets in parallel requests, request by request. */
class L3ParallelTest {
    private final TestServer server = new TestServer();
    private final FakeTun tun = new FakeTun();
    private TestClient client;

    @BeforeEach
    void connect() throws Exception {
        Map<String, Object> properties = TestServer.properties();
        properties.put("tun.target", "(name=x)");
        server.channel(new TestServer.Connector(), properties).setTun(tun);
        client = new TestClient(server, PeerId.of(PeerId.SESSIONS | PeerId.BATCH | PeerId.PARALLEL, 1));
        assertThat(client.init().status()).isEqualTo(200);
        assertThat(PeerId.capabilities(client.serverUuid()) & PeerId.PARALLEL).isNotZero();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static byte[] packet(boolean fromClient, int mark) {
        byte[] near = {10, 8, 0, 2};
        byte[] far = {10, 8, 0, 1};
        return ByteBuffer.allocate(24)
                .put((byte) 0x45)
                .putShort(2, (short) 24)
                .put(9, (byte) 99)
                .position(12)
                .put(fromClient ? near : far)
                .put(fromClient ? far : near)
                .putInt(mark)
                .array();
    }

    /** A body with frames of these numbers, each with a packet that carries the number as its mark. */
    private byte[] body(int... numbers) {
        ByteBuf body = Unpooled.buffer();
        for (int number : numbers) {
            byte[] frame = client.seal(Operation.L3_TO_SERVER, SequenceType.B.with(number), packet(true, number));
            body.writeInt(frame.length).writeBytes(frame);
        }
        return ByteBufUtil.getBytes(body);
    }

    private int send(byte[] body) throws Exception {
        return TestClient.get(client.sendWrite(body)).status();
    }

    private List<Integer> marksWritten() {
        return tun.written.stream().map(L3ParallelTest::mark).toList();
    }

    private static int mark(byte[] packet) {
        return ByteBuffer.wrap(packet).getInt(20);
    }

    private CompletableFuture<TunnelReply> ask(int number, long received) {
        byte[] payload = ByteBuffer.allocate(Long.BYTES).putLong(received).array();
        return client.sendRead(client.seal(Operation.L3_FROM_SERVER, SequenceType.C.with(number), payload));
    }

    /** Number of type A and mark of each packet in a reply. */
    private List<Integer> opened(CompletableFuture<TunnelReply> reply, boolean delivered) throws Exception {
        TunnelReply got = TestClient.get(reply);
        assertThat(got.status()).isEqualTo(200);
        List<Integer> all = new ArrayList<>();
        while (got.body().isReadable()) {
            Frame frame = client.open(FrameBody.next(got.body()));
            assertThat(frame.operation()).isEqualTo(Operation.L3_FROM_SERVER);
            all.add((int) SequenceType.number(frame.sequence()));
            all.add(mark(ByteBufUtil.getBytes(frame.payload())));
        }
        got.body().release();
        if (delivered) {
            got.delivery().written();
        } else {
            got.delivery().failed();
        }
        return all;
    }

    /** An init of a client with packets may be for its next key, which a session that goes on needs. */
    @Test
    void aServerThatIsDrainedGivesItsClientsTheirNextKey() throws Exception {
        assertThat(send(body(0))).isEqualTo(200);
        server.server.drain().drain(Duration.ofHours(1));
        assertThat(client.init().status()).isEqualTo(200);
        assertThat(send(body(0))).isEqualTo(200);
        UUID another = PeerId.of(PeerId.SESSIONS | PeerId.BATCH | PeerId.PARALLEL, 1L << 40);
        assertThat(new TestClient(server, another).init().status()).isEqualTo(503);
    }

    @Test
    void packetsOfOvertakingRequestsLeaveOnceHoweverOftenTheyCome() throws Exception {
        assertThat(send(body(0))).isEqualTo(200);
        byte[] overtaking = body(3, 4);
        assertThat(send(overtaking)).as("taken before its predecessor").isEqualTo(200);
        assertThat(send(overtaking)).as("a repetition").isEqualTo(200);
        assertThat(send(body(1, 2))).isEqualTo(200);
        assertThat(send(body(1, 2))).isEqualTo(200);
        await().until(() -> tun.written.size() >= 5);
        assertThat(send(overtaking)).isEqualTo(200);
        assertThat(marksWritten()).startsWith(0).containsExactlyInAnyOrder(0, 1, 2, 3, 4);
    }

    @Test
    void aGapIsSkippedAfterAMomentAndWhatComesLaterLeavesAtOnce() throws Exception {
        assertThat(send(body(0))).isEqualTo(200);
        assertThat(send(body(2, 3))).isEqualTo(200);
        await().until(() -> tun.written.size() == 3);
        assertThat(marksWritten()).containsExactly(0, 2, 3);
        assertThat(send(body(1))).isEqualTo(200);
        assertThat(marksWritten()).containsExactly(0, 2, 3, 1);
        assertThat(send(body(4))).isEqualTo(200);
        assertThat(marksWritten()).containsExactly(0, 2, 3, 1, 4);
    }

    @Test
    void waitingRequestsAreAnsweredInTheOrderOfTheirNumbers() throws Exception {
        send(body(0));
        CompletableFuture<TunnelReply> second = ask(1, 0);
        CompletableFuture<TunnelReply> first = ask(0, 0);
        tun.send(packet(false, 7));
        assertThat(opened(first, true)).containsExactly(0, 7);
        assertThat(second).isNotDone();
        CompletableFuture<TunnelReply> third = ask(2, 1);
        tun.send(packet(false, 8), packet(false, 9));
        assertThat(opened(second, true)).containsExactly(1, 8, 2, 9);
        assertThat(third).isNotDone();
    }

    @Test
    void aRepeatedRequestGetsNoPackets() throws Exception {
        send(body(0));
        CompletableFuture<TunnelReply> request = ask(0, 0);
        assertThat(TestClient.get(ask(0, 0)).status()).isEqualTo(503);
        tun.send(packet(false, 7));
        assertThat(opened(request, true)).containsExactly(0, 7);
        assertThat(TestClient.get(ask(0, 0)).status()).isEqualTo(503);
    }

    @Test
    void aReplyThatCouldNotBeWrittenGoesOutAgain() throws Exception {
        send(body(0));
        CompletableFuture<TunnelReply> first = ask(0, 0);
        CompletableFuture<TunnelReply> second = ask(1, 0);
        tun.send(packet(false, 7));
        assertThat(opened(first, false)).containsExactly(0, 7);
        assertThat(opened(second, true)).containsExactly(0, 7);
    }

    /** What is in flight is bounded, so that packets wait in their queue, which decides what to drop; lost acknowledgements stop no flow. */
    @Test
    void repliesWaitForTheClientToHaveWhatIsInFlight() throws Exception {
        send(body(0));
        for (int i = 0; i < 64; i++) {
            ask(i, 0);
        }
        byte[] large = ByteBuffer.allocate(1400)
                .put(packet(false, 1))
                .putShort(2, (short) 1400)
                .array();
        for (int i = 0; i < 300; i++) {
            tun.send(large);
        }
        long before = framesOut();
        assertThat(before * 1400).as("in flight").isBetween(1400L, 64L << 10);
        ask(64, before);
        assertThat(framesOut()).as("the client has them").isGreaterThan(before);
        long unacknowledged = framesOut();
        await().until(() -> framesOut() > unacknowledged);
    }

    private long framesOut() {
        return server.server.sessions().get(0).framesOut();
    }

    @Test
    void anotherOperationOrARequestWithoutAcknowledgementIsWrong() throws Exception {
        assertThat(TestClient.get(client.sendRead(client.readFrame(Operation.L3_FROM_SERVER, 0)))
                        .status())
                .isEqualTo(400);
        byte[] ping = client.seal(Operation.TEST_TO_SERVER, SequenceType.B.with(0), new byte[4]);
        ByteBuf body = Unpooled.buffer().writeInt(ping.length).writeBytes(ping);
        assertThat(send(ByteBufUtil.getBytes(body))).isEqualTo(400);
        assertThat(send(body(0))).as("nothing was taken").isEqualTo(200);
        assertThat(tun.written).hasSize(1);
        assertThat(tun.drops).doesNotContainKey(TunDrop.SPOOFED);
    }

    @Test
    void noFrameOfABatchIsTakenWhenOneIsWrong() throws Exception {
        byte[] whole = body(0, 1);
        byte[] forged = whole.clone();
        forged[forged.length - 1] ^= 1;
        assertThat(send(forged)).isEqualTo(400);
        assertThat(send(Arrays.copyOf(whole, whole.length - 1))).isEqualTo(400);
        byte[] first = whole.clone();
        first[whole.length / 2 - 1] ^= 1;
        assertThat(send(first)).as("it fits no session").isEqualTo(404);
        byte[] single = client.seal(Operation.L3_TO_SERVER, SequenceType.B.with(2), packet(true, 2));
        assertThat(send(single)).as("no batch").isEqualTo(400);
        assertThat(tun.written).isEmpty();
        assertThat(send(whole)).isEqualTo(200);
        assertThat(marksWritten()).containsExactly(0, 1);
    }
}
