// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import io.httun.api.crypto.FrameKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code init.json}: init keys, payloads and frames of the stock program. */
class InitVectorTest {
    static Stream<Arguments> inits() {
        return Vectors.objects(Vectors.load("init.json").getAsJsonArray())
                .flatMap(init -> Stream.of(Provider.values()).map(provider -> Arguments.of(provider, init)));
    }

    @ParameterizedTest(name = "{0} init {index}")
    @MethodSource("inits")
    void derivesTheSameInitKey(Provider provider, JsonObject vector) {
        FrameKey key = KeySchedule.initKey(provider.agreement(Vectors.fixed(new byte[1])), Vectors.secret(vector));
        assertThat(key.getEncoded()).isEqualTo(Vectors.hex(vector, "initKey"));
    }

    @ParameterizedTest(name = "{0} init {index}")
    @MethodSource("inits")
    void opensToTheStatedSender(Provider provider, JsonObject vector) {
        ByteBuf wire = FrameText.decode(Vectors.text(vector, "frame"));
        assertThat(Frame.isInit(wire)).isTrue();
        try (Frame frame = Vectors.open(provider, Vectors.key(vector, "initKey"), wire)) {
            assertThat(frame.operation()).isEqualTo(Operation.INIT);
            assertThat(frame.sequence()).isEqualTo(Vectors.sequence(vector));
            InitPayload init = InitPayload.read(frame.payload());
            assertThat(init.sender()).isEqualTo(UUID.fromString(Vectors.text(vector, "uuid")));
            assertThat(init.publicKey()).isEqualTo(Vectors.hex(vector, "publicKey"));
            assertThat(PeerId.capabilities(init.sender())).isZero();
        }
    }

    @ParameterizedTest(name = "{0} init {index}")
    @MethodSource("inits")
    void sealsToTheSameBytesUnderTheSameNonce(Provider provider, JsonObject vector) {
        byte[] recorded = ByteBufUtil.getBytes(FrameText.decode(Vectors.text(vector, "frame")));
        ByteBuf wire = Frame.allocate(ByteBufAllocator.DEFAULT, InitPayload.LENGTH);
        new InitPayload(UUID.fromString(Vectors.text(vector, "uuid")), Vectors.hex(vector, "publicKey")).write(wire);
        assertThat(ByteBufUtil.getBytes(wire, Frame.HEADER_LENGTH, InitPayload.LENGTH))
                .isEqualTo(Vectors.hex(vector, "payload"));
        Frame.seal(
                provider.cipher(),
                Vectors.key(vector, "initKey"),
                new NonceSource(Vectors.fixed(Arrays.copyOf(recorded, 21))),
                Operation.INIT,
                Vectors.sequence(vector),
                wire);
        assertThat(ByteBufUtil.getBytes(wire)).isEqualTo(recorded);
        wire.release();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 47, 49, 65_535})
    void refusesAnyOtherLength(int length) {
        assertThatThrownBy(() -> InitPayload.read(Unpooled.buffer(length).writeZero(length)))
                .isInstanceOf(FrameException.class)
                .hasMessage("init payload of " + length + " bytes, expected 48");
    }
}
