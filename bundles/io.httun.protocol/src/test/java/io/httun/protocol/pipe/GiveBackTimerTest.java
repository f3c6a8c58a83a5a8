// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol.pipe;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GiveBackTimerTest {
    private static final long MILLISECOND = 1_000_000L;

    private final GiveBackTimer timer = new GiveBackTimer();

    /** Asks until the request is due. Returns after how many nanoseconds that was. */
    private long pause(long roundTrip, long now) {
        assertThat(timer.isDue(roundTrip, now)).isFalse();
        long at = timer.at();
        assertThat(timer.isDue(roundTrip, at - 1)).isFalse();
        assertThat(timer.isDue(roundTrip, at)).isTrue();
        assertThat(timer.at()).isEqualTo(Long.MAX_VALUE);
        return at - now;
    }

    @Test
    void aRequestIsGivenBackTwoRoundTripsAndTenMillisecondsAfterTheLastNews() {
        assertThat(timer.at()).isEqualTo(Long.MAX_VALUE);
        assertThat(pause(30 * MILLISECOND, 5)).isEqualTo(70 * MILLISECOND);
    }

    @Test
    void thePauseDoublesUpToASecondAndNewsEndThat() {
        for (long expected = 10; expected < 1_000; expected *= 2) {
            assertThat(pause(0, 0)).isEqualTo(expected * MILLISECOND);
        }
        assertThat(pause(0, 0)).isEqualTo(1_000 * MILLISECOND);
        assertThat(pause(0, 0)).isEqualTo(1_000 * MILLISECOND);
        timer.reset();
        assertThat(pause(0, 0)).isEqualTo(10 * MILLISECOND);
    }

    @Test
    void dataThatLeavesStopsTheTimerAndKeepsThePause() {
        pause(0, 0);
        assertThat(timer.isDue(0, 0)).isFalse();
        timer.stop();
        assertThat(timer.at()).isEqualTo(Long.MAX_VALUE);
        assertThat(pause(0, 0)).isEqualTo(20 * MILLISECOND);
    }
}
