// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.httun.api.relay.EndCause;
import io.httun.api.relay.RelayPolicy;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.concurrent.EventExecutor;
import java.util.function.BiConsumer;

/**
 * Counts what targets carry that a negotiation speaks with itself, one after the other, and holds them to the policy. On the
 * connection's event loop; counts are read on any thread.
 */
final class Meter implements Supervision.Supervised {
    private static final String NAME = "meter";

    private final BiConsumer<EndCause, String> end;
    private final Supervision supervision;
    private long bytesMax = Long.MAX_VALUE;
    private volatile long toTarget;
    private volatile long fromTarget;
    private volatile long readsToTarget;
    private volatile long readsFromTarget;

    /** @param end ends the connection */
    Meter(EventExecutor loop, long acceptedNanos, BiConsumer<EndCause, String> end) {
        this.end = end;
        this.supervision = new Supervision(this, loop, acceptedNanos);
    }

    void under(RelayPolicy policy) {
        bytesMax = policy.bytesMax() == 0 ? Long.MAX_VALUE : policy.bytesMax();
        supervision.under(policy);
    }

    void attach(Channel target) {
        target.pipeline().addLast(NAME, new Counter());
    }

    void detach(Channel target) {
        if (target.pipeline().get(NAME) != null) {
            target.pipeline().remove(NAME);
        }
    }

    void stop() {
        supervision.stop();
    }

    long toTarget() {
        return toTarget;
    }

    long fromTarget() {
        return fromTarget;
    }

    long readsToTarget() {
        return readsToTarget;
    }

    long readsFromTarget() {
        return readsFromTarget;
    }

    @Override
    public long bytes() {
        return toTarget + fromTarget;
    }

    @Override
    public void fail(EndCause cause, String why) {
        supervision.stop();
        end.accept(cause, why);
    }

    private void check() {
        if (bytes() > bytesMax) {
            fail(EndCause.BYTES, Relay.tooMuch(bytesMax));
        }
    }

    private final class Counter extends ChannelDuplexHandler {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof ByteBuf bytes) {
                fromTarget += bytes.readableBytes();
                readsFromTarget++;
                check();
            }
            ctx.fireChannelRead(message);
        }

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            if (message instanceof ByteBuf bytes && bytes.isReadable()) {
                toTarget += bytes.readableBytes();
                readsToTarget++;
                check();
            }
            ctx.write(message, promise);
        }
    }
}
