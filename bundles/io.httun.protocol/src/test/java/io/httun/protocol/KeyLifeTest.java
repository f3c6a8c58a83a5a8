// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KeyLifeTest {
    @Test
    void endsAfterItsFrames() {
        KeyLife life = new KeyLife(8, KeyLife.MAX_BLOCKS);
        for (int frame = 1; frame <= 8; frame++) {
            assertThat(life.use(48)).isTrue();
            assertThat(life.isEnding()).isEqualTo(frame >= 7);
        }
        assertThat(life.use(48)).isFalse();
        assertThat(life.use(48)).isFalse();
    }

    @Test
    void endsAfterItsBlocksHowFewFramesEverThatTook() {
        KeyLife life = new KeyLife(KeyLife.MAX_FRAMES, 800);
        assertThat(life.use(16 * 699 + 1)).isTrue();
        assertThat(life.isEnding()).isTrue();
        assertThat(life.use(16 * 100)).isTrue();
        assertThat(life.use(1)).isFalse();
    }

    @Test
    void cannotBeMadeLongerThanNistAllows() {
        KeyLife life = new KeyLife(Long.MAX_VALUE, Long.MAX_VALUE);
        long frames = KeyLife.MAX_BLOCKS / 4_099 + 1;
        for (long i = 0; i < frames; i++) {
            if (!life.use(16 * 4_099)) {
                assertThat(i).isEqualTo(frames - 1);
                return;
            }
        }
        assertThat(life.use(1)).isFalse();
    }

    @Test
    void holdsNistsBoundOnFramesHoweverSmallTheyAre() {
        // 2^32 calls are too many for a test, so the bound itself is compared: a higher one is cut to the standard's.
        KeyLife asked = new KeyLife(Long.MAX_VALUE, KeyLife.MAX_BLOCKS);
        assertThat(asked.frameBound()).isEqualTo(1L << 32);
        assertThat(new KeyLife().frameBound()).isEqualTo(1L << 32);
        assertThat(new KeyLife(7, KeyLife.MAX_BLOCKS).frameBound()).isEqualTo(7);
    }
}
