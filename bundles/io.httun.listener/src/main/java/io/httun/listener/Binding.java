// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.listen.ListenAddress;
import io.httun.api.listen.ListeningSocket;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listening socket: opened, moved to another port, kept trying while the port is taken. All of it happens on event
 * loops; a generation number makes what is outdated harmless.
 */
final class Binding {
    private static final Logger LOG = LoggerFactory.getLogger(Binding.class);
    private static final int FALLBACKS = 100;
    private static final int MAX_PORT = 0xffff;
    private static final int BACKLOG = 1024;
    private static final int RETRY_SECONDS = 5;
    private static final int CLOSE_SECONDS = 2;

    private final ListenerParts parts;
    private final ServerBootstrap bootstrap;
    private int generation;
    private Channel server;
    private volatile String name = "";
    private volatile String address = "";
    private volatile String state = "starting";

    Binding(ListenerParts parts, ChannelHandler accepted) {
        this.parts = parts;
        this.bootstrap = new ServerBootstrap()
                .group(parts.loops().group())
                .channel(parts.loops().serverSocketChannel())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childHandler(accepted);
    }

    /** Listens there instead of where it does now. */
    synchronized void open(ListenerSettings settings) {
        int mine = ++generation;
        name = settings.name();
        address = ListenAddress.text(settings.bind());
        state = "starting";
        Channel old = server;
        server = null;
        if (old == null) {
            bind(mine, settings, 0, true);
        } else {
            old.close().addListener(closed -> bind(mine, settings, 0, true));
        }
    }

    /** The port is free when this returns. */
    void close() {
        Channel old;
        synchronized (this) {
            generation++;
            state = "closed";
            old = server;
            server = null;
        }
        if (old != null && !old.close().awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS)) {
            LOG.warn("Listener {}: {} still open after {} s", name, address, CLOSE_SECONDS);
        }
    }

    String address() {
        return address;
    }

    String state() {
        return state;
    }

    private synchronized void bind(int mine, ListenerSettings settings, int offset, boolean tell) {
        if (mine == generation) {
            InetSocketAddress wanted = settings.bind();
            InetSocketAddress at = new InetSocketAddress(wanted.getAddress(), wanted.getPort() + offset);
            bootstrap.bind(at).addListener((ChannelFutureListener) end -> bound(mine, settings, offset, tell, end));
        }
    }

    private synchronized void bound(int mine, ListenerSettings settings, int offset, boolean tell, ChannelFuture end) {
        if (mine != generation) {
            end.channel().close();
        } else if (end.isSuccess()) {
            server = end.channel();
            register(server);
            address = ListenAddress.text((InetSocketAddress) server.localAddress());
            state = "listening";
            LOG.info(
                    "Listener {} listens on {}{}",
                    name,
                    address,
                    offset == 0 ? "" : ", because " + ListenAddress.text(settings.bind()) + " is taken");
        } else if (settings.bindFallback() && ListeningSocket.isTaken(end.cause()) && mayMove(settings, offset)) {
            bind(mine, settings, offset + 1, tell);
        } else {
            state = "not listening: " + why(end.cause());
            if (tell) {
                LOG.error(
                        "Listener {} cannot listen on {}: {}; trying again every {} s",
                        name,
                        ListenAddress.text(settings.bind()),
                        why(end.cause()),
                        RETRY_SECONDS);
            }
            parts.loops().group().schedule(() -> bind(mine, settings, 0, false), RETRY_SECONDS, TimeUnit.SECONDS);
        }
    }

    private void register(Channel listening) {
        SocketAddress own = listening.localAddress();
        parts.sockets().add(own);
        listening.closeFuture().addListener(closed -> parts.sockets().remove(own));
    }

    private static boolean mayMove(ListenerSettings settings, int offset) {
        return offset < FALLBACKS && settings.bind().getPort() + offset < MAX_PORT;
    }

    private static String why(Throwable failure) {
        return ListeningSocket.why(failure) + (ListeningSocket.isTaken(failure) ? ", or set bind.fallback = true" : "");
    }
}
