// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.net;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SourceCountsTest {
    private final SourceCounts counts = new SourceCounts();

    @Test
    void anIpv6NetworkOf64BitsIsOneSource() {
        assertThat(counts.enter("2001:db8:0:1::1", 1)).isTrue();
        assertThat(counts.enter("2001:db8:0:1:ffff::2", 1)).isFalse();
        assertThat(counts.enter("2001:db8:0:2::1", 1)).isTrue();
        assertThat(counts.of("2001:db8:0:1::3")).isEqualTo(2);
    }

    @Test
    void aSourceThatHasLeftIsForgotten() {
        counts.enter("192.0.2.1", 1);
        counts.enter("192.0.2.1", 1);
        counts.leave("192.0.2.1");
        assertThat(counts.of("192.0.2.1")).isEqualTo(1);
        counts.leave("192.0.2.1");
        assertThat(counts.of("192.0.2.1")).isZero();
        assertThat(counts.enter("192.0.2.1", 1)).isTrue();
    }

    @Test
    void aSourceThatIsNoAddressStandsForItself() {
        counts.enter("unix", 1);
        assertThat(counts.of("unix")).isEqualTo(1);
        assertThat(counts.of("other")).isZero();
    }
}
