// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.target.RefusedException.Cause;
import io.httun.api.tunnel.BulkSockets;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.Future;

/** Nothing to negotiate: every client gets the same target, or a reset. */
final class FixedNegotiation extends Negotiation {
    private final PortSettings settings;

    FixedNegotiation(Client client, PortSettings settings) {
        super(client);
        this.settings = settings;
    }

    @Override
    void begin(ChannelHandlerContext ctx) {
        request(ctx, settings.target());
    }

    @Override
    void message(ChannelHandlerContext ctx, Object message) {
        throw new IllegalStateException("no codec, no message");
    }

    @Override
    Future<?> prepare(Channel target) {
        return settings.targetTls().isEmpty()
                ? super.prepare(target)
                : settings.targetTls().get().start(target);
    }

    @Override
    void writeAccepted(ChannelHandlerContext ctx) {
        // There is nothing that the client waits for.
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
