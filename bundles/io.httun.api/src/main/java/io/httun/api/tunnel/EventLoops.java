// SPDX-License-Identifier: Apache-2.0
package io.httun.api.tunnel;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The event loops that every part shares, on the fastest transport that loads. A service. The group belongs to the
 * provider: users never shut it down, and close their own channels when they stop. Everything is NIO's unless overridden,
 * which must be done as a whole where the group runs on another transport.
 */
public interface EventLoops {
    EventLoopGroup group();

    default Class<? extends SocketChannel> socketChannel() {
        return NioSocketChannel.class;
    }

    default Class<? extends ServerSocketChannel> serverSocketChannel() {
        return NioServerSocketChannel.class;
    }

    /** Listens on a Unix domain socket, on the same transport. */
    default Class<? extends ServerChannel> serverDomainSocketChannel() {
        return NioServerDomainSocketChannel.class;
    }

    /** The address that a {@link #serverDomainSocketChannel()} is bound to, in the transport's own type. */
    default SocketAddress domainSocketAddress(Path path) {
        return UnixDomainSocketAddress.of(path);
    }

    default Class<? extends DatagramChannel> datagramChannel() {
        return NioDatagramChannel.class;
    }

    /**
     * Watches a file descriptor that is no socket of Netty's, so that who works on a loop need not be woken by another thread.
     *
     * @param readable called on the loop, over and over, while there is something to read
     * @return empty where the transport watches nothing but sockets
     */
    default Optional<FileWatch> watch(EventLoop loop, int fd, Runnable readable) {
        return Optional.empty();
    }

    /** {@code epoll} or {@code nio}. */
    default String transport() {
        return "nio";
    }
}
