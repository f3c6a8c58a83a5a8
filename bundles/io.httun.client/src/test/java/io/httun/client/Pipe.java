// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.relay.OutputEnd;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A tunnel channel as a test uses it: blocking. */
final class Pipe extends ChannelInboundHandlerAdapter {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int PIECE = 100_000;

    private final Channel channel;
    private final ByteArrayOutputStream got = new ByteArrayOutputStream();
    private volatile Throwable failure;
    private volatile boolean ended;

    Pipe(Channel channel) {
        this.channel = channel;
        channel.eventLoop().execute(() -> {
            channel.pipeline().addLast(this);
            channel.config().setAutoRead(true);
        });
    }

    Channel channel() {
        return channel;
    }

    Pipe write(byte[] bytes) {
        channel.writeAndFlush(Unpooled.wrappedBuffer(bytes));
        return this;
    }

    /** Writes much, waiting for writability as a relay does. */
    void writeAll(byte[] bytes) {
        for (int at = 0; at < bytes.length; at += PIECE) {
            int length = Math.min(PIECE, bytes.length - at);
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(1))
                    .atMost(PATIENCE)
                    .until(() -> channel.isWritable() || !channel.isOpen());
            channel.writeAndFlush(Unpooled.wrappedBuffer(bytes, at, length));
        }
    }

    /** Writes much, all but blocking the event loop with it. */
    void flood(byte[] bytes) {
        channel.eventLoop().execute(() -> floodFrom(bytes, 0));
    }

    private void floodFrom(byte[] bytes, int from) {
        int at = from;
        while (at < bytes.length && channel.isWritable()) {
            int length = Math.min(PIECE, bytes.length - at);
            ByteBuf piece = channel.alloc().directBuffer(length).writeBytes(bytes, at, length);
            channel.writeAndFlush(piece);
            at += length;
        }
        int next = at;
        if (next < bytes.length && channel.isOpen()) {
            channel.eventLoop().schedule(() -> floodFrom(bytes, next), 1, TimeUnit.MILLISECONDS);
        }
    }

    byte[] read(int count) {
        Awaitility.await()
                .pollInterval(Duration.ofMillis(2))
                .atMost(PATIENCE)
                .until(() -> size() >= count || failure != null || !channel.isOpen());
        return bytes();
    }

    synchronized int size() {
        return got.size();
    }

    synchronized byte[] bytes() {
        return got.toByteArray();
    }

    void shutdownOutput() {
        OutputEnd own = channel.attr(OutputEnd.KEY).get();
        if (own == null) {
            ((DuplexChannel) channel).shutdownOutput();
        } else {
            channel.eventLoop().execute(() -> own.end(channel));
        }
    }

    void close() {
        channel.close().awaitUninterruptibly();
    }

    /** Waits for the end of input. */
    Pipe awaitEnd() {
        Awaitility.await().pollInterval(Duration.ofMillis(2)).atMost(PATIENCE).until(() -> ended || failure != null);
        return this;
    }

    Throwable failure() {
        return failure;
    }

    boolean isOpen() {
        return channel.isOpen();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        byte[] plain = new byte[bytes.readableBytes()];
        bytes.readBytes(plain).release();
        synchronized (this) {
            got.writeBytes(plain);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        ended |= event == ChannelInputShutdownEvent.INSTANCE;
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        ended = true;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        failure = cause;
    }
}
