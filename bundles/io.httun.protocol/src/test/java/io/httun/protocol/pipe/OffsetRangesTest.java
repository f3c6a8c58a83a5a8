// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol.pipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class OffsetRangesTest {
    @Test
    void behavesLikeASetOfOffsets() {
        for (int seed = 0; seed < 500; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            OffsetRanges ranges = new OffsetRanges();
            BitSet model = new BitSet();
            for (int i = 0; i < 100; i++) {
                int from = random.nextInt(200);
                int to = from + random.nextInt(20);
                if (random.nextBoolean()) {
                    ranges.add(from, to);
                    model.set(from, to);
                } else {
                    ranges.remove(from, to);
                    model.clear(from, to);
                }
                assertThat(ranges.length()).isEqualTo(model.cardinality());
                assertThat(ranges.toString()).as("seed %d", seed).isEqualTo(text(model));
                assertThat(ranges.isBelow(model.length())).isTrue();
            }
        }
    }

    private static String text(BitSet model) {
        StringBuilder text = new StringBuilder();
        for (int from = model.nextSetBit(0); from >= 0; from = model.nextSetBit(model.nextClearBit(from))) {
            text.append('[')
                    .append(from)
                    .append(',')
                    .append(model.nextClearBit(from))
                    .append(')');
        }
        return text.toString();
    }
}
