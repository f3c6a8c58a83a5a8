// SPDX-License-Identifier: Apache-2.0
package io.httun.streams;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2PingFrame;
import io.netty.util.ReferenceCountUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Last handler of a pipe: what concerns the pipe as a whole. */
final class PipeWatch extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(PipeWatch.class);

    private final RoundTrip roundTrip;
    private final Runnable goAway;

    /** @param goAway called when the peer wants no more streams in this pipe */
    PipeWatch(RoundTrip roundTrip, Runnable goAway) {
        this.roundTrip = roundTrip;
        this.goAway = goAway;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        roundTrip.start(ctx);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof Http2GoAwayFrame) {
            goAway.run();
        } else if (message instanceof Http2PingFrame ping) {
            roundTrip.answered(ping);
        }
        ReferenceCountUtil.release(message);
    }

    /** A pipe has no use for half of itself. */
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            ctx.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable failure) {
        LOG.debug("A pipe ends", failure);
        ctx.close();
    }
}
