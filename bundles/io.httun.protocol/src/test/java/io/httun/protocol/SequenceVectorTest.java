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
    private static final Set<String> MORE_LENIENT = Set.of(
            "first number sets the floor",
            "largest numbers",
            "random walk, window 1",
            "random walk, window 2",
            "random walk, window 16");

    static Stream<Arguments> cases() {
        return Vectors.objects(Vectors.load("sequence.json").getAsJsonObject().getAsJsonArray("cases"))
                .map(vector -> Arguments.of(Vectors.text(vector, "case"), Vectors.text(vector, "type"), vector));
    }

    static Stream<Arguments> decidedAlike() {
        return cases().filter(c -> !MORE_LENIENT.contains(c.get()[0]));
    }

    static Stream<Arguments> decidedMoreLeniently() {
        return cases().filter(c -> MORE_LENIENT.contains(c.get()[0]));
    }

    @ParameterizedTest(name = "{0}, type {1}")
    @MethodSource("decidedAlike")
    void takesExactlyWhatTheStockReceiverTakes(String name, String type, JsonObject vector) {
        assertThat(takenByUsAlone(vector)).isEmpty();
    }

    @ParameterizedTest(name = "{0}, type {1}")
    @MethodSource("decidedMoreLeniently")
    void takesUnknownNumbersBelowAllThatTheStockReceiverHolds(String name, String type, JsonObject vector) {
        assertThat(takenByUsAlone(vector)).isNotEmpty();
    }

    /** Runs the steps, insisting that nothing is taken twice and that all is taken that the stock receiver takes. */
    private static Set<Long> takenByUsAlone(JsonObject vector) {
        SequenceWindow window = new SequenceWindow(
                SequenceType.valueOf(Vectors.text(vector, "type")),
                vector.get("window").getAsInt());
        Set<Long> taken = new HashSet<>();
        Set<Long> byUsAlone = new HashSet<>();
        TreeSet<Long> stock = new TreeSet<>();
        Vectors.objects(vector.getAsJsonArray("steps")).forEach(step -> {
            long sequence = Vectors.sequence(step);
            boolean accepts = window.accepts(sequence);
            assertThat(window.take(sequence)).isEqualTo(accepts);
            assertThat(window.accepts(sequence)).isFalse();
            if (step.get("accepted").getAsBoolean()) {
                assertThat(accepts).as("%x is taken", sequence).isTrue();
                stock.add(sequence);
                if (stock.size() > vector.get("window").getAsInt()) {
                    stock.pollFirst();
                }
            } else if (accepts) {
                assertThat(sequence).isLessThan(stock.first());
                byUsAlone.add(sequence);
            }
            if (accepts) {
                assertThat(taken.add(sequence)).as("%x is taken once", sequence).isTrue();
            }
        });
        return byUsAlone;
    }
}
