// SPDX-License-Identifier: Apache-2.0
package io.httun.api.carried;

import io.httun.api.config.ConfigException;
import io.httun.api.listen.ListenAddress;
import io.httun.api.listen.ListeningSocket;
import io.httun.api.tunnel.BulkSockets;
import io.httun.api.tunnel.EventLoops;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A listening socket of a protocol that neither encrypts nor authenticates. All its connections are on one event loop, since the requests
 * of one tunnel come on several of them. While the port is taken it tries again.
 */
public final class ServerPort {
    private static final Logger LOG = LoggerFactory.getLogger(ServerPort.class);
    private static final int BACKLOG = 1024;
    private static final int RETRY_SECONDS = 5;
    private static final int CLOSE_SECONDS = 2;

    private final EventLoop loop;
    private final String name;
    private final InetSocketAddress wanted;
    private final ServerBootstrap bootstrap;
    private Channel server;
    private boolean stopped;
    private volatile String address;
    private volatile String state = "starting";

    /**
     * @param name for the log
     * @param accept gets every connection, tuned as {@link BulkSockets#tune} does, to add its handlers
     */
    public ServerPort(EventLoops loops, String name, InetSocketAddress wanted, Consumer<SocketChannel> accept) {
        this.loop = loops.group().next();
        this.name = name;
        this.wanted = wanted;
        this.address = ListenAddress.text(wanted);
        this.bootstrap = new ServerBootstrap()
                .group(loop, loop)
                .channel(loops.serverSocketChannel())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        BulkSockets.tune(channel);
                        accept.accept(channel);
                    }
                });
    }

    /**
     * Reads {@code ADDRESS:PORT}.
     *
     * @throws ConfigException naming the property {@code bind}
     */
    public static InetSocketAddress parse(String text) {
        return ListenAddress.parseTcp(
                "bind", text, "must be ADDRESS:PORT such as 127.0.0.1:8888, [::1]:8888 or *:8888, port 0 to 65535");
    }

    /** The loop of the socket and all its connections. */
    public EventLoop loop() {
        return loop;
    }

    /** Begins to listen. */
    public void open() {
        if (!wanted.getAddress().isLoopbackAddress()) {
            LOG.warn(
                    "{} is bound to {}, beyond loopback: its protocol has no encryption, so anyone on the way can read and take"
                            + " over what it carries",
                    name,
                    address);
        }
        bind(true);
    }

    /** The port is free when this returns. */
    public void close() {
        Channel old;
        synchronized (this) {
            stopped = true;
            state = "closed";
            old = server;
            server = null;
        }
        if (old != null && !old.close().awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS)) {
            LOG.warn("{}: {} still open after {} s", name, address, CLOSE_SECONDS);
        }
    }

    public String address() {
        return address;
    }

    public String state() {
        return state;
    }

    private synchronized void bind(boolean tell) {
        if (!stopped) {
            bootstrap.bind(wanted).addListener((ChannelFutureListener) end -> bound(end, tell));
        }
    }

    private synchronized void bound(ChannelFuture end, boolean tell) {
        if (stopped) {
            end.channel().close();
        } else if (end.isSuccess()) {
            server = end.channel();
            address = ListenAddress.text((InetSocketAddress) server.localAddress());
            state = "listening";
            LOG.info("{} listens on {}", name, address);
        } else {
            String why = ListeningSocket.why(end.cause());
            state = "not listening: " + why;
            if (tell) {
                LOG.error("{} cannot listen on {}: {}; trying again every {} s", name, address, why, RETRY_SECONDS);
            }
            loop.schedule(() -> bind(false), RETRY_SECONDS, TimeUnit.SECONDS);
        }
    }
}
