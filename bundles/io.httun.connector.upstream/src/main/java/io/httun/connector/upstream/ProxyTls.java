// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;

/** TLS with a proxy. Behind its handler nobody listens to the failure of a handshake, which its future has told already. */
@ChannelHandler.Sharable
final class ProxyTls extends ChannelInboundHandlerAdapter {
    private static final ProxyTls QUIET = new ProxyTls();

    private ProxyTls() {}

    /** Puts it on a channel that leads to the proxy; the time of the whole passage limits it. */
    static Future<Channel> begin(SslContext context, Channel channel, Proxy proxy) {
        SslHandler handler = context.newHandler(
                channel.alloc(), proxy.address().host(), proxy.address().port());
        handler.setHandshakeTimeoutMillis(0);
        channel.pipeline().addLast(handler, QUIET);
        return handler.handshakeFuture();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslHandshakeCompletionEvent end && end.isSuccess()) {
            context.pipeline().remove(this);
        }
        context.fireUserEventTriggered(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable told) {
        context.close();
    }
}
