// SPDX-License-Identifier: Apache-2.0
package io.httun.gnuhttptunnel;

import io.httun.toolkit.tunnel.BulkSockets;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** One TCP connection of a client's: until its request is understood, then as a tunnel's POST or GET. */
final class RequestLink extends ChannelInboundHandlerAdapter {
    private final GnuHttptunnelVisitors tunnels;
    private final SocketChannel channel;
    private final Future<?> limit;
    private ByteBuf early = Unpooled.EMPTY_BUFFER;
    private RequestHead head;
    private GnuHttptunnelServerTunnel tunnel;
    private boolean dropping;
    private boolean ended;

    RequestLink(GnuHttptunnelVisitors tunnels, SocketChannel channel) {
        this.tunnels = tunnels;
        this.channel = channel;
        this.limit =
                channel.eventLoop().schedule(this::tooLate, tunnels.settings().pairSeconds(), TimeUnit.SECONDS);
    }

    Channel channel() {
        return channel;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        channel.config().setAutoRead(true);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (dropping) {
            bytes.release();
        } else if (tunnel != null && tunnel.wants(this) && !early.isReadable()) {
            hand(bytes);
        } else {
            // Also what comes unasked with a client's end, while the tunnel is not open yet or is full.
            early = early.isReadable()
                    ? early.writeBytes(bytes)
                    : ctx.alloc().buffer().writeBytes(bytes);
            bytes.release();
            if (tunnel == null) {
                begin();
            }
        }
    }

    private void begin() {
        try {
            if (head == null) {
                head = RequestHead.read(early);
            }
        } catch (GnuFrameException e) {
            tunnels.refused("malformed request");
            close();
            return;
        }
        if (!early.isReadable()) {
            releaseEarly();
        }
        if (head == null || !head.get() && !early.isReadable()) {
            return;
        }
        pause();
        limit.cancel(false);
        tunnel = tunnels.take(this, head, head.get() ? -1 : early.getUnsignedByte(early.readerIndex()));
        if (tunnel == null) {
            close();
        } else if (head.get()) {
            // Nothing comes but its end.
            releaseEarly();
            dropping = true;
            channel.config().setAutoRead(true);
        } else {
            resume();
        }
    }

    private void hand(ByteBuf bytes) {
        try {
            tunnel.read(this, bytes);
        } catch (GnuFrameException e) {
            tunnels.refused("malformed frame");
            tunnel.fail(e.getMessage());
        } finally {
            bytes.release();
        }
    }

    /** A POST reads on when its tunnel wants it, first what has come with the head. */
    void resume() {
        if (tunnel == null || !tunnel.wants(this)) {
            return;
        }
        if (early.isReadable()) {
            ByteBuf first = early;
            early = Unpooled.EMPTY_BUFFER;
            hand(first);
            if (ended) {
                ended();
            }
        }
        channel.config().setAutoRead(tunnel.wants(this));
    }

    void pause() {
        channel.config().setAutoRead(false);
    }

    private void tooLate() {
        tunnels.refused("too slow to say what it wants");
        close();
    }

    private void close() {
        releaseEarly();
        dropping = true;
        channel.close();
    }

    /** Nothing that comes matters any more; what goes out does. */
    void drop() {
        dropping = true;
        releaseEarly();
        Farewell.to(channel);
    }

    private void releaseEarly() {
        early.release();
        early = Unpooled.EMPTY_BUFFER;
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (tunnel != null && channel.isWritable()) {
            tunnel.writable(this);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            ended();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        limit.cancel(false);
        releaseEarly();
        ended();
    }

    /** Nothing more comes; a client has no reason to end its output before it ends the tunnel. */
    private void ended() {
        ended = true;
        if (tunnel != null && early.isReadable()) {
            return;
        }
        if (tunnel != null) {
            tunnel.gone(this);
        }
        channel.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable failure) {
        BulkSockets.reset(channel);
    }
}
