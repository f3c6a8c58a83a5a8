// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.FrameKey;
import io.httun.api.tunnel.Carrier;
import io.httun.api.tunnel.TunnelReply;
import io.httun.crypto.jca.JcaKeyAgreement;
import io.httun.protocol.Operation;
import io.httun.protocol.SequenceType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Attacks of a stranger, with recordings of all traffic or without any knowledge. */
class AttackTest {
    private static final String OTHER_SECRET = "ff".repeat(32);
    private static final int ASKED = 10_000;

    private final TestServer server = new TestServer();

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void replayedInitsCostFewAgreementsAndHarmNobody() throws Exception {
        server.channel();
        TestClient live = TestClient.connected(server, TestClient.ours());
        TestClient stranger = new TestClient(server, TestClient.ours());
        byte[] recorded;
        try (var pair = new JcaKeyAgreement().generate()) {
            recorded = stranger.initFrame(pair.publicKey());
        }
        int answered = 0;
        long begin = System.nanoTime();
        for (int i = 0; i < ASKED; i++) {
            TunnelReply reply = TestClient.get(stranger.sendRead(recorded));
            assertThat(reply.status()).isIn(200, 503);
            answered += reply.status() == 200 ? 1 : 0;
            reply.body().release();
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        // The first is new, and the bucket is full at first.
        assertThat(answered).isBetween(2, (int) (20 + 20 * seconds) + 2);
        assertThat(server.server.sessions()).hasSizeLessThanOrEqualTo(answered + 1);
        assertThat(live.confirm().status()).isEqualTo(200);
    }

    @Test
    void aFrameTheServerSentIsRefusedWhenItComesBack() throws Exception {
        server.channel("test", true);
        TestClient client = TestClient.connected(server, TestClient.ours());
        byte[] ping = client.seal(Operation.TEST_TO_SERVER, SequenceType.B.with(client.nextWrite++), new byte[] {'x'});
        assertThat(TestClient.get(client.sendWrite(ping)).status()).isEqualTo(200);
        byte[] poll = client.readFrame(Operation.TEST_FROM_SERVER, client.nextRead++);
        ByteBuf body = TestClient.get(client.sendRead(poll)).body();
        byte[] pong = ByteBufUtil.getBytes(body);
        assertThat(pong).isNotEmpty();
        for (int i = 0; i < 100; i++) {
            assertThat(TestClient.get(client.sendWrite(pong)).status()).isIn(400, 404);
            assertThat(TestClient.get(client.sendRead(pong)).status()).isIn(400, 404);
        }
        assertThat(client.confirm().status()).isEqualTo(200);
    }

    @Test
    void whoAsksTooOftenIsToldToComeAgainAndHarmsNobodyBesides() throws Exception {
        server.server.modified(Map.of("strangers.per.second", 50));
        server.channel();
        TestClient live = TestClient.connected(server, TestClient.ours());
        byte[] garbage = new byte[500];
        int looked = 0;
        long begin = System.nanoTime();
        List<CompletableFuture<TunnelReply>> replies = new ArrayList<>();
        for (int i = 0; i < ASKED; i++) {
            replies.add(
                    i % 3 == 0
                            ? server.asking("GET", "/7/r/0000000001", "m=nonsense", "", new byte[0])
                            : server.asking(
                                    "POST", i % 3 == 1 ? "/7/w/0000000001" : "/9/w/0000000001", "", "", garbage));
        }
        for (CompletableFuture<TunnelReply> each : replies) {
            TunnelReply reply = TestClient.get(each);
            assertThat(reply).isIn(TunnelReply.refused(), TunnelReply.unavailable());
            looked += reply.status() == 404 ? 1 : 0;
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        assertThat(looked).isBetween(50, (int) (50 + 50 * seconds) + 2);
        live.reads = new Carrier();
        live.writes = new Carrier();
        assertThat(live.confirm().status())
                .as("a session's serial tells that it is expected")
                .isEqualTo(200);
        TestClient next = new TestClient(server, TestClient.ours());
        assertThat(next.init().status()).as("a new client").isEqualTo(200);
        assertThat(next.confirm().status()).isEqualTo(200);
    }

    @Test
    void oneAddressAsksForItselfAlone() {
        Strangers strangers = new Strangers();
        for (int i = 0; i < 1000; i++) {
            strangers.mayAsk("2001:db8::" + Integer.toHexString(i), 10);
            strangers.mayAsk("192.0.2.1", 10);
        }
        assertThat(strangers.mayAsk("2001:db8::ffff", 10)).isFalse();
        assertThat(strangers.mayAsk("2001:db8:0:1::1", 10)).isTrue();
        assertThat(strangers.mayAsk("192.0.2.2", 10)).isTrue();
        assertThat(strangers.mayAsk("", 10)).isTrue();
    }

    @Test
    void aFrameOfOneChannelOrSessionIsNothingToAnother() throws Exception {
        server.channel();
        server.channel("name", "u", "service.pid", "io.httun.channel~u", "id", 8, "secret", OTHER_SECRET);
        TestClient one = TestClient.connected(server, TestClient.ours());
        TestClient other = new TestClient(server, TestClient.ours(), 8, OTHER_SECRET);
        assertThat(other.init().status()).isEqualTo(200);
        assertThat(other.confirm().status()).isEqualTo(200);
        byte[] frame = one.writeFrame(one.nextWrite, TestClient.loopback(9), new byte[0]);
        for (int i = 0; i < 100; i++) {
            assertThat(TestClient.get(other.sendWrite(frame))).isEqualTo(TunnelReply.refused());
            assertThat(TestClient.get(other.sendRead(frame))).isEqualTo(TunnelReply.refused());
        }
        assertThat(one.confirm().status()).isEqualTo(200);
        assertThat(other.confirm().status()).isEqualTo(200);
    }

    @Test
    void theKeyIsOverwrittenWhenItsSessionEnds() throws Exception {
        server.channel();
        TestClient.connected(server, TestClient.ours());
        Session session = server.server
                .registry()
                .find(TestServer.CHANNEL)
                .sessions()
                .all()
                .get(0);
        FrameKey key = session.key();
        var field = FrameKey.class.getDeclaredField("bytes");
        field.setAccessible(true);
        byte[] array = (byte[]) field.get(key);
        assertThat(array).isNotEqualTo(new byte[FrameKey.LENGTH]);
        assertThat(server.server.closeSession(session.id())).isTrue();
        assertThat(array).isEqualTo(new byte[FrameKey.LENGTH]);
        assertThat(key.isDestroyed()).isTrue();
    }

    @Test
    void noStringTellsASecret() {
        ChannelComponent channel = server.channel();
        String shown = server.server.channels() + " " + server.server.sessions() + " " + channel + " "
                + ChannelSettings.read(TestServer.properties());
        String base64 = Base64.getEncoder().encodeToString(HexFormat.of().parseHex(TestServer.SECRET));
        assertThat(shown.toLowerCase(Locale.ROOT))
                .doesNotContain(TestServer.SECRET)
                .doesNotContain(base64.substring(0, 20).toLowerCase(Locale.ROOT));
    }

    /** Decryptions take the time: how many, how large, and with which keys in which order, since a cipher is faster with a key that it has just used. */
    @Test
    void refusalsDoTheSameWork(@TempDir Path folder) throws Exception {
        server.server.modified(Map.of("strangers.per.second", 100_000));
        server.channel();
        for (int i = 0; i < 20; i++) {
            TestClient.connected(server, TestClient.ours());
        }
        Path auth = Files.writeString(folder.resolve("auth"), "user:pass");
        server.channel(
                "name", "u", "service.pid", "u", "id", 8, "secret", OTHER_SECRET, "basic.auth.file", auth.toString());
        byte[] garbage = new byte[1000];
        Arrays.fill(garbage, (byte) 0x5b);
        List<Trial> trials = Collections.synchronizedList(new ArrayList<>());
        FrameCipher real = server.server.cipher;
        server.server.cipher = new FrameCipher() {
            @Override
            public void seal(FrameKey key, byte[] frame, int offset, int plainLength) {
                real.seal(key, frame, offset, plainLength);
            }

            @Override
            public boolean open(FrameKey key, byte[] frame, int offset, int length, byte[] out, int outOffset) {
                trials.add(new Trial(System.identityHashCode(key), length));
                return real.open(key, frame, offset, length, out, outOffset);
            }
        };
        List<List<Trial>> work = new ArrayList<>();
        for (int cause = 0; cause < 4; cause++) {
            trials.clear();
            assertThat(ask(cause, garbage)).isSameAs(TunnelReply.refused());
            work.add(List.copyOf(trials));
        }
        assertThat(work.get(0)).as("known channel").hasSize(SessionTable.MAX_TRIALS);
        assertThat(work.get(1)).as("unknown channel").isEqualTo(work.get(0));
        assertThat(work.get(2)).as("wrong password").isEqualTo(work.get(0));
        assertThat(work.get(3)).as("right password").isEqualTo(work.get(0));
    }

    private record Trial(int key, int length) {}

    private TunnelReply ask(int cause, byte[] body) throws Exception {
        String path =
                switch (cause) {
                    case 0 -> "/7/w/0000000001";
                    case 1 -> "/9/w/0000000001";
                    default -> "/8/w/0000000001";
                };
        String pair = cause == 3 ? "user:pass" : "user:nope";
        String authorization = "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.US_ASCII));
        return server.ask("POST", path, "", authorization, body);
    }
}
