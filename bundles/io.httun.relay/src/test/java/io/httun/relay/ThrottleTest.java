// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Datagrams under a rate of 1,000 bytes a second, whose bucket holds 64. */
class ThrottleTest {
    private static final long RATE = 60_000;
    private static final int BUCKET = 64;

    private final MockTicker clock = Ticker.newMockTicker();
    private final EmbeddedChannel channel =
            EmbeddedChannel.builder().ticker(clock).build();
    private final Throttle throttle = new Throttle(channel.eventLoop(), new Throttle.Gate() {
        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void pass(ByteBuf bytes) {
            bytes.release();
        }

        @Override
        public void passed() {}
    });

    @BeforeEach
    void limit() {
        throttle.limit(new RateLimit(RATE, List.of()));
    }

    @Test
    void aDatagramPassesWhileTheBucketHasItsBytes() {
        assertThat(throttle.passes(50)).isTrue();
        assertThat(throttle.passes(15)).isFalse();
        assertThat(throttle.passes(14)).isTrue();
        clock.advance(10, TimeUnit.MILLISECONDS);
        assertThat(throttle.passes(11)).isFalse();
        assertThat(throttle.passes(9)).isTrue();
    }

    @Test
    void aDatagramLargerThanTheBucketNeedsAFullOneAndIsPaidAfterwards() {
        assertThat(throttle.passes(1_000)).isTrue();
        clock.advance(936, TimeUnit.MILLISECONDS);
        assertThat(throttle.passes(1)).isFalse();
        clock.advance(BUCKET - 1, TimeUnit.MILLISECONDS);
        assertThat(throttle.passes(1_000)).isFalse();
        clock.advance(2, TimeUnit.MILLISECONDS);
        assertThat(throttle.passes(1_000)).isTrue();
    }
}
