// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.relay.OutputEnd;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Every limit of a policy, in virtual time. */
class PolicyTest {
    private final RelayPair pair = new RelayPair();

    private void isOver(String cause) {
        assertThat(pair.causes).containsExactly(cause);
        assertThat(pair.client.isOpen()).isFalse();
        assertThat(pair.target.isOpen()).isFalse();
    }

    private void isOpen() {
        assertThat(pair.causes).isEmpty();
        assertThat(pair.client.isOpen()).isTrue();
    }

    @Test
    void endsWhatIsIdle() {
        pair.under("idle=10s").start();
        for (int i = 0; i < 5; i++) {
            pair.pass(Duration.ofSeconds(9));
            pair.target.writeInbound(RelayPair.bytes(1));
        }
        isOpen();
        pair.pass(Duration.ofSeconds(13));
        isOver("IDLE: idle for 10 s");
    }

    @Test
    void aSideThatTakesNothingIsNotIdle() {
        pair.under("idle=10s").start();
        pair.client.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
        pair.pass(Duration.ofSeconds(60));
        isOpen();
        pair.client.unsafe().outboundBuffer().setUserDefinedWritability(1, true);
        pair.pass(Duration.ofSeconds(13));
        isOver("IDLE: idle for 10 s");
    }

    @Test
    void whatLeavesSlowlyIsNeitherIdleNorTooSlow() {
        pair.under("idle=10s", "rate.min=100 B/min", "grace=1s", "rate.to=600 B/min")
                .start();
        pair.client.writeInbound(RelayPair.bytes(1_800));
        pair.pass(Duration.ofSeconds(170));
        isOpen();
        assertThat(RelayPair.drain(pair.target)).isBetween(1_650, 1_799);
    }

    @Test
    void endsWhatIsOld() {
        pair.under("life=1m").start();
        for (int i = 0; i < 59; i++) {
            pair.pass(Duration.ofSeconds(1));
            pair.client.writeInbound(RelayPair.bytes(1));
        }
        isOpen();
        pair.pass(Duration.ofSeconds(1));
        isOver("LIFE_TIME: open for 60 s");
    }

    @Test
    void endsWhatIsSlowAfterItsGrace() {
        pair.under("rate.min=100 B/min", "grace=30s").start();
        pair.pass(Duration.ofSeconds(30));
        pair.client.writeInbound(RelayPair.bytes(60));
        pair.target.writeInbound(RelayPair.bytes(40));
        pair.pass(Duration.ofSeconds(61));
        isOpen();
        pair.client.writeInbound(RelayPair.bytes(99));
        pair.pass(Duration.ofSeconds(60));
        isOver("TOO_SLOW: carried 99 bytes in a minute, less than 100");
    }

    @Test
    void aChangeOfOtherLimitsDoesNotBeginTheMinuteAnew() {
        pair.under("rate.min=100 B/min", "grace=1s").start();
        pair.pass(Duration.ofSeconds(50));
        pair.under("rate.min=100 B/min", "grace=1s", "life=1h");
        pair.pass(Duration.ofSeconds(12));
        isOver("TOO_SLOW: carried 0 bytes in a minute, less than 100");
    }

    @Test
    void anotherRateBeginsTheMinuteAnew() {
        pair.under("rate.min=100 B/min", "grace=1s").start();
        pair.pass(Duration.ofSeconds(50));
        pair.under("rate.min=200 B/min", "grace=1s");
        pair.pass(Duration.ofSeconds(12));
        isOpen();
    }

    @Test
    void bytesBeforeTheGraceHasEndedDoNotCount() {
        pair.under("rate.min=100 B/min", "grace=30s").start();
        pair.client.writeInbound(RelayPair.bytes(1_000));
        pair.pass(Duration.ofSeconds(89));
        isOpen();
        pair.pass(Duration.ofSeconds(2));
        isOver("TOO_SLOW: carried 0 bytes in a minute, less than 100");
    }

    @Test
    void endsWhatHasCarriedAllThatItMay() {
        pair.under("bytes=100").start();
        pair.client.writeInbound(RelayPair.bytes(50));
        pair.target.writeInbound(RelayPair.bytes(50));
        isOpen();
        ByteBuf more = RelayPair.bytes(1);
        pair.client.writeInbound(more);
        assertThat(more.refCnt()).isZero();
        isOver("BYTES: reached the limit of 100 bytes");
        assertThat(RelayPair.drain(pair.target)).isEqualTo(50);
    }

    @Test
    void endsWhatIsHalfClosedForTooLong() {
        pair.under("half.closed=5s").start();
        pair.target.attr(OutputEnd.KEY).set(Channel::newSucceededFuture);
        pair.pass(Duration.ofSeconds(60));
        isOpen();
        pair.client.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        pair.target.writeInbound(RelayPair.bytes(1));
        pair.pass(Duration.ofMillis(4_990));
        isOpen();
        pair.pass(Duration.ofMillis(20));
        isOver("HALF_CLOSED: half-closed for 5 s");
    }

    @Test
    void aRateIsHeldSmoothlyEachWay() {
        pair.under("rate.from=100kb/s").start();
        pair.client.writeInbound(RelayPair.bytes(500_000));
        assertThat(RelayPair.drain(pair.target)).isEqualTo(500_000);
        pair.target.writeInbound(RelayPair.bytes(131_072));
        assertThat(pair.target.config().isAutoRead()).isFalse();
        assertThat(RelayPair.drain(pair.client)).isEqualTo(6_000);
        for (int i = 1; i <= 10; i++) {
            pair.pass(Duration.ofMillis(100));
            assertThat(RelayPair.drain(pair.client)).isBetween(7_500, 12_500);
        }
        pair.pass(Duration.ofMillis(400));
        assertThat(pair.target.config().isAutoRead()).isTrue();
        assertThat(pair.relay.target().bytes()).isEqualTo(131_072);
        isOpen();
    }

    @Test
    void aSlowRateIsNoPauseFollowedByABurst() {
        pair.under("rate.to=600 B/min").start();
        pair.client.writeInbound(RelayPair.bytes(1_000));
        assertThat(RelayPair.drain(pair.target)).isEqualTo(64);
        for (int i = 0; i < 20; i++) {
            pair.pass(Duration.ofSeconds(1));
            assertThat(RelayPair.drain(pair.target)).isBetween(9, 11);
        }
    }

    @Test
    void theEndWaitsForWhatIsHeldBack() {
        pair.under("rate.to=1kb/s").start();
        pair.client.writeInbound(RelayPair.bytes(1_064));
        pair.client.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        pair.pass(Duration.ofMillis(900));
        assertThat(pair.target.isOpen()).isTrue();
        pair.pass(Duration.ofMillis(200));
        assertThat(RelayPair.drain(pair.target)).isEqualTo(1_064);
        // Embedded channels have no half-close.
        assertThat(pair.target.isOpen()).isFalse();
    }

    @Test
    void whatIsHeldBackIsDroppedWhenItFails() {
        pair.under("rate.to=1kb/s").start();
        ByteBuf held = RelayPair.bytes(10_000);
        pair.client.writeInbound(held);
        RelayPair.drain(pair.target);
        pair.target.pipeline().fireExceptionCaught(new IllegalStateException("gone"));
        assertThat(held.refCnt()).isZero();
        isOver("TARGET_FAILED: the target's side failed: gone");
    }

    @Test
    void aChangeRulesOpenConnectionsAtOnce() {
        pair.under("rate.to=1kb/s").start();
        pair.client.writeInbound(RelayPair.bytes(100_000));
        pair.pass(Duration.ofSeconds(10));
        assertThat(RelayPair.drain(pair.target)).isBetween(9_900, 10_200);
        pair.under("rate.to=none", "life=1m");
        assertThat(RelayPair.drain(pair.target)).isBetween(89_800, 90_100);
        assertThat(pair.client.config().isAutoRead()).isTrue();
        pair.client.writeInbound(RelayPair.bytes(100_000));
        assertThat(RelayPair.drain(pair.target)).isEqualTo(100_000);
        pair.under("life=5s");
        isOver("LIFE_TIME: open for 5 s");
    }

    @Test
    void whatWentWithoutALimitIsNotHeldAgainstTheNextOne() {
        pair.under("rate.to=1kb/s").start();
        pair.under("rate.to=none");
        pair.client.writeInbound(RelayPair.bytes(1_000_000));
        assertThat(RelayPair.drain(pair.target)).isEqualTo(1_000_000);
        pair.under("rate.to=1kb/s");
        pair.client.writeInbound(RelayPair.bytes(2_000));
        pair.pass(Duration.ofSeconds(1));
        assertThat(RelayPair.drain(pair.target)).isBetween(990, 1_100);
    }

    @Test
    void withoutALimitNothingIsPlanned() {
        pair.under().start();
        assertThat(pair.client.runScheduledPendingTasks()).isEqualTo(-1L);
    }
}
