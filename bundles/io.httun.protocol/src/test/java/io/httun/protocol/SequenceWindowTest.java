// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class SequenceWindowTest {
    /** Numbers close together with some far away, so that windows fill, slide, and are asked for old numbers. */
    @Provide
    Arbitrary<List<Long>> numbers() {
        return Arbitraries.frequencyOf(
                        Tuple.of(20, Arbitraries.longs().between(0, 60)),
                        Tuple.of(4, Arbitraries.longs().between(0, 400)),
                        Tuple.of(1, Arbitraries.longs().between(0, SequenceType.NUMBER_MASK)))
                .list()
                .ofMaxSize(400);
    }

    @Property
    void takesWhatANaiveModelTakes(
            @ForAll("numbers") List<Long> numbers, @ForAll @IntRange(min = 1, max = 100) int length) {
        SequenceWindow window = new SequenceWindow(SequenceType.B, length);
        TreeSet<Long> taken = new TreeSet<>();
        for (long number : numbers) {
            boolean expected =
                    !taken.contains(number) && taken.tailSet(number, false).size() <= length;
            assertThat(window.take(SequenceType.B.with(number))).isEqualTo(expected);
            if (expected) {
                taken.add(number);
            }
        }
    }

    @Property
    void takesWhateverAStockReceiverTakes(
            @ForAll("numbers") List<Long> numbers, @ForAll @IntRange(min = 1, max = 100) int length) {
        SequenceWindow window = new SequenceWindow(SequenceType.C, length);
        TreeSet<Long> stock = new TreeSet<>();
        for (long number : numbers) {
            boolean taken = window.take(SequenceType.C.with(number));
            if (stock.isEmpty() || number > stock.first() && !stock.contains(number)) {
                assertThat(taken).as("%d", number).isTrue();
                stock.add(number);
                if (stock.size() > length) {
                    stock.pollFirst();
                }
            }
        }
    }

    @Property
    void takesWhateverASlidingWindowTakes(
            @ForAll("numbers") List<Long> numbers, @ForAll @IntRange(min = 1, max = 100) int length) {
        SequenceWindow window = new SequenceWindow(SequenceType.A, length);
        TreeSet<Long> taken = new TreeSet<>();
        for (long number : numbers) {
            boolean isNew = !taken.contains(number) && (taken.isEmpty() || number > taken.last() - length);
            assertThat(window.take(number)).isIn(true, isNew);
            taken.add(number);
        }
    }

    @Example
    void hasALengthWithinItsBounds() {
        assertThat(new SequenceWindow(SequenceType.A, 1)).isNotNull();
        assertThat(new SequenceWindow(SequenceType.A, SequenceWindow.MAX_LENGTH))
                .isNotNull();
        assertThatThrownBy(() -> new SequenceWindow(SequenceType.A, 0)).hasMessageContaining("expected 1 to");
        assertThatThrownBy(() -> new SequenceWindow(SequenceType.A, SequenceWindow.MAX_LENGTH + 1))
                .hasMessageContaining("expected 1 to");
    }

    @Property
    void refusesOtherTypesAndChangesNothing(@ForAll @Size(max = 50) List<Long> sequences) {
        SequenceWindow window = new SequenceWindow(SequenceType.B, 8);
        for (long sequence : sequences) {
            boolean ofType = sequence >>> 62 == 1;
            assertThat(window.accepts(sequence) && !ofType).isFalse();
            assertThat(window.take(sequence) && !ofType).isFalse();
        }
        assertThat(window.take(SequenceType.A.with(0))).isFalse();
    }

    @Example
    void remembersAcrossManyWindowLengths() {
        SequenceWindow window = new SequenceWindow(SequenceType.B, 1_024);
        for (long number = 0; number < 10_000; number++) {
            assertThat(window.take(SequenceType.B.with(number))).isTrue();
            assertThat(window.take(SequenceType.B.with(number))).isFalse();
            assertThat(window.accepts(SequenceType.B.with(number / 2))).isFalse();
        }
    }

    @Example
    void saysWhichLengthsAreAllowed() {
        for (int length : new int[] {0, -1, 32_768}) {
            assertThatThrownBy(() -> new SequenceWindow(SequenceType.A, length))
                    .hasMessage("window length " + length + ", expected 1 to 32767");
        }
    }
}
