// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AntiReplayWindowTest {
    @Test
    void takesEachNumberOfTheWindowOnceInAnyOrder() {
        SplittableRandom random = new SplittableRandom(1);
        AntiReplayWindow window = new AntiReplayWindow(SequenceType.C);
        Set<Long> taken = new HashSet<>();
        long highest = -1;
        for (int i = 0; i < 400_000; i++) {
            long step = random.nextInt(1_000) == 0 ? 200_000 : 100;
            long number = Math.max(0, highest + random.nextLong(step) - (random.nextInt(50) == 0 ? 70_000 : 60));
            boolean expected = number > highest - AntiReplayWindow.LENGTH && !taken.contains(number);
            assertThat(window.accepts(SequenceType.C.with(number))).isEqualTo(expected);
            assertThat(window.take(SequenceType.C.with(number))).isEqualTo(expected);
            taken.add(number);
            highest = Math.max(highest, number);
        }
    }

    @Test
    void refusesOtherTypes() {
        AntiReplayWindow window = new AntiReplayWindow(SequenceType.B);
        assertThat(window.take(SequenceType.A.with(0))).isFalse();
        assertThat(window.take(SequenceType.B.with(SequenceType.NUMBER_MASK))).isTrue();
        assertThat(window.take(SequenceType.B.with(0))).isFalse();
    }
}
