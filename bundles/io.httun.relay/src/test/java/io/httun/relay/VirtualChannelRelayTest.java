// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A target whose channel is not a socket, as the tunnel's. */
class VirtualChannelRelayTest {
    private final ChannelInboundHandlerAdapter negotiation = new ChannelInboundHandlerAdapter();
    private final EmbeddedChannel client = new EmbeddedChannel(negotiation);
    private final EmbeddedChannel target = new EmbeddedChannel();
    private final List<String> causes = new ArrayList<>();
    private final Relay relay = new Relay(
            client, target, (cause, why) -> causes.add(cause + ": " + why), new FairLoop(client.eventLoop()), "", 0);

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
    }

    private static String text(EmbeddedChannel channel) {
        ByteBuf buffer = channel.readOutbound();
        try {
            return buffer.toString(StandardCharsets.US_ASCII);
        } finally {
            buffer.release();
        }
    }

    @Test
    void sendsWhatTheClientHasSaidAlready() {
        relay.start(negotiation, List.of(bytes("early")), false);
        assertThat(text(target)).isEqualTo("early");
        client.writeInbound(bytes("later"));
        assertThat(text(target)).isEqualTo("later");
        assertThat(relay.client().bytes()).isEqualTo(10);
    }

    @Test
    void aCloseWithoutAnExceptionIsTheEnd() {
        relay.start(negotiation, List.of(), false);
        target.writeInbound(bytes("all"));
        target.close();
        assertThat(text(client)).isEqualTo("all");
        client.runPendingTasks();
        assertThat(client.isOpen()).isFalse();
        assertThat(causes).containsExactly("COMPLETE: closed");
    }

    @Test
    void anExceptionIsAFailureOfBoth() {
        relay.start(negotiation, List.of(), false);
        target.pipeline().fireExceptionCaught(new IOException("session lost"));
        assertThat(client.isOpen()).isFalse();
        assertThat(target.isOpen()).isFalse();
        assertThat(causes).containsExactly("TARGET_FAILED: the target's side failed: session lost");
    }

    @Test
    void aTargetThatHasGoneAlreadyTakesNothing() {
        target.close();
        ByteBuf early = bytes("early");
        relay.start(negotiation, List.of(early), false);
        assertThat(early.refCnt()).isZero();
        assertThat(client.isOpen()).isFalse();
        assertThat(causes).containsExactly("TARGET_FAILED: the target closed the connection immediately");
    }

    @Test
    void whatIsLeftForATargetThatTakesNothingIsGivenUpInTheEnd() {
        StuckChannel stuck = new StuckChannel();
        Relay toStuck = new Relay(
                client, stuck, (cause, why) -> causes.add(cause + ": " + why), new FairLoop(client.eventLoop()), "", 0);
        toStuck.start(negotiation, List.of(bytes("tail"), bytes("of it")), false);
        client.close();
        pass(stuck, 14);
        stuck.taken = 1;
        stuck.flush();
        pass(stuck, 2);
        assertThat(stuck.isOpen()).as("after some progress").isTrue();
        pass(stuck, 14);
        assertThat(stuck.isOpen()).isTrue();
        pass(stuck, 2);
        assertThat(stuck.isOpen()).isFalse();
    }

    private static void pass(EmbeddedChannel channel, int minutes) {
        channel.advanceTimeBy(minutes, TimeUnit.MINUTES);
        channel.runScheduledPendingTasks();
    }

    /** Accepts a given number of written messages. */
    private static final class StuckChannel extends EmbeddedChannel {
        private int taken;

        @Override
        protected void doWrite(ChannelOutboundBuffer in) {
            for (; taken > 0; taken--) {
                in.remove();
            }
        }
    }
}
