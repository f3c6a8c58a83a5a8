// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Reads the PROXY protocol header, which names the client behind a proxy. */
final class ProxyHeader extends ChannelInboundHandlerAdapter {
    private final int seconds;
    private final String peer;
    private final BiConsumer<Channel, String> next;
    private final Consumer<Channel> refuse;
    private Future<?> limit;

    /**
     * @param peer the proxy's own address, for its own connections such as health checks
     * @param next receives the channel and its source
     * @param refuse receives the channel if the header is malformed or late
     */
    ProxyHeader(int seconds, String peer, BiConsumer<Channel, String> next, Consumer<Channel> refuse) {
        this.seconds = seconds;
        this.peer = peer;
        this.next = next;
        this.refuse = refuse;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        limit = ctx.executor().schedule(() -> refuse.accept(ctx.channel()), seconds, TimeUnit.SECONDS);
        ctx.channel().config().setAutoRead(true);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (message instanceof HAProxyMessage header) {
                limit.cancel(false);
                ctx.channel().config().setAutoRead(false);
                boolean own = header.command() == HAProxyCommand.LOCAL || header.sourceAddress() == null;
                next.accept(ctx.channel(), own ? peer : header.sourceAddress());
                ctx.pipeline().remove(this);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            ctx.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable failure) {
        refuse.accept(ctx.channel());
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (limit != null) {
            limit.cancel(false);
        }
    }
}
