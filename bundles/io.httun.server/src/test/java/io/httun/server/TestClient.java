// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.crypto.EphemeralKeyPair;
import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.FrameKey;
import io.httun.api.crypto.KeyAgreement;
import io.httun.api.crypto.SharedSecret;
import io.httun.api.tunnel.Carrier;
import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import io.httun.crypto.jca.JcaFrameCipher;
import io.httun.crypto.jca.JcaKeyAgreement;
import io.httun.protocol.Frame;
import io.httun.protocol.InitPayload;
import io.httun.protocol.KeySchedule;
import io.httun.protocol.L7Container;
import io.httun.protocol.NonceSource;
import io.httun.protocol.Operation;
import io.httun.protocol.PeerId;
import io.httun.protocol.SequenceType;
import io.httun.protocol.Serials;
import io.httun.protocol.TunnelPath;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** Speaks the wire protocol to a server in this JVM, frame by frame, so that a test decides what is sent when. */
final class TestClient {
    private static final FrameCipher CIPHER = new JcaFrameCipher();
    private static final KeyAgreement AGREEMENT = new JcaKeyAgreement();
    private static final NonceSource NONCES = new NonceSource(new SecureRandom());

    private final TestServer server;
    private final SharedSecret secret;
    private final UUID uuid;
    private final int channel;
    private FrameKey key;
    private UUID serverUuid;
    private long readSerial = ThreadLocalRandom.current().nextLong() & Serials.MASK;
    private long writeSerial = ThreadLocalRandom.current().nextLong() & Serials.MASK;
    String authorization = "";
    Carrier reads = new Carrier();
    Carrier writes = new Carrier();
    long nextWrite;
    long nextRead;

    TestClient(TestServer server, UUID uuid) {
        this(server, uuid, TestServer.CHANNEL, TestServer.SECRET);
    }

    TestClient(TestServer server, UUID uuid, int channel, String secret) {
        this.server = server;
        this.uuid = uuid;
        this.channel = channel;
        this.secret = SharedSecret.ofHex(secret);
    }

    static UUID ours() {
        return PeerId.of(PeerId.SESSIONS, ThreadLocalRandom.current().nextLong());
    }

    static UUID stock() {
        return UUID.fromString("6ba7b810-9dad-41d1-80b4-00c04fd430c8");
    }

    /** So many requests were lost on the way, or never left, since the endpoint was away. */
    void missSerials(int count) {
        readSerial += count;
        writeSerial += count;
    }

    /** The next requests come with serials that nobody expects. */
    void forgetSerials() {
        readSerial += 1000;
        writeSerial += 1000;
    }

    /** The next requests come with serials that begin with this number, and that nobody expects. */
    void serialsOfNode(int node) {
        readSerial = Serials.of(readSerial + 1000, node);
        writeSerial = Serials.of(writeSerial + 1000, node);
    }

    /** As our client counts: from the init's serial. */
    void writeSerialFromInit() {
        writeSerial = Serials.firstWrite(readSerial - 1, 0);
    }

    long readSerial() {
        return readSerial & Serials.MASK;
    }

    long writeSerial() {
        return writeSerial & Serials.MASK;
    }

    UUID serverUuid() {
        return serverUuid;
    }

    /** A session that the server has confirmed. */
    static TestClient connected(TestServer server, UUID uuid) throws Exception {
        TestClient client = new TestClient(server, uuid);
        assertThat(client.init().status()).isEqualTo(200);
        assertThat(client.confirm().status()).isEqualTo(200);
        return client;
    }

    /** Uses number 0, for a close of nothing. */
    TunnelReply confirm() throws Exception {
        return get(write(new InetSocketAddress("127.0.0.1", 9), ""));
    }

    TunnelReply init() throws Exception {
        try (EphemeralKeyPair pair = AGREEMENT.generate()) {
            byte[] frame = initFrame(pair.publicKey());
            TunnelReply reply = get(sendRead(frame));
            if (reply.status() == 200) {
                Frame answer = open(KeySchedule.initKey(AGREEMENT, secret), reply.body());
                InitPayload hello = InitPayload.read(answer.payload());
                serverUuid = hello.sender();
                key = KeySchedule.sessionKey(AGREEMENT, secret, pair, hello.publicKey());
                nextRead = 0;
                nextWrite = 0;
                reply.body().release();
            }
            return reply;
        }
    }

    byte[] initFrame(byte[] publicKey) {
        ByteBuf frame = Frame.allocate(UnpooledByteBufAllocator.DEFAULT, InitPayload.LENGTH);
        new InitPayload(uuid, publicKey).write(frame);
        return ByteBufUtil.getBytes(
                Frame.seal(CIPHER, KeySchedule.initKey(AGREEMENT, secret), NONCES, Operation.INIT, -1, frame));
    }

    byte[] seal(Operation operation, long sequence, byte[] payload) {
        ByteBuf frame = Frame.allocate(UnpooledByteBufAllocator.DEFAULT, payload.length);
        frame.writeBytes(payload);
        return ByteBufUtil.getBytes(Frame.seal(CIPHER, key, NONCES, operation, sequence, frame));
    }

    static byte[] container(InetSocketAddress target, byte[] data) {
        ByteBuf payload = Unpooled.buffer();
        L7Container.writeHeader(payload, target.getAddress(), target.getPort());
        return ByteBufUtil.getBytes(payload.writeBytes(data));
    }

    byte[] writeFrame(long number, InetSocketAddress target, byte[] data) {
        return seal(Operation.L7_TO_SERVER, SequenceType.B.with(number), container(target, data));
    }

    CompletableFuture<TunnelReply> write(InetSocketAddress target, String data) {
        return write(target, data.getBytes(StandardCharsets.US_ASCII));
    }

    CompletableFuture<TunnelReply> write(InetSocketAddress target, byte[] data) {
        return sendWrite(writeFrame(nextWrite++, target, data));
    }

    CompletableFuture<TunnelReply> sendWrite(byte[] frame) {
        String path = TunnelPath.format(channel, false, writeSerial++);
        return server.asking(new TunnelRequest("POST", path, "", authorization, Unpooled.wrappedBuffer(frame), writes));
    }

    byte[] readFrame(Operation operation, long number) {
        return seal(operation, SequenceType.C.with(number), new byte[0]);
    }

    CompletableFuture<TunnelReply> read() {
        return sendRead(readFrame(Operation.L7_FROM_SERVER, nextRead++));
    }

    CompletableFuture<TunnelReply> sendRead(byte[] frame) {
        String query = "m=" + Base64.getUrlEncoder().withoutPadding().encodeToString(frame);
        String path = TunnelPath.format(channel, true, readSerial++);
        return server.asking(new TunnelRequest("GET", path, query, authorization, Unpooled.EMPTY_BUFFER, reads));
    }

    static TunnelReply get(CompletableFuture<TunnelReply> reply) throws Exception {
        return reply.get(10, TimeUnit.SECONDS);
    }

    /** The data of a container in a reply, which is delivered; null for a close. */
    String text(TunnelReply reply) {
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.body().isReadable()).as("a frame").isTrue();
        L7Container container = L7Container.read(open(key, reply.body()).payload());
        String text = container.data().toString(StandardCharsets.US_ASCII);
        reply.body().release();
        reply.delivery().written();
        return text.isEmpty() ? null : text;
    }

    Frame open(ByteBuf sealed) {
        return open(key, sealed);
    }

    /** Reads until the target has closed. */
    String readAll() throws Exception {
        StringBuilder all = new StringBuilder();
        while (true) {
            TunnelReply reply = get(read());
            if (reply.status() == 408) {
                continue;
            }
            String text = text(reply);
            if (text == null) {
                return all.toString();
            }
            all.append(text);
        }
    }

    private static Frame open(FrameKey with, ByteBuf sealed) {
        Frame frame = Frame.open(CIPHER, with, sealed, Unpooled.buffer(sealed.readableBytes()));
        assertThat(frame).as("sealed under the expected key").isNotNull();
        return frame;
    }

    static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }
}
