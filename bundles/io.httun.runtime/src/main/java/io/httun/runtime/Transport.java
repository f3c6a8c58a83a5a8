// SPDX-License-Identifier: Apache-2.0
package io.httun.runtime;

import io.httun.api.tunnel.FileWatch;
import io.netty.channel.EventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The access of sockets to the kernel.
 *
 * @param watches polls descriptors other than sockets; empty if unsupported
 */
record Transport(
        String name,
        IoHandlerFactory handlers,
        Class<? extends SocketChannel> socket,
        Class<? extends ServerSocketChannel> serverSocket,
        Class<? extends DatagramChannel> datagram,
        Class<? extends ServerChannel> serverDomainSocket,
        Function<Path, SocketAddress> domainSocketAddress,
        Optional<Watches> watches) {
    private static final Logger LOG = LoggerFactory.getLogger(Transport.class);

    /** As {@link io.httun.api.tunnel.EventLoops#watch}. */
    @FunctionalInterface
    interface Watches {
        FileWatch start(EventLoop loop, int fd, Runnable readable);
    }

    /** Returns the wanted transport, or NIO with a log line if epoll does not load. */
    static Transport choose(String wish) {
        if (wish.equals("nio")) {
            return nio();
        }
        String obstacle = epollObstacle();
        if (obstacle.isEmpty()) {
            return OnEpoll.transport();
        }
        LOG.warn("transport = {}: epoll does not load ({}); using NIO", wish, obstacle);
        return nio();
    }

    private static Transport nio() {
        return new Transport(
                "nio",
                NioIoHandler.newFactory(),
                NioSocketChannel.class,
                NioServerSocketChannel.class,
                NioDatagramChannel.class,
                NioServerDomainSocketChannel.class,
                UnixDomainSocketAddress::of,
                Optional.empty());
    }

    private static String epollObstacle() {
        try {
            return OnEpoll.obstacle();
        } catch (LinkageError e) {
            // The bundle or its native fragment may be absent.
            return e.toString();
        }
    }

    /** Loaded on demand: the package of epoll is an optional import. */
    private static final class OnEpoll {
        static String obstacle() {
            return Epoll.isAvailable() ? "" : String.valueOf(Epoll.unavailabilityCause());
        }

        static Transport transport() {
            return new Transport(
                    "epoll",
                    SteadyEpoll.newFactory(),
                    EpollSocketChannel.class,
                    EpollServerSocketChannel.class,
                    EpollDatagramChannel.class,
                    EpollServerDomainSocketChannel.class,
                    path -> new DomainSocketAddress(path.toString()),
                    Optional.of(EpollWatch::start));
        }
    }
}
