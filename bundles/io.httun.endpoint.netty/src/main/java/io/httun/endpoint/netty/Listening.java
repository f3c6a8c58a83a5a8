// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import io.httun.api.tunnel.BulkSockets;
import io.httun.api.tunnel.EventLoops;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;

/** One address to listen at, whether that works or not. Opened and closed under the lock of its {@link HttpServer}. */
final class Listening {
    private static final int BACKLOG = 4_096;
    private static final int SECONDS = 2;
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(128 << 10, 512 << 10);

    private final ListenAddress address;
    private final LongAdder requests = new LongAdder();
    private final AtomicInteger waiting = new AtomicInteger();
    private Channel channel;
    private volatile ListenAddress bound;
    private volatile String problem = "";

    Listening(ListenAddress address) {
        this.address = address;
        this.bound = address;
    }

    ListenAddress address() {
        return address;
    }

    LongAdder requests() {
        return requests;
    }

    AtomicInteger waiting() {
        return waiting;
    }

    /** As configured, with the true port. */
    ListenAddress bound() {
        return bound;
    }

    /** Why nobody can come in here; empty while somebody can. */
    String problem() {
        return problem;
    }

    void cannot(String why) {
        problem = why;
    }

    boolean isOpen() {
        return channel != null;
    }

    /** Returns whether it is open now; {@link #problem} tells why not. Waits for the kernel, so not on an event loop. */
    boolean open(EventLoops loops, SocketAccess access, BiConsumer<Listening, Channel> accepted) {
        if (channel != null) {
            return true;
        }
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loops.group())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childOption(
                        ChannelOption.RECVBUF_ALLOCATOR,
                        new FixedRecvByteBufAllocator(BulkSockets.READ_BYTES).maxMessagesPerRead(2))
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel child) {
                        accepted.accept(Listening.this, child);
                    }
                });
        ChannelFuture binding;
        if (address.isUnix()) {
            problem = UnixSocket.makeWay(address.unix());
            if (!problem.isEmpty()) {
                return false;
            }
            binding = UnixSocket.bind(bootstrap, loops.transport(), address.unix());
        } else {
            binding = bootstrap
                    .channel(loops.serverSocketChannel())
                    .option(ChannelOption.SO_REUSEADDR, true)
                    .childOption(ChannelOption.TCP_NODELAY, true)
                    .childOption(ChannelOption.SO_KEEPALIVE, true)
                    .bind(address.tcp());
        }
        if (!binding.awaitUninterruptibly(SECONDS, TimeUnit.SECONDS) || !binding.isSuccess()) {
            problem = why(binding.cause());
            binding.channel().close();
            return false;
        }
        channel = binding.channel();
        problem = address.isUnix() ? access.apply(address.unix()) : "";
        if (channel.localAddress() instanceof InetSocketAddress local) {
            bound = new ListenAddress(address.tls(), local, "");
        }
        return true;
    }

    /** The address is free when this returns. */
    void close() {
        if (channel != null) {
            channel.close().awaitUninterruptibly(SECONDS, TimeUnit.SECONDS);
            channel = null;
            if (address.isUnix()) {
                UnixSocket.remove(address.unix());
            }
        }
        problem = "closed";
    }

    private static String why(Throwable failure) {
        String text = failure == null ? "no answer from the system" : String.valueOf(failure.getMessage());
        if (text.contains("in use")) {
            return "the port is taken; stop what uses it or choose another";
        } else if (text.contains("ermission denied")) {
            return "permission denied; ports below 1024 need a privilege";
        } else if (text.contains("assign requested")) {
            return "this host has no such address";
        }
        return text;
    }
}
