// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.target.RefusedException.Cause;
import io.httun.toolkit.tunnel.BulkSockets;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.Future;

/** No negotiation: every client gets the same target, or a reset. */
final class FixedNegotiation extends Negotiation {
    private final PortSettings settings;

    FixedNegotiation(ListenerClient client, PortSettings settings) {
        super(client);
        this.settings = settings;
    }

    @Override
    void begin(ChannelHandlerContext ctx) {
        request(ctx, settings.target());
    }

    @Override
    void message(ChannelHandlerContext ctx, Object message) {
        throw new IllegalStateException("a message without a codec");
    }

    @Override
    Future<?> prepare(Channel target) {
        return settings.targetTls().isEmpty()
                ? super.prepare(target)
                : settings.targetTls().get().start(target, settings.targetTlsName());
    }

    @Override
    void writeAccepted(ChannelHandlerContext ctx) {
        // The protocol has no success message.
    }

    @Override
    Future<?> writeRefused(ChannelHandlerContext ctx, Cause cause) {
        return BulkSockets.reset(ctx.channel());
    }

    @Override
    Future<?> writeLate(ChannelHandlerContext ctx) {
        return BulkSockets.reset(ctx.channel());
    }
}
