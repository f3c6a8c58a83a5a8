// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.httun.api.crypto.EphemeralKeyPair;
import io.httun.api.crypto.FrameKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code keys-and-frames.json}: the session keys of the stock program, and frames that it wire. */
class KeysAndFramesVectorTest {
    static Stream<Arguments> sessions() {
        return StockVectors.objects(StockVectors.load("keys-and-frames.json").getAsJsonArray())
                .flatMap(session -> Stream.of(Provider.values()).map(provider -> Arguments.of(provider, session)));
    }

    static Stream<Arguments> frames() {
        return sessions().flatMap(arguments -> {
            JsonObject session = (JsonObject) arguments.get()[1];
            return StockVectors.objects(session.getAsJsonArray("frames"))
                    .map(frame -> Arguments.of(arguments.get()[0], session, frame));
        });
    }

    @ParameterizedTest(name = "{0} session {index}")
    @MethodSource("sessions")
    void agreesOnTheSameSessionKey(Provider provider, JsonObject session) {
        try (EphemeralKeyPair own = StockVectors.keyPair(provider, StockVectors.hex(session, "ownPrivateKey"))) {
            byte[] peer = StockVectors.hex(session, "peerPublicKey");
            assertThat(own.publicKey()).isEqualTo(StockVectors.hex(session, "ownPublicKey"));
            assertThat(own.agree(peer)).isEqualTo(StockVectors.hex(session, "x25519"));
            FrameKey key = KeySchedule.sessionKey(
                    provider.agreement(StockVectors.fixed(peer)), StockVectors.secret(session), own, peer);
            assertThat(key.getEncoded()).isEqualTo(StockVectors.hex(session, "sessionKey"));
        }
    }

    @ParameterizedTest(name = "{0} frame {index}")
    @MethodSource("frames")
    void opensToTheStatedContent(Provider provider, JsonObject session, JsonObject vector) {
        ByteBuf wire = FrameText.decode(StockVectors.text(vector, "frame"));
        assertThat(Frame.isInit(wire)).isFalse();
        try (Frame frame = StockVectors.open(provider, StockVectors.key(session, "sessionKey"), wire)) {
            assertThat(frame.operation()).isEqualTo(StockVectors.operation(vector));
            assertThat(frame.sequence()).isEqualTo(StockVectors.sequence(vector));
            assertThat(ByteBufUtil.getBytes(frame.payload())).isEqualTo(StockVectors.hex(vector, "payload"));
        }
    }

    @ParameterizedTest(name = "{0} frame {index}")
    @MethodSource("frames")
    void sealsToTheSameBytesUnderTheSameNonce(Provider provider, JsonObject session, JsonObject vector) {
        byte[] payload = StockVectors.hex(vector, "payload");
        ByteBuf wire = Frame.allocate(ByteBufAllocator.DEFAULT, payload.length).writeBytes(payload);
        byte[] nonce = StockVectors.hex(vector, "nonce");
        byte[] random = ByteBuffer.allocate(1 + nonce.length)
                .put(StockVectors.hex(vector, "typeByte"))
                .put(nonce)
                .array();
        Frame.seal(
                provider.cipher(),
                StockVectors.key(session, "sessionKey"),
                new NonceSource(StockVectors.fixed(random)),
                StockVectors.operation(vector),
                StockVectors.sequence(vector),
                wire);
        assertThat(FrameText.encode(wire)).isEqualTo(StockVectors.text(vector, "frame"));
        wire.release();
    }

    @ParameterizedTest(name = "{0} session {index}")
    @MethodSource("sessions")
    void doesNotOpenUnderAnotherKey(Provider provider, JsonObject session) {
        byte[] other = StockVectors.hex(session, "sessionKey");
        other[0] ^= 1;
        StockVectors.objects(session.getAsJsonArray("frames"))
                .map(vector -> FrameText.decode(StockVectors.text(vector, "frame")))
                .forEach(wire -> assertThat(StockVectors.open(provider, new FrameKey(other.clone()), wire))
                        .isNull());
    }

    @ParameterizedTest(name = "{0} frame {index}")
    @MethodSource("frames")
    void leavesTheFrameItOpensAsItWas(Provider provider, JsonObject session, JsonObject vector) {
        ByteBuf wire = FrameText.decode(StockVectors.text(vector, "frame"));
        byte[] before = ByteBufUtil.getBytes(wire);
        byte[] shifted = new byte[before.length + 7];
        System.arraycopy(before, 0, shifted, 5, before.length);
        ByteBuf slice = Unpooled.wrappedBuffer(shifted, 5, before.length);
        StockVectors.open(provider, StockVectors.key(session, "sessionKey"), slice)
                .close();
        assertThat(Arrays.copyOfRange(shifted, 5, 5 + before.length)).isEqualTo(before);
        assertThat(slice.readableBytes()).isEqualTo(before.length);
    }
}
