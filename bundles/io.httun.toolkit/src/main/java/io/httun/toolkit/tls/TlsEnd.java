// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.tls;

import io.httun.api.relay.OutputEnd;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import javax.net.ssl.SSLException;

/**
 * Stands behind an {@link SslHandler} and gives TLS the ends of a socket: a {@code close_notify} ends one direction, and a
 * socket that ends without it has failed, lest a cut-off stream is taken for everything.
 */
public final class TlsEnd extends ChannelInboundHandlerAdapter implements OutputEnd {
    private final SslHandler tls;

    /** How the output of what carries TLS ends, such as another TLS; null where that is a socket. */
    private final OutputEnd below;

    private boolean ended;

    private TlsEnd(SslHandler tls, OutputEnd below) {
        this.tls = tls;
        this.below = below;
    }

    /** To be called before there is any handler that wants to see plain bytes. */
    public static void install(Channel channel, SslHandler tls) {
        TlsEnd end = new TlsEnd(tls, channel.attr(OutputEnd.KEY).get());
        channel.pipeline().addLast(tls, end);
        channel.attr(OutputEnd.KEY).set(end);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslCloseCompletionEvent close && close.isSuccess()) {
            if (!ended) {
                ended = true;
                ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
            }
        } else if (event instanceof ChannelInputShutdownEvent) {
            if (!ended && tls.handshakeFuture().isSuccess()) {
                ctx.fireExceptionCaught(new SSLException("the connection ended without a close_notify"));
            } else if (!ended) {
                ctx.close();
            }
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    @Override
    public Future<?> end(Channel channel) {
        Promise<Void> done = channel.eventLoop().newPromise();
        tls.closeOutbound().addListener(told -> endBelow(channel).addListener(end -> {
            if (end.isSuccess()) {
                done.trySuccess(null);
            } else {
                done.tryFailure(end.cause());
            }
        }));
        return done;
    }

    private Future<?> endBelow(Channel channel) {
        if (below != null) {
            return below.end(channel);
        }
        return channel instanceof DuplexChannel duplex ? duplex.shutdownOutput() : channel.close();
    }
}
