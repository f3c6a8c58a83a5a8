// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol.pipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class LossListTest {
    private final LossList losses = new LossList();

    private void add(long from, long to) {
        LongStream.range(from, to).forEach(losses::add);
    }

    @Test
    void numbersThatNoRequestNamesComeFirstThenTheOthersInTurn() {
        add(0, 40);
        assertThat(losses.list()).isEqualTo(LongStream.range(0, 32).toArray());
        assertThat(losses.isUrgent()).isTrue();
        assertThat(losses.list())
                .isEqualTo(LongStream.concat(LongStream.range(32, 40), LongStream.range(0, 24))
                        .toArray());
        assertThat(losses.isUrgent()).isFalse();
        losses.add(40);
        assertThat(losses.list())
                .isEqualTo(LongStream.concat(
                                LongStream.of(40), LongStream.concat(LongStream.range(24, 40), LongStream.range(0, 15)))
                        .toArray());
    }

    @Test
    void aNumberIsNamedUntilTheServerKnowsIt() {
        add(0, 3);
        long[] named = losses.list();
        assertThat(losses.isUrgent()).isFalse();
        losses.unknown(named);
        assertThat(losses.isUrgent()).isTrue();
        assertThat(losses.list()).containsExactly(0, 1, 2);
        losses.known(named);
        assertThat(losses.size()).isZero();
        assertThat(losses.list()).isEmpty();
    }

    @Test
    void aNumberThatTheServerKnowsIsForgottenEvenIfAnotherRequestThatNamedItFailed() {
        add(0, 1);
        long[] first = losses.list();
        long[] second = losses.list();
        losses.unknown(second);
        losses.known(first);
        assertThat(losses.size()).isZero();
        losses.unknown(first);
        assertThat(losses.isUrgent()).isFalse();
        assertThat(losses.size()).isZero();
    }

    @Test
    void isFullWithNamedAndUnnamedNumbersTogether() {
        add(0, LossList.MAX - 1);
        losses.list();
        assertThat(losses.isFull()).isFalse();
        add(LossList.MAX, LossList.MAX + 1);
        assertThat(losses.isFull()).isTrue();
    }
}
