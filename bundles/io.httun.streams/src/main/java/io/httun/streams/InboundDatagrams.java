// SPDX-License-Identifier: Apache-2.0
package io.httun.streams;

import io.httun.api.relay.RelayConnection;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Target;
import io.httun.toolkit.datagram.TargetDatagrams;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import java.net.InetSocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A stream of datagrams at the server, behind {@link Capsules}. It is not read before the target is there. */
final class InboundDatagrams extends ChannelInboundHandlerAdapter implements TargetDatagrams.Receiver {
    private static final Logger LOG = LoggerFactory.getLogger(InboundDatagrams.class);

    private final RelayConnection connection;
    private final Target target;
    private ChannelHandlerContext context;
    private TargetDatagrams datagrams;

    InboundDatagrams(RelayConnection connection, Target target) {
        this.connection = connection;
        this.target = target;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        datagrams = new TargetDatagrams(connection, ctx.channel(), this);
        datagrams.open(target);
    }

    @Override
    public void opened(InetSocketAddress address) {
        context.writeAndFlush(new DefaultHttp2HeadersFrame(StreamAnswer.connected(address)));
        context.channel().config().setAutoRead(true);
    }

    @Override
    public void refused(Cause cause) {
        StreamAnswer.last(context, StreamAnswer.refused(cause));
    }

    @Override
    public void received(ByteBuf datagram) {
        if (context.channel().isWritable()) {
            context.write(Capsules.datagram(context.alloc(), datagram));
        } else {
            datagram.release();
        }
    }

    @Override
    public void receiveComplete() {
        context.flush();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        datagrams.send((ByteBuf) message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        datagrams.flush();
    }

    /** Nobody can half-close datagrams. */
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            ctx.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable failure) {
        LOG.debug("A stream of datagrams ends", failure);
        ctx.close();
    }
}
