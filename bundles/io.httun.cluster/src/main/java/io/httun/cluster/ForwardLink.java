// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import io.httun.api.tunnel.EventLoops;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.ssl.SslHandler;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** The connection to one other member, made when there is something to forward, and kept. Confined to one event loop but for {@link #send}. */
final class ForwardLink {
    /** In one data centre. */
    private static final int CONNECT_MILLIS = 2000;

    /** Half of what the other end takes; beyond it clients are to come again. */
    private static final int MAX_CALLS = ForwardConnection.MAX_STREAMS / 2;

    private final EventLoop loop;
    private final InetSocketAddress address;
    private final Bootstrap bootstrap;
    private final Set<LinkCall> calls = new HashSet<>();
    private final List<LinkCall> waiting = new ArrayList<>();
    private Channel connection;
    private boolean connecting;
    private boolean closed;

    ForwardLink(EventLoops loops, ClusterTls tls, InetSocketAddress address) {
        this.loop = loops.group().next();
        this.address = address;
        this.bootstrap = new Bootstrap()
                .group(loop)
                .channel(loops.socketChannel())
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        SslHandler handler = tls.client().newHandler(channel.alloc());
                        handler.setHandshakeTimeout(CONNECT_MILLIS, TimeUnit.MILLISECONDS);
                        channel.pipeline().addLast(handler, new LinkWatch(() -> !calls.isEmpty()));
                        ForwardConnection.use(channel);
                    }
                });
    }

    InetSocketAddress address() {
        return address;
    }

    /** Any thread. */
    void send(LinkCall call) {
        loop.execute(() -> accept(call));
    }

    private void accept(LinkCall call) {
        if (closed) {
            call.gone();
        } else if (calls.size() >= MAX_CALLS) {
            call.failed();
        } else {
            calls.add(call);
            call.answer().whenComplete((reply, cancelled) -> loop.execute(() -> calls.remove(call)));
            if (connection != null && connection.isActive()) {
                open(call);
            } else {
                waiting.add(call);
                connect();
            }
        }
    }

    private void open(LinkCall call) {
        new Http2StreamChannelBootstrap(connection).handler(call).open().addListener(opened -> {
            if (!opened.isSuccess()) {
                call.failed();
            }
        });
    }

    private void connect() {
        if (!connecting) {
            connecting = true;
            bootstrap.connect(address).addListener((ChannelFutureListener) this::connected);
        }
    }

    private void connected(ChannelFuture end) {
        if (end.isSuccess()) {
            end.channel()
                    .pipeline()
                    .get(SslHandler.class)
                    .handshakeFuture()
                    .addListener(shaken -> ready(end.channel(), shaken.isSuccess()));
        } else {
            connecting = false;
            // Nothing listens there any more: the process has ended, as membership will tell.
            boolean gone = end.cause() instanceof ConnectException;
            drain().forEach(gone ? LinkCall::gone : LinkCall::failed);
        }
    }

    private void ready(Channel channel, boolean success) {
        connecting = false;
        if (success && !closed) {
            connection = channel;
            drain().forEach(this::open);
        } else {
            channel.close();
            drain().forEach(LinkCall::failed);
        }
    }

    private List<LinkCall> drain() {
        List<LinkCall> all = List.copyOf(waiting);
        waiting.clear();
        return all;
    }

    /** The member has gone, and with it the sessions of what is under way. Any thread. */
    void close() {
        loop.execute(() -> {
            closed = true;
            List.copyOf(calls).forEach(LinkCall::gone);
            if (connection != null) {
                connection.close();
            }
        });
    }
}
