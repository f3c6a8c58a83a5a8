// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import io.httun.api.cluster.NodeServer;
import io.httun.api.tunnel.EventLoops;
import io.httun.toolkit.listen.ListeningPort;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Takes requests that other members forward. Nothing of a stranger gets past the TLS handshake. */
final class ForwardPort implements AutoCloseable {
    private static final int HANDSHAKE_SECONDS = 3;
    /** As many members as there can be, twice, and strangers that fail their handshakes meanwhile. */
    private static final int MAX_CONNECTIONS = 1024;

    private final NodeServer server;
    private final ClusterTls tls;
    private final StrangerLog strangers;
    private final MemoryBudget budget;
    private final ForwardCounts counts;
    private final AtomicInteger open = new AtomicInteger();
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final ListeningPort port;

    ForwardPort(
            NodeServer server,
            EventLoops loops,
            ClusterTls tls,
            StrangerLog strangers,
            MemoryBudget budget,
            ForwardCounts counts) {
        this.server = server;
        this.tls = tls;
        this.strangers = strangers;
        this.budget = budget;
        this.counts = counts;
        this.port = new ListeningPort(
                "Cluster",
                loops,
                loops.group(),
                new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        accept(channel);
                    }
                },
                listening -> {});
    }

    void open(InetSocketAddress address) {
        port.open(new ListeningPort.Wanted(address, 0, "; or change forward.port"));
    }

    /** Why it does not listen; empty while it does. */
    String problem() {
        return port.problem();
    }

    private void accept(SocketChannel channel) {
        channel.closeFuture().addListener(closed -> open.decrementAndGet());
        if (open.incrementAndGet() > MAX_CONNECTIONS) {
            channel.close();
            return;
        }
        connections.add(channel);
        SslHandler handler = tls.server().newHandler(channel.alloc());
        handler.setHandshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS);
        channel.pipeline().addLast(handler, new Door());
    }

    /** Lets HTTP/2 begin when the other end has proved to be a member. */
    private final class Door extends ChannelInboundHandlerAdapter {
        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof SslHandshakeCompletionEvent end) {
                if (end.isSuccess()) {
                    ctx.pipeline().remove(this);
                    ForwardConnection.serve(ctx.channel(), new ChannelInitializer<Http2StreamChannel>() {
                        @Override
                        protected void initChannel(Http2StreamChannel stream) {
                            stream.pipeline().addLast(new NodeExchange(server, budget, counts));
                        }
                    });
                } else {
                    shutOut(ctx.channel(), end.cause());
                }
            }
        }

        private void shutOut(Channel channel, Throwable cause) {
            if (channel.remoteAddress() instanceof InetSocketAddress peer) {
                strangers.shutOut(peer.getAddress(), StrangerLog.reason(cause));
            }
            channel.close();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }

    /** The port is free when this returns, and what is under way has ended. Not to be called on an event loop. */
    @Override
    public void close() {
        port.close();
        connections.close().awaitUninterruptibly(HANDSHAKE_SECONDS, TimeUnit.SECONDS);
    }
}
