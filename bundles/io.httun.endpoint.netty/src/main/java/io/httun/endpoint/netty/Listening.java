// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import io.httun.api.HttunException;
import io.httun.api.config.ConfigException;
import io.httun.api.listen.ListenAddress;
import io.httun.api.listen.ListeningSocket;
import io.httun.api.listen.SocketAccess;
import io.httun.api.tunnel.BulkSockets;
import io.httun.api.tunnel.EventLoops;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;

/** One address to listen at, whether that works or not. Opened and closed under the lock of its {@link HttpServer}. */
final class Listening {
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(128 << 10, 512 << 10);

    private final ListenAddress address;
    private final LongAdder requests = new LongAdder();
    private final AtomicInteger waiting = new AtomicInteger();
    private ListeningSocket socket;
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
        return socket != null;
    }

    /** Returns whether it is open now; {@link #problem} tells why not. Waits for the kernel, so not on an event loop. */
    boolean open(EventLoops loops, SocketAccess access, BiConsumer<Listening, Channel> accepted) {
        if (socket != null) {
            return true;
        }
        ServerBootstrap bootstrap = new ServerBootstrap()
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
        try {
            socket = ListeningSocket.open(bootstrap, loops, address, access);
            bound = socket.bound();
            problem = "";
            return true;
        } catch (HttunException e) {
            problem = e.getMessage();
            return false;
        }
    }

    /** @throws ConfigException if others cannot be let in; it is as before then */
    void change(SocketAccess access) {
        if (socket != null) {
            try {
                socket.change(access);
            } catch (HttunException e) {
                throw new ConfigException("listen", address, e.getMessage());
            }
        }
    }

    /** The address is free when this returns. */
    void close() {
        if (socket != null) {
            socket.close();
            socket = null;
        }
        problem = "closed";
    }
}
