// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoints;

import io.httun.api.tunnel.EventLoops;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;

final class Loops implements EventLoops, AutoCloseable {
    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());

    @Override
    public EventLoopGroup group() {
        return group;
    }

    @Override
    public Class<? extends SocketChannel> socketChannel() {
        return NioSocketChannel.class;
    }

    @Override
    public Class<? extends ServerSocketChannel> serverSocketChannel() {
        return NioServerSocketChannel.class;
    }

    @Override
    public String transport() {
        return "nio";
    }

    @Override
    public void close() {
        group.shutdownGracefully();
    }
}
