// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.timeout.IdleState;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Closes a connection whose other end does not even answer pings, while somebody waits for it: with slow data there are some bytes in between. */
final class LinkWatch extends IdleStateHandler {
    private static final int QUIET_SECONDS = 2;
    /** After 6 s, which is when membership gives a hanging member up, too. */
    private static final int MAX_PINGS = 2;

    private final BooleanSupplier used;
    private int pings;

    LinkWatch(BooleanSupplier used) {
        super(QUIET_SECONDS, 0, 0, TimeUnit.SECONDS);
        this.used = used;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        pings = 0;
        super.channelRead(ctx, message);
    }

    @Override
    protected void channelIdle(ChannelHandlerContext ctx, IdleStateEvent event) {
        if (event.state() != IdleState.READER_IDLE || !used.getAsBoolean()) {
            pings = 0;
        } else if (pings++ < MAX_PINGS) {
            ctx.channel().writeAndFlush(new DefaultHttp2PingFrame(pings));
        } else {
            ctx.close();
        }
    }
}
