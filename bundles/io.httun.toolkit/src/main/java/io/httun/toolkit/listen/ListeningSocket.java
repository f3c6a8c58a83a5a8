// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.listen;

import io.httun.api.HttunException;
import io.httun.api.tunnel.EventLoops;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One open listening socket. Opened, changed and closed by one thread at a time, which waits for the kernel: no event loop. */
public final class ListeningSocket {
    private static final Logger LOG = LoggerFactory.getLogger(ListeningSocket.class);
    private static final int BACKLOG = 4_096;
    private static final int SECONDS = 2;

    private final ListenAddress address;
    private final Channel channel;
    private final UnixSocket file;
    private SocketAccess access;

    private ListeningSocket(ListenAddress address, Channel channel, UnixSocket file, SocketAccess access) {
        this.address = address;
        this.channel = channel;
        this.file = file;
        this.access = access;
    }

    /**
     * Listens.
     *
     * @param bootstrap has the handler and the options of connections; the rest is set here
     * @param access of a Unix domain socket; applies before the first connection is possible
     * @throws HttunException with the reason if it cannot listen there
     */
    public static ListeningSocket open(
            ServerBootstrap bootstrap, EventLoops loops, ListenAddress address, SocketAccess access) {
        bootstrap.group(loops.group());
        if (!address.isUnix()) {
            return new ListeningSocket(address, bind(tcp(bootstrap, loops), address.tcp()), null, access);
        }
        bootstrap.channel(loops.serverDomainSocketChannel()).option(ChannelOption.SO_BACKLOG, BACKLOG);
        UnixSocket file = new UnixSocket(address.unix());
        try {
            Channel channel = bind(bootstrap, loops.domainSocketAddress(file.prepare()));
            ListeningSocket socket = new ListeningSocket(address, channel, file, access);
            try {
                file.publish(access);
            } catch (IOException | RuntimeException e) {
                socket.close();
                throw e;
            }
            return socket;
        } catch (IOException e) {
            throw new HttunException(why(e), e);
        }
    }

    /** The options that every TCP port has. */
    static ServerBootstrap tcp(ServerBootstrap bootstrap, EventLoops loops) {
        return bootstrap
                .channel(loops.serverSocketChannel())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true);
    }

    private static Channel bind(ServerBootstrap bootstrap, SocketAddress address) {
        ChannelFuture bound = bootstrap.bind(address);
        if (!bound.awaitUninterruptibly(SECONDS, TimeUnit.SECONDS) || !bound.isSuccess()) {
            bound.channel().close();
            throw new HttunException(bound.cause() == null ? "busy for " + SECONDS + " s" : why(bound.cause()));
        }
        return bound.channel();
    }

    /** Explains a failure to listen in terms of the configuration. */
    public static String why(Throwable failure) {
        String text = String.valueOf(failure.getMessage());
        if (isTaken(failure)) {
            return "the port is taken; stop what uses it or choose another";
        } else if (text.contains("ermission denied") || failure instanceof AccessDeniedException) {
            return "permission denied; ports below 1024 need a privilege, a Unix socket a folder to write to";
        } else if (text.contains("assign requested")) {
            return "this host has no such address";
        }
        return failure instanceof FileSystemException ? failure.toString() : text;
    }

    /** Whether another socket listens there. */
    public static boolean isTaken(Throwable failure) {
        return String.valueOf(failure.getMessage()).contains("in use");
    }

    /** Where it listens indeed: with the port that the system gave where none was wished for. */
    public ListenAddress bound() {
        return channel.localAddress() instanceof InetSocketAddress local
                ? new ListenAddress(address.tls(), local, null)
                : address;
    }

    /**
     * Changes the access to a Unix socket; a TCP port is open to all.
     *
     * @throws HttunException with the reason if that cannot be; it is as before then
     */
    public void change(SocketAccess next) {
        if (file != null && !next.equals(access)) {
            try {
                file.change(next);
            } catch (IOException e) {
                throw new HttunException(why(e), e);
            }
        }
        access = next;
    }

    /** No connection is accepted any more, and the address is free, when this returns. */
    public void close() {
        if (!channel.close().awaitUninterruptibly(SECONDS, TimeUnit.SECONDS)) {
            LOG.warn("{} still open after {} s", address, SECONDS);
        }
        if (file != null) {
            try {
                file.remove();
            } catch (IOException e) {
                LOG.warn("Cannot delete the file of a Unix socket: {}", e.toString());
            }
        }
    }
}
