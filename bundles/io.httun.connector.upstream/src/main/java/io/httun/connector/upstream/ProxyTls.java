// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import io.httun.api.HttunException;
import io.httun.api.config.CertificatePins;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;

/** TLS with a proxy. Behind its handler nobody listens to the failure of a handshake, which its future has told already. */
@ChannelHandler.Sharable
final class ProxyTls extends ChannelInboundHandlerAdapter {
    private static final ProxyTls QUIET = new ProxyTls();

    private ProxyTls() {}

    /** Puts it on a channel that leads to the proxy, who must prove itself; the time of the whole passage limits it. */
    static Future<Channel> begin(SslContext context, CertificatePins pins, Channel channel, Proxy proxy) {
        SslHandler handler = context.newHandler(
                channel.alloc(), proxy.address().host(), proxy.address().port());
        handler.setHandshakeTimeoutMillis(0);
        channel.pipeline().addLast(handler, QUIET);
        Promise<Channel> proved = channel.eventLoop().newPromise();
        handler.handshakeFuture().addListener(shaken -> {
            try {
                if (shaken.isSuccess()) {
                    pins.check(handler.engine().getSession());
                    proved.setSuccess(channel);
                } else {
                    proved.setFailure(shaken.cause());
                }
            } catch (HttunException e) {
                proved.setFailure(e);
            }
        });
        return proved;
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
