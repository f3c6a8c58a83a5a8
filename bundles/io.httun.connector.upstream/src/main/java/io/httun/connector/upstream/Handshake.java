// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Target;
import io.httun.connector.upstream.ProxyException.Fault;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.NetUtil;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Promise;

/**
 * Asks one proxy for a connection to the next proxy or to the target. At its end the codecs are removed, and their
 * unread bytes are passed on through the pipeline.
 */
abstract class Handshake extends ChannelInboundHandlerAdapter {
    private final UpstreamProxy proxy;
    private final Target next;
    private final Promise<Void> done;
    private ChannelHandler encoder;
    private ChannelHandler decoder;

    Handshake(UpstreamProxy proxy, Target next, Promise<Void> done) {
        this.proxy = proxy;
        this.next = next;
        this.done = done;
    }

    abstract void begin(ChannelHandlerContext context);

    /** @param message released afterwards */
    abstract void received(ChannelHandlerContext context, Object message);

    UpstreamProxy proxy() {
        return proxy;
    }

    /** The host to ask for: a checked address rather than a name, which the proxy could resolve differently. */
    String nextHost() {
        return next.addresses().isEmpty() || next.isLiteral()
                ? next.host()
                : NetUtil.toAddressString(next.addresses().get(0));
    }

    Target next() {
        return next;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        begin(context);
    }

    /** Replaces the decoder for the following bytes. */
    final void decode(ChannelHandlerContext context, ChannelHandler with) {
        ChannelHandler old = decoder;
        decoder = with;
        context.pipeline().addBefore(context.name(), null, with);
        if (old != null) {
            context.pipeline().remove(old);
        }
    }

    final void encode(ChannelHandlerContext context, ChannelHandler with) {
        encoder = with;
        context.pipeline().addBefore(context.name(), null, with);
    }

    final void succeed(ChannelHandlerContext context) {
        if (!done.trySuccess(null)) {
            return;
        }
        remove(context, this);
        remove(context, encoder);
        remove(context, decoder);
    }

    private static void remove(ChannelHandlerContext context, ChannelHandler handler) {
        Channel channel = context.channel();
        if (handler != null && channel.pipeline().context(handler) != null) {
            channel.pipeline().remove(handler);
        }
    }

    final void fail(ChannelHandlerContext context, Fault fault, Cause cause, String why) {
        if (done.tryFailure(new ProxyException(fault, cause, why))) {
            context.close();
        }
    }

    final void broken(ChannelHandlerContext context, String why) {
        fail(context, Fault.PROXY, Cause.UNAVAILABLE, proxy + " " + why);
    }

    @Override
    public final void channelRead(ChannelHandlerContext context, Object message) {
        try {
            if (!done.isDone()) {
                received(context, message);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            broken(context, "closed the connection without an answer");
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        broken(context, "closed the connection without an answer");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        broken(context, "failed: " + cause.getMessage());
    }
}
