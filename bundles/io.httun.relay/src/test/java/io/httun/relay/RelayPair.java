// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.httun.toolkit.config.RelayPolicies;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Two channels that are not sockets, on one virtual clock, with a relay between them. */
final class RelayPair {
    final MockTicker clock;
    final ChannelInboundHandlerAdapter negotiation = new ChannelInboundHandlerAdapter();
    final EmbeddedChannel client;
    final EmbeddedChannel target;
    final List<String> causes = new ArrayList<>();
    final Relay relay;

    RelayPair() {
        this(Ticker.newMockTicker());
    }

    RelayPair(MockTicker clock) {
        this.clock = clock;
        client = EmbeddedChannel.builder().ticker(clock).handlers(negotiation).build();
        target = EmbeddedChannel.builder().ticker(clock).build();
        relay = new Relay(
                client,
                target,
                (cause, why) -> causes.add(cause + ": " + why),
                new FairLoop(client.eventLoop()),
                "",
                clock.nanoTime());
    }

    RelayPair under(String... policy) {
        relay.under(new RelayLimits(RelayPolicies.parse("policy", policy), List.of(), List.of()));
        return this;
    }

    RelayPair start() {
        relay.start(negotiation, List.of(), false);
        return this;
    }

    /** Advances the clock in small steps, running the event loops at each. */
    void pass(Duration time) {
        long step = 5;
        for (long millis = 0; millis < time.toMillis(); millis += step) {
            clock.advance(Math.min(step, time.toMillis() - millis), TimeUnit.MILLISECONDS);
            run();
        }
    }

    void run() {
        client.runScheduledPendingTasks();
        target.runScheduledPendingTasks();
        client.runPendingTasks();
    }

    static ByteBuf bytes(int length) {
        return Unpooled.wrappedBuffer(new byte[length]);
    }

    /** Returns the bytes written to a channel since the last call. */
    static int drain(EmbeddedChannel channel) {
        int length = 0;
        for (ByteBuf buffer = channel.readOutbound(); buffer != null; buffer = channel.readOutbound()) {
            length += buffer.readableBytes();
            buffer.release();
        }
        return length;
    }
}
