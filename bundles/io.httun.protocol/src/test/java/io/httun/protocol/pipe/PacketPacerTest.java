// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol.pipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** In virtual time. */
class PacketPacerTest {
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long ROUND_TRIP = 40 * MILLI;

    private final PacketPacer pacer = new PacketPacer();

    @Test
    void theFirstBodyLeavesAtOnceAndNothingLeavesWithoutPackets() {
        assertThat(pacer.next(-1, 0)).isZero();
        assertThat(pacer.next(100, 0)).isPositive();
        assertThat(pacer.wakeAt(-1)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aFewPacketsWaitForOthersWhileABodyIsInFlightButNotLong() {
        pacer.delivered(pacer.sent(100, 0), ROUND_TRIP);
        pacer.sent(100, ROUND_TRIP);
        assertThat(pacer.next(100, ROUND_TRIP)).isZero();
        assertThat(pacer.wakeAt(100)).isEqualTo(ROUND_TRIP + 2 * MILLI);
        assertThat(pacer.next(100, ROUND_TRIP + 2 * MILLI)).isPositive();
        assertThat(pacer.next(1 << 20, ROUND_TRIP)).as("enough for a body").isPositive();
    }

    @Test
    void whatIsInFlightIsBoundedUntilItIsKnownToHaveArrivedOrNot() {
        ArrayDeque<PacketPacer.Flight> flights = new ArrayDeque<>();
        while (pacer.next(1 << 20, 0) > 0) {
            flights.add(pacer.sent(pacer.next(1 << 20, 0), 0));
        }
        assertThat(pacer.inFlight()).isBetween(1L, 64L << 10);
        assertThat(pacer.wakeAt(1 << 20)).as("only an event").isEqualTo(Long.MAX_VALUE);
        PacketPacer.Flight lost = flights.poll();
        pacer.lost(lost, true);
        pacer.lost(lost, true);
        assertThat(pacer.next(1 << 20, 0)).isPositive();
        long left = pacer.inFlight();
        pacer.delivered(lost, ROUND_TRIP);
        assertThat(pacer.inFlight()).as("it has landed once").isEqualTo(left);
    }

    /** 100 MB/s at 40 ms: 4 MB have to be in flight. */
    @Test
    void aLongLineIsFilled() {
        ArrayDeque<PacketPacer.Flight> flights = new ArrayDeque<>();
        ArrayDeque<Long> arrivals = new ArrayDeque<>();
        long free = 0;
        long sent = 0;
        for (long now = 0; now < 3000 * MILLI; now += MILLI / 10) {
            while (!arrivals.isEmpty() && arrivals.peek() <= now) {
                arrivals.poll();
                pacer.delivered(flights.poll(), now);
            }
            for (int length = pacer.next(4 << 20, now); length > 0; length = pacer.next(4 << 20, now)) {
                free = Math.max(free, now) + length * 10L;
                flights.add(pacer.sent(length, now));
                arrivals.add(free + ROUND_TRIP);
                sent += now > 1000 * MILLI ? length : 0;
            }
        }
        assertThat(sent).as("bytes in two seconds").isGreaterThan(170_000_000);
        assertThat(pacer.roundTrip()).isBetween(ROUND_TRIP, ROUND_TRIP + 2 * MILLI);
    }
}
