// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import io.httun.api.crypto.FrameKey;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * {@code hostile-frames.json}: what the stock decoder accepts and refuses. It compares operation and type later; we do it
 * at once.
 */
class HostileFramesVectorTest {
    private static final JsonObject FILE =
            StockVectors.load("hostile-frames.json").getAsJsonObject();

    static Stream<Arguments> cases() {
        return StockVectors.objects(FILE.getAsJsonArray("cases")).flatMap(vector -> Stream.of(Provider.values())
                .map(provider -> Arguments.of(provider, StockVectors.text(vector, "case"), vector)));
    }

    static Stream<Arguments> accepted() {
        return cases().filter(c -> stockAccepts(c) && typeFits(c));
    }

    static Stream<Arguments> refused() {
        return cases().filter(c -> !stockAccepts(c));
    }

    static Stream<Arguments> ofTheOtherType() {
        return cases().filter(c -> stockAccepts(c) && !typeFits(c));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("accepted")
    void acceptsWhatTheStockDecoderAccepts(Provider provider, String name, JsonObject vector) {
        try (Frame frame = open(provider, vector).orElseThrow()) {
            assertThat(frame.operation()).isEqualTo(StockVectors.operation(vector));
            assertThat(frame.sequence()).isEqualTo(StockVectors.sequence(vector));
            assertThat(frame.payload().readableBytes())
                    .isEqualTo(vector.get("payloadLength").getAsInt());
        }
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("refused")
    void refusesWhatTheStockDecoderRefuses(Provider provider, String name, JsonObject vector) {
        Optional<Frame> opened;
        try {
            opened = open(provider, vector);
        } catch (FrameException e) {
            opened = Optional.empty();
        }
        assertThat(opened).isEmpty();
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("ofTheOtherType")
    void refusesAtOnceWhatTheStockProgramRefusesAfterDecoding(Provider provider, String name, JsonObject vector) {
        assertThatThrownBy(() -> open(provider, vector))
                .isInstanceOf(FrameException.class)
                .hasMessage("operation " + StockVectors.operation(vector) + " in a frame of the other type");
    }

    private static Optional<Frame> open(Provider provider, JsonObject vector) {
        FrameKey key = StockVectors.key(FILE, "initKey");
        return Optional.ofNullable(
                StockVectors.open(provider, key, FrameText.decode(StockVectors.text(vector, "frame"))));
    }

    private static JsonObject vector(Arguments arguments) {
        return (JsonObject) arguments.get()[2];
    }

    private static boolean stockAccepts(Arguments arguments) {
        return vector(arguments).get("accepted").getAsBoolean();
    }

    private static boolean typeFits(Arguments arguments) {
        boolean data = vector(arguments).get("typeBit").getAsInt() == 1;
        return data == (StockVectors.operation(vector(arguments)) != Operation.INIT);
    }
}
