// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code sequence.json}: what the stock receiver accepts, number by number. */
class SequenceVectorTest {
    static Stream<Arguments> cases() {
        return StockVectors.objects(
                        StockVectors.load("sequence.json").getAsJsonObject().getAsJsonArray("cases"))
                .map(vector ->
                        Arguments.of(StockVectors.text(vector, "case"), StockVectors.text(vector, "type"), vector));
    }

    /** The stock receiver's floor is the lowest number that it remembers; above it both decide the same. */
    @ParameterizedTest(name = "{0}, type {1}")
    @MethodSource("cases")
    void takesWhatTheStockReceiverTakesAndNewNumbersBelowItsFloor(String name, String type, JsonObject vector) {
        SequenceWindow window = new SequenceWindow(
                SequenceType.valueOf(StockVectors.text(vector, "type")),
                vector.get("window").getAsInt());
        Set<Long> taken = new HashSet<>();
        TreeSet<Long> stock = new TreeSet<>();
        StockVectors.objects(vector.getAsJsonArray("steps")).forEach(step -> {
            long sequence = StockVectors.sequence(step);
            boolean accepts = window.accepts(sequence);
            assertThat(window.take(sequence)).isEqualTo(accepts);
            assertThat(window.accepts(sequence)).isFalse();
            if (step.get("accepted").getAsBoolean()) {
                assertThat(accepts).as("%x is taken", sequence).isTrue();
                stock.add(SequenceType.number(sequence));
                if (stock.size() > vector.get("window").getAsInt()) {
                    stock.pollFirst();
                }
            } else if (accepts) {
                assertThat(SequenceType.number(sequence))
                        .as("%x is below the stock receiver's floor", sequence)
                        .isLessThan(stock.first());
            }
            if (accepts) {
                assertThat(taken.add(sequence)).as("%x is taken once", sequence).isTrue();
            }
        });
    }
}
