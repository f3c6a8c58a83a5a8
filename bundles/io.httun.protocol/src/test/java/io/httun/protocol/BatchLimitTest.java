// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BatchLimitTest {
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    private long now;
    private final BatchLimit limit = new BatchLimit(10 * MILLI, () -> now);

    /** A full batch on a way with this round trip and rate. */
    private void exchange(long roundTripMillis, long bytesPerMilli) {
        int length = limit.limit();
        limit.began(length);
        now += (roundTripMillis + length / bytesPerMilli) * MILLI;
        limit.ended();
    }

    @Test
    void growsToTheMostOnAFastWayHoweverLong() {
        for (int i = 0; i < 6; i++) {
            exchange(200, 1_000_000);
        }
        assertThat(limit.limit()).isEqualTo(FrameBody.MAX_BATCH);
        assertThat(limit.floor()).isBetween(200 * MILLI, 201 * MILLI);
    }

    @Test
    void staysSmallOnASlowWayAlsoAfterLong() {
        for (int i = 0; i < 1000; i++) {
            exchange(20, 5_000);
            // 10 ms at this rate, and one doubling too many at worst.
            assertThat(limit.limit()).isLessThanOrEqualTo(4 * FrameBody.MIN_BATCH);
        }
    }

    @Test
    void growsAgainAfterALookAtTheWay() {
        for (int i = 0; i < 6; i++) {
            exchange(1, 1_000_000);
        }
        now += TimeUnit.SECONDS.toNanos(31);
        exchange(1, 1_000_000);
        assertThat(limit.limit()).as("one small batch").isEqualTo(FrameBody.MIN_BATCH);
        exchange(30, 1_000_000);
        assertThat(limit.limit()).isEqualTo(FrameBody.MAX_BATCH);
        assertThat(limit.floor()).as("of the new way").isEqualTo(30 * MILLI);
    }

    @Test
    void whatIsNotFullTellsNothingOfRoom() {
        limit.began(100);
        now += MILLI;
        limit.ended();
        limit.ended();
        assertThat(limit.limit()).isEqualTo(FrameBody.MIN_BATCH);
    }
}
