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
        return StockVectors.objects(StockVectors.load("init.json").getAsJsonArray())
                .flatMap(init -> Stream.of(Provider.values()).map(provider -> Arguments.of(provider, init)));
    }

    @ParameterizedTest(name = "{0} init {index}")
    @MethodSource("inits")
    void derivesTheSameInitKey(Provider provider, JsonObject vector) {
        FrameKey key =
                KeySchedule.initKey(provider.agreement(StockVectors.fixed(new byte[1])), StockVectors.secret(vector));
        assertThat(key.getEncoded()).isEqualTo(StockVectors.hex(vector, "initKey"));
    }

    @ParameterizedTest(name = "{0} init {index}")
    @MethodSource("inits")
    void opensToTheStatedSender(Provider provider, JsonObject vector) {
        ByteBuf wire = FrameText.decode(StockVectors.text(vector, "frame"));
        assertThat(Frame.isInit(wire)).isTrue();
        try (Frame frame = StockVectors.open(provider, StockVectors.key(vector, "initKey"), wire)) {
            assertThat(frame.operation()).isEqualTo(Operation.INIT);
            assertThat(frame.sequence()).isEqualTo(StockVectors.sequence(vector));
            InitPayload init = InitPayload.read(frame.payload());
            assertThat(init.sender()).isEqualTo(UUID.fromString(StockVectors.text(vector, "uuid")));
            assertThat(init.publicKey()).isEqualTo(StockVectors.hex(vector, "publicKey"));
            assertThat(PeerId.capabilities(init.sender())).isZero();
        }
    }

    @ParameterizedTest(name = "{0} init {index}")
    @MethodSource("inits")
    void sealsToTheSameBytesUnderTheSameNonce(Provider provider, JsonObject vector) {
        byte[] recorded = ByteBufUtil.getBytes(FrameText.decode(StockVectors.text(vector, "frame")));
        ByteBuf wire = Frame.allocate(ByteBufAllocator.DEFAULT, InitPayload.LENGTH);
        new InitPayload(UUID.fromString(StockVectors.text(vector, "uuid")), StockVectors.hex(vector, "publicKey"))
                .write(wire);
        assertThat(ByteBufUtil.getBytes(wire, Frame.HEADER_LENGTH, InitPayload.LENGTH))
                .isEqualTo(StockVectors.hex(vector, "payload"));
        Frame.seal(
                provider.cipher(),
                StockVectors.key(vector, "initKey"),
                new NonceSource(StockVectors.fixed(Arrays.copyOf(recorded, 21))),
                Operation.INIT,
                StockVectors.sequence(vector),
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
