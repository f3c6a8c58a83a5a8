// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class SerialsTest {
    @Property
    void aNodeIsTheFirstTwoDigitsOfEachOfItsSerials(
            @ForAll long random, @ForAll @IntRange(min = 1, max = Serials.MAX_NODE) int node) {
        long init = Serials.of(random, 0);
        String digits = "%02X".formatted(node);
        assertThat(path(Serials.of(random, node))).startsWith(digits);
        assertThat(path(Serials.next(init, node))).startsWith(digits);
        assertThat(path(Serials.firstWrite(init, node))).startsWith(digits);
        assertThat(path(Serials.next(Serials.of(-1, node), node))).isEqualTo(digits + "00000000");
    }

    @Property
    void withoutANodeAllDigitsCount(@ForAll long random) {
        long init = Serials.of(random, 0);
        assertThat(Serials.next(init, 0)).isEqualTo(init + 1 & Serials.MASK);
        assertThat(Serials.firstWrite(init, 0) - init & Serials.MASK).isEqualTo(1L << 39);
    }

    @Example
    void aNodesReadsAndWritesAreHalfOfItsSerialsApart() {
        assertThat(Serials.firstWrite(0x12_3456_7890L, 7)).isEqualTo(0x07_B456_7890L);
        assertThat(Serials.next(0x12_3456_7890L, 7)).isEqualTo(0x07_3456_7891L);
    }

    private static String path(long serial) {
        String path = TunnelPath.format(1, true, serial);
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
