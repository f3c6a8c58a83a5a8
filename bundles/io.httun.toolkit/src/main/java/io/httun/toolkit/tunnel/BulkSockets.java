// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufHolder;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MessageSizeEstimator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The options that tunnelled sockets share, on both sides of a relay; measured for bulk and bounded in memory. */
public final class BulkSockets {
    /** Bytes that one read takes at most, and the size of every read buffer. */
    public static final int READ_BYTES = 128 << 10;

    private static final Logger LOG = LoggerFactory.getLogger(BulkSockets.class);
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(128 << 10, 512 << 10);

    private BulkSockets() {}

    /**
     * Sets {@code TCP_NODELAY}, {@code SO_KEEPALIVE}, {@code autoRead} off, {@code ALLOW_HALF_CLOSURE}, pooled fixed read buffers and the write
     * water marks. To be called before the channel is connected or has read anything.
     */
    public static void tune(SocketChannel channel) {
        channel.config()
                .setTcpNoDelay(true)
                .setKeepAlive(true)
                .setAllowHalfClosure(true)
                .setAllocator(PooledByteBufAllocator.DEFAULT)
                .setRecvByteBufAllocator(new FixedRecvByteBufAllocator(READ_BYTES).maxMessagesPerRead(2))
                .setMessageSizeEstimator(CapacityEstimator.INSTANCE)
                .setWriteBufferWaterMark(WATER_MARK)
                .setAutoRead(false);
    }

    /** Closes so that the peer sees a reset rather than an end, lest it takes what it got for everything. */
    public static ChannelFuture reset(Channel channel) {
        if (channel.isOpen()) {
            try {
                // A channel that is no socket may know the option too, and leaves it be where it does not.
                channel.config().setOption(ChannelOption.SO_LINGER, 0);
            } catch (ChannelException e) {
                LOG.debug("The socket was closed meanwhile", e);
            }
        }
        return channel.close();
    }

    /**
     * Counts what a waiting buffer occupies rather than what it holds: a peer that sends single bytes to somebody who
     * does not read would otherwise pin one read buffer for each of them.
     */
    private static final class CapacityEstimator implements MessageSizeEstimator, MessageSizeEstimator.Handle {
        static final CapacityEstimator INSTANCE = new CapacityEstimator();

        @Override
        public Handle newHandle() {
            return this;
        }

        @Override
        public int size(Object message) {
            if (message instanceof ByteBuf buffer) {
                return buffer.isReadable() ? buffer.capacity() : 0;
            }
            return message instanceof ByteBufHolder holder ? size(holder.content()) : 0;
        }
    }
}
