// SPDX-License-Identifier: Apache-2.0
package io.httun.erltunnel;

import io.httun.toolkit.carried.Carriage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** One TCP connection of a client's, a request at a time. It is not closed after a response, which a stock client would not survive. */
final class ServerLink extends ChannelInboundHandlerAdapter {
    private final ErltunnelVisitors tunnels;
    private final SocketChannel channel;
    private Future<?> limit;
    private ErltunnelServerTunnel tunnel;
    private boolean busy;

    ServerLink(ErltunnelVisitors tunnels, SocketChannel channel) {
        this.tunnels = tunnels;
        this.channel = channel;
    }

    SocketChannel channel() {
        return channel;
    }

    /** As {@link Carriage#unsent}. */
    long unsent() {
        return Carriage.unsentOn(channel);
    }

    boolean isOpen() {
        return channel.isOpen();
    }

    ByteBufAllocator alloc() {
        return channel.alloc();
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        channel.config().setAutoRead(true);
        rest();
    }

    /** A connection without a request may stay as long as a tunnel may. */
    private void rest() {
        long seconds = tunnels.settings().idleSeconds() * (tunnel == null ? 1 : ErltunnelServerTunnel.CONNECTED);
        limit = channel.eventLoop().schedule(this::drop, seconds, TimeUnit.SECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            FullHttpRequest request = (FullHttpRequest) message;
            if (busy || request.decoderResult().isFailure()) {
                tunnels.refused("malformed request");
                drop();
                return;
            }
            busy = true;
            limit.cancel(false);
            channel.config().setAutoRead(false);
            tunnels.take(this, Terms.read(request.content()));
        } catch (TermException e) {
            tunnels.refused("malformed term");
            drop();
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    /** Whose messages come here at the moment. */
    void of(ErltunnelServerTunnel owner) {
        tunnel = owner;
    }

    /**
     * Answers the request that is here.
     *
     * @param term ownership passes
     * @param last whether the tunnel ends with it, and the connection too
     */
    void answer(ByteBuf term, boolean last) {
        busy = false;
        // In these letters: a stock client looks for no others.
        String head = "HTTP/1.1 200 OK\r\nContent-Length: " + term.readableBytes() + "\r\n\r\n";
        channel.write(ByteBufUtil.writeAscii(channel.alloc(), head));
        channel.writeAndFlush(term)
                .addListener(last ? ChannelFutureListener.CLOSE : ChannelFutureListener.CLOSE_ON_FAILURE);
        if (!last) {
            rest();
            channel.config().setAutoRead(true);
        }
    }

    /** Without an answer. */
    void drop() {
        channel.close();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            channel.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (limit != null) {
            limit.cancel(false);
        }
        if (tunnel != null) {
            tunnel.gone(this);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable failure) {
        channel.close();
    }
}
