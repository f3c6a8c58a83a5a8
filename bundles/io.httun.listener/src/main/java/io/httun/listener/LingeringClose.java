// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.relay.OutputEnd;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Closes a channel whose peer has not yet read the answer (RFC 9112 section 9.6). A socket that is closed with unread
 * input is reset, and the reset can overtake the answer. Therefore the output ends first, and the input is read and
 * discarded until it ends too.
 */
final class LingeringClose extends ChannelInboundHandlerAdapter {
    /** A client on a slow line may send for this long before it reads the answer; the value of lighttpd and nginx. */
    static final int MAX_SECONDS = 30;
    /** A peer that is silent for this long has read the answer or is gone; nginx's lingering_timeout. */
    static final int IDLE_SECONDS = 5;

    private Future<?> limit;
    private Future<?> idle;

    /**
     * @param before handler in front of which the input is discarded
     * @param answer completes when the answer is written
     * @param inputEnded whether the peer has ended its output, asked when the answer is written
     */
    static void after(Future<?> answer, ChannelHandlerContext before, BooleanSupplier inputEnded) {
        answer.addListener(written -> {
            Channel channel = before.channel();
            if (inputEnded.getAsBoolean() || !written.isSuccess()) {
                channel.close();
            } else if (channel.isOpen()) {
                before.pipeline().addBefore(before.name(), null, new LingeringClose());
                endOutput(channel);
                channel.config().setAutoRead(true);
            }
        });
    }

    /** Ends the output after all earlier writes, and leaves the input open. */
    static void endOutput(Channel channel) {
        OutputEnd end = channel.attr(OutputEnd.KEY).get();
        if (end != null) {
            end.end(channel);
        } else if (channel instanceof SocketChannel socket) {
            socket.shutdownOutput();
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        limit = closeAfter(ctx, MAX_SECONDS);
        idle = closeAfter(ctx, IDLE_SECONDS);
    }

    private static Future<?> closeAfter(ChannelHandlerContext ctx, int seconds) {
        return ctx.executor().schedule(() -> ctx.channel().close(), seconds, TimeUnit.SECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ReferenceCountUtil.release(message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (idle.cancel(false)) {
            idle = closeAfter(ctx, IDLE_SECONDS);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            ctx.close();
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        limit.cancel(false);
        idle.cancel(false);
        ctx.fireChannelInactive();
    }
}
