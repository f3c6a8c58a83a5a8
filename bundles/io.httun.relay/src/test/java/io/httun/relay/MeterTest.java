// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.relay.RelayPolicy;
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

/** Targets that a negotiation speaks with itself, held to a policy in virtual time. */
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

    /** Like a forwarder: it reads the target while the client can be written. */
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
        meter.under(new Limits(RelayPolicy.parse("policy", policy), List.of(), List.of()));
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
        target.writeInbound(Pair.bytes(131_072));
        assertThat(target.config().isAutoRead()).isFalse();
        assertThat(Pair.drain(client)).isEqualTo(6_000);
        for (int i = 0; i < 10; i++) {
            pass(Duration.ofMillis(100));
            assertThat(Pair.drain(client)).isBetween(7_500, 12_500);
        }
        target.config().setAutoRead(true);
        assertThat(target.config().isAutoRead())
                .as("it is not for the caller to say")
                .isFalse();
        pass(Duration.ofMillis(400));
        assertThat(target.config().isAutoRead()).isTrue();
        assertThat(meter.fromTarget()).isEqualTo(131_072);
    }

    @Test
    void aRateTowardsTheTargetMakesItLookFull() {
        under("rate.to=100kb/s");
        target.writeOutbound(Pair.bytes(50_000));
        assertThat(target.isWritable()).isFalse();
        int sent = Pair.drain(target);
        assertThat(sent).isEqualTo(6_000);
        pass(Duration.ofMillis(200));
        sent += Pair.drain(target);
        assertThat(sent).isBetween(22_000, 28_000);
        pass(Duration.ofMillis(300));
        assertThat(sent + Pair.drain(target)).isEqualTo(50_000);
        assertThat(target.isWritable()).isTrue();
    }

    @Test
    void oneTargetAfterTheOtherHasOneRate() {
        under("rate.from=100kb/s");
        target.writeInbound(Pair.bytes(6_000));
        assertThat(Pair.drain(client)).isEqualTo(6_000);
        target.close();
        target = watched();
        target.writeInbound(Pair.bytes(6_000));
        assertThat(Pair.drain(client)).as("nothing is left for another one").isZero();
        pass(Duration.ofMillis(100));
        assertThat(Pair.drain(client)).isEqualTo(6_000);
    }

    @Test
    void theEndOfATargetWaitsForItsBytes() {
        under("rate.from=10kb/s");
        target.writeInbound(Pair.bytes(2_000));
        target.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        pass(Duration.ofMillis(100));
        assertThat(causes).isEmpty();
        pass(Duration.ofMillis(100));
        assertThat(Pair.drain(client)).isEqualTo(2_000);
        assertThat(causes).containsExactly("end");
    }

    @Test
    void nothingPilesUpForAClientThatDoesNotRead() {
        under("rate.from=1mb/s");
        client.config().setWriteBufferWaterMark(new WriteBufferWaterMark(10_000, 20_000));
        clientReads = false;
        target.writeInbound(Pair.bytes(131_072));
        pass(Duration.ofSeconds(1));
        assertThat(client.bytesBeforeWritable()).isBetween(10_000L, 70_000L);
        assertThat(target.config().isAutoRead()).isFalse();
        clientReads = true;
        client.flush();
        pass(Duration.ofSeconds(1));
        assertThat(Pair.drain(client)).isEqualTo(131_072);
        assertThat(target.config().isAutoRead()).isTrue();
    }

    @Test
    void whatIsHeldGoesWithItsTargetOrItsClient() {
        under("rate.from=1kb/s", "rate.to=1kb/s");
        ByteBuf in = Pair.bytes(10_000);
        ByteBuf out = Pair.bytes(10_000);
        target.writeInbound(in);
        target.writeOutbound(out);
        target = watched();
        Pair.drain(client);
        assertThat(in.refCnt()).isZero();
        ByteBuf next = Pair.bytes(10_000);
        target.writeInbound(next);
        meter.stop();
        Pair.drain(client);
        assertThat(next.refCnt()).isZero();
    }

    @Test
    void aRelayTakesOverWhatIsHeld() {
        under("rate.from=1kb/s", "rate.to=1kb/s");
        target.writeInbound(Pair.bytes(10_000));
        target.writeOutbound(Pair.bytes(10_000));
        meter.detach(target);
        assertThat(Pair.drain(client)).isEqualTo(10_000);
        assertThat(Pair.drain(target)).isEqualTo(10_000);
        assertThat(target.isWritable()).isTrue();
    }

    @Test
    void anotherSourceHasItsTurn() {
        FairLoop.Source other = fair.join("other");
        target.pipeline().fireChannelRead(Pair.bytes(FairLoop.SHARE));
        assertThat(target.config().isAutoRead()).isFalse();
        target.pipeline().fireChannelReadComplete();
        assertThat(Pair.drain(client)).isEqualTo(FairLoop.SHARE);
        pass(Duration.ofMillis(5));
        assertThat(target.config().isAutoRead()).isTrue();
        fair.leave(other);
    }

    @Test
    void writesNothingBeyondWhatItMayCarry() {
        under("bytes=100");
        target.writeOutbound(Pair.bytes(60));
        ByteBuf more = Pair.bytes(41);
        ChannelPromise promise = target.newPromise();
        target.writeAndFlush(more, promise);
        assertThat(promise.isSuccess()).isFalse();
        assertThat(more.refCnt()).isZero();
        assertThat(Pair.drain(target)).isEqualTo(60);
        assertThat(causes).containsExactly("BYTES: carried the 100 bytes that it may");
    }
}
