// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.toolkit.config.RelayPolicies;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Directly used targets under a policy, in virtual time. */
class MeterTest {
    private final MockTicker clock = Ticker.newMockTicker();
    private boolean clientReads = true;
    private final EmbeddedChannel client = EmbeddedChannel.builder()
            .ticker(clock)
            .handlers(new ChannelDuplexHandler() {
                @Override
                public void channelWritabilityChanged(ChannelHandlerContext ctx) {
                    target.config().setAutoRead(ctx.channel().isWritable());
                }

                @Override
                public void flush(ChannelHandlerContext ctx) {
                    if (clientReads) {
                        ctx.flush();
                    }
                }
            })
            .build();
    private final List<String> causes = new ArrayList<>();
    private final FairLoop fair = new FairLoop(client.eventLoop());
    private final Meter meter =
            new Meter(client, fair, "one", clock.nanoTime(), (cause, why) -> causes.add(cause + ": " + why));
    private EmbeddedChannel target = watched();

    /** Like a forwarder: reads the target while the client is writable. */
    private EmbeddedChannel watched() {
        EmbeddedChannel channel = EmbeddedChannel.builder().ticker(clock).build();
        channel.config().setAutoRead(false);
        meter.attach(channel);
        channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                client.write(message);
                ctx.channel().config().setAutoRead(client.isWritable());
            }

            @Override
            public void channelReadComplete(ChannelHandlerContext ctx) {
                client.flush();
            }

            @Override
            public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                causes.add(event == ChannelInputShutdownEvent.INSTANCE ? "end" : "other");
            }
        });
        channel.config().setAutoRead(true);
        return channel;
    }

    private void under(String... policy) {
        meter.under(new RelayLimits(RelayPolicies.parse("policy", policy), List.of(), List.of()));
    }

    private void pass(Duration time) {
        long step = 5;
        for (long millis = 0; millis < time.toMillis(); millis += step) {
            clock.advance(step, TimeUnit.MILLISECONDS);
            client.runScheduledPendingTasks();
            client.runPendingTasks();
            target.runPendingTasks();
        }
    }

    @Test
    void aRateIsHeldSmoothlyAndTheTargetIsNotReadMeanwhile() {
        under("rate.from=100kb/s");
        target.writeInbound(RelayPair.bytes(131_072));
        assertThat(target.config().isAutoRead()).isFalse();
        assertThat(RelayPair.drain(client)).isEqualTo(6_000);
        for (int i = 0; i < 10; i++) {
            pass(Duration.ofMillis(100));
            assertThat(RelayPair.drain(client)).isBetween(7_500, 12_500);
        }
        target.config().setAutoRead(true);
        assertThat(target.config().isAutoRead())
                .as("the caller's autoRead does not override the throttle")
                .isFalse();
        pass(Duration.ofMillis(400));
        assertThat(target.config().isAutoRead()).isTrue();
        assertThat(meter.fromTarget()).isEqualTo(131_072);
    }

    @Test
    void aRateTowardsTheTargetMakesItLookFull() {
        under("rate.to=100kb/s");
        target.writeOutbound(RelayPair.bytes(50_000));
        assertThat(target.isWritable()).isFalse();
        int sent = RelayPair.drain(target);
        assertThat(sent).isEqualTo(6_000);
        pass(Duration.ofMillis(200));
        sent += RelayPair.drain(target);
        assertThat(sent).isBetween(22_000, 28_000);
        pass(Duration.ofMillis(300));
        assertThat(sent + RelayPair.drain(target)).isEqualTo(50_000);
        assertThat(target.isWritable()).isTrue();
    }

    @Test
    void oneTargetAfterTheOtherHasOneRate() {
        under("rate.from=100kb/s");
        target.writeInbound(RelayPair.bytes(6_000));
        assertThat(RelayPair.drain(client)).isEqualTo(6_000);
        target.close();
        target = watched();
        target.writeInbound(RelayPair.bytes(6_000));
        assertThat(RelayPair.drain(client))
                .as("no queued bytes leak to the next target")
                .isZero();
        pass(Duration.ofMillis(100));
        assertThat(RelayPair.drain(client)).isEqualTo(6_000);
    }

    @Test
    void theEndOfATargetWaitsForItsBytes() {
        under("rate.from=10kb/s");
        target.writeInbound(RelayPair.bytes(2_000));
        target.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        pass(Duration.ofMillis(100));
        assertThat(causes).isEmpty();
        pass(Duration.ofMillis(100));
        assertThat(RelayPair.drain(client)).isEqualTo(2_000);
        assertThat(causes).containsExactly("end");
    }

    @Test
    void nothingPilesUpForAClientThatDoesNotRead() {
        under("rate.from=1mb/s");
        client.config().setWriteBufferWaterMark(new WriteBufferWaterMark(10_000, 20_000));
        clientReads = false;
        target.writeInbound(RelayPair.bytes(131_072));
        pass(Duration.ofSeconds(1));
        assertThat(client.bytesBeforeWritable()).isBetween(10_000L, 70_000L);
        assertThat(target.config().isAutoRead()).isFalse();
        clientReads = true;
        client.flush();
        pass(Duration.ofSeconds(1));
        assertThat(RelayPair.drain(client)).isEqualTo(131_072);
        assertThat(target.config().isAutoRead()).isTrue();
    }

    @Test
    void whatIsHeldGoesWithItsTargetOrItsClient() {
        under("rate.from=1kb/s", "rate.to=1kb/s");
        ByteBuf in = RelayPair.bytes(10_000);
        ByteBuf out = RelayPair.bytes(10_000);
        target.writeInbound(in);
        target.writeOutbound(out);
        target = watched();
        RelayPair.drain(client);
        assertThat(in.refCnt()).isZero();
        ByteBuf next = RelayPair.bytes(10_000);
        target.writeInbound(next);
        meter.stop();
        RelayPair.drain(client);
        assertThat(next.refCnt()).isZero();
    }

    @Test
    void aRelayTakesOverWhatIsHeld() {
        under("rate.from=1kb/s", "rate.to=1kb/s");
        target.writeInbound(RelayPair.bytes(10_000));
        target.writeOutbound(RelayPair.bytes(10_000));
        meter.detach(target);
        assertThat(RelayPair.drain(client)).isEqualTo(10_000);
        assertThat(RelayPair.drain(target)).isEqualTo(10_000);
        assertThat(target.isWritable()).isTrue();
    }

    @Test
    void anotherSourceHasItsTurn() {
        FairLoop.Source other = fair.join("other");
        target.pipeline().fireChannelRead(RelayPair.bytes(FairLoop.SHARE));
        assertThat(target.config().isAutoRead()).isFalse();
        target.pipeline().fireChannelReadComplete();
        assertThat(RelayPair.drain(client)).isEqualTo(FairLoop.SHARE);
        pass(Duration.ofMillis(5));
        assertThat(target.config().isAutoRead()).isTrue();
        fair.leave(other);
    }

    @Test
    void writesNothingBeyondWhatItMayCarry() {
        under("bytes=100");
        target.writeOutbound(RelayPair.bytes(60));
        ByteBuf more = RelayPair.bytes(41);
        ChannelPromise promise = target.newPromise();
        target.writeAndFlush(more, promise);
        assertThat(promise.isSuccess()).isFalse();
        assertThat(more.refCnt()).isZero();
        assertThat(RelayPair.drain(target)).isEqualTo(60);
        assertThat(causes).containsExactly("BYTES: reached the limit of 100 bytes");
    }
}
