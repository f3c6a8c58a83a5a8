// SPDX-License-Identifier: Apache-2.0
package io.httun.api.tunnel;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;

/**
 * The event loops that every part shares, on the fastest transport that loads. A service. The group belongs to the
 * provider: users never shut it down, and close their own channels when they stop.
 */
public interface EventLoops {
    EventLoopGroup group();

    Class<? extends SocketChannel> socketChannel();

    Class<? extends ServerSocketChannel> serverSocketChannel();

    /** NIO's unless overridden, which must be done where the group runs on another transport. */
    default Class<? extends DatagramChannel> datagramChannel() {
        return NioDatagramChannel.class;
    }

    /** {@code epoll} or {@code nio}. */
    String transport();
}
