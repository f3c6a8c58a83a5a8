// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.fcgi;

import io.httun.api.HttunException;
import io.httun.api.tunnel.EventLoops;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One listening socket. Opened and closed by one thread at a time. */
final class Listener {
    private static final Logger LOG = LoggerFactory.getLogger(Listener.class);
    private static final int BACKLOG = 4096;
    private static final int READ_BYTES = 128 << 10;
    private static final int SECONDS = 2;

    private final Channel channel;
    private final UnixSocket socket;

    private Listener(Channel channel, UnixSocket socket) {
        this.channel = channel;
        this.socket = socket;
    }

    /** @throws HttunException with the reason if it cannot listen there */
    static Listener open(EventLoops loops, ListenAddress address, SocketAccess access, ChannelHandler accepted) {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loops.group())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(
                        ChannelOption.RECVBUF_ALLOCATOR,
                        new FixedRecvByteBufAllocator(READ_BYTES).maxMessagesPerRead(2))
                .childHandler(accepted);
        if (address instanceof ListenAddress.Tcp tcp) {
            bootstrap
                    .channel(loops.serverSocketChannel())
                    .option(ChannelOption.SO_REUSEADDR, true)
                    .childOption(ChannelOption.TCP_NODELAY, true);
            return new Listener(bind(bootstrap, tcp.address()), null);
        }
        bootstrap.channel(loops.serverDomainSocketChannel());
        UnixSocket socket = new UnixSocket(((ListenAddress.Unix) address).path());
        try {
            Listener listener = new Listener(bind(bootstrap, loops.domainSocketAddress(socket.prepare())), socket);
            try {
                socket.publish(access);
            } catch (IOException | RuntimeException e) {
                listener.close();
                throw e;
            }
            return listener;
        } catch (IOException e) {
            throw new HttunException(why(e), e);
        }
    }

    private static Channel bind(ServerBootstrap bootstrap, SocketAddress address) {
        ChannelFuture bound = bootstrap.bind(address);
        if (!bound.awaitUninterruptibly(SECONDS, TimeUnit.SECONDS) || !bound.isSuccess()) {
            bound.channel().close();
            throw new HttunException(bound.cause() == null ? "busy for " + SECONDS + " s" : why(bound.cause()));
        }
        return bound.channel();
    }

    private static String why(Throwable failure) {
        String text = String.valueOf(failure.getMessage());
        if (text.contains("in use")) {
            return "the port is taken; stop what uses it or choose another";
        } else if (text.contains("ermission denied") || failure instanceof java.nio.file.AccessDeniedException) {
            return "permission denied; ports below 1024 need a privilege, a Unix socket a folder to write to";
        } else if (text.contains("assign requested")) {
            return "this host has no such address";
        }
        return failure instanceof java.nio.file.FileSystemException ? failure.toString() : text;
    }

    /** Where it listens indeed: with the port that the system gave where none was wished for. */
    @Override
    public String toString() {
        return channel.localAddress() instanceof InetSocketAddress inet
                ? new ListenAddress.Tcp(inet).toString()
                : socket.toString();
    }

    void change(SocketAccess access) {
        if (socket != null) {
            try {
                socket.change(access);
            } catch (IOException e) {
                throw new HttunException(why(e), e);
            }
        }
    }

    /** Nobody is accepted any more when this returns. */
    void close() {
        if (!channel.close().awaitUninterruptibly(SECONDS, TimeUnit.SECONDS)) {
            LOG.warn("{} still open after {} s", channel.localAddress(), SECONDS);
        }
        if (socket != null) {
            try {
                socket.remove();
            } catch (IOException e) {
                LOG.warn("A Unix socket's file stays behind: {}", e.toString());
            }
        }
    }
}
