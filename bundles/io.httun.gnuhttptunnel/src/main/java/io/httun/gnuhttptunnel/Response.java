// SPDX-License-Identifier: Apache-2.0
package io.httun.gnuhttptunnel;

import io.httun.toolkit.tunnel.BulkSockets;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;

/** One of a client tunnel's TCP connections, and the response that comes on it. */
final class Response extends ChannelInboundHandlerAdapter {
    private final GnuHttptunnelClientTunnel tunnel;
    private final Channel channel;
    private boolean dropping;

    Response(GnuHttptunnelClientTunnel tunnel, Channel channel) {
        this.tunnel = tunnel;
        this.channel = channel;
        HttpDecoderConfig large = new HttpDecoderConfig().setMaxChunkSize(BulkSockets.READ_BYTES);
        channel.pipeline().addLast(new HttpResponseDecoder(large), this);
        channel.config().setAutoRead(true);
    }

    void pause() {
        channel.config().setAutoRead(false);
    }

    void resume() {
        channel.config().setAutoRead(true);
    }

    void close() {
        dropping = true;
        channel.close();
    }

    /** Nothing that comes matters any more; what goes out does. */
    void drop() {
        dropping = true;
        Farewell.to(channel);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (dropping) {
                return;
            }
            if (message instanceof HttpResponse head) {
                tunnel.head(this, head);
            }
            if (message instanceof HttpContent content) {
                tunnel.content(this, content.content());
            }
            if (message instanceof LastHttpContent) {
                tunnel.gone(this);
            }
        } catch (GnuFrameException e) {
            tunnel.malformed(e);
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (channel.isWritable()) {
            tunnel.writable(this);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            channel.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (!dropping) {
            tunnel.gone(this);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable failure) {
        channel.close();
    }
}
