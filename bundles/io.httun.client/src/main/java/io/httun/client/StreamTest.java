// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.api.stream.StreamConnector;
import io.httun.api.target.RefusedException;
import io.httun.api.tunnel.ChannelTester.Progress;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.FutureListener;
import io.netty.util.concurrent.Promise;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The {@code test} mode with streams: one stream measures the round trips of exchanges; without a pause between exchanges a second one
 * measures bulk throughput in both directions. Every echoed byte is checked. Confined to an event loop.
 */
final class StreamTest {
    private static final int PING = 32;
    private static final int PIECE = 32 << 10;

    private final EventLoop loop;
    private final Duration period;
    private final long count;
    private final Consumer<Progress> progress;
    private final Promise<Void> promise;
    private long bytesOut;
    private long bytesIn;

    StreamTest(EventLoop loop, Duration period, long count, Consumer<Progress> progress, Promise<Void> promise) {
        this.loop = loop;
        this.period = period;
        this.count = count;
        this.progress = progress;
        this.promise = promise;
    }

    /** @param noPipes called if the server has no pipes */
    void start(StreamConnector connector, Runnable noPipes) {
        connector.echo(loop).addListener((FutureListener<Channel>) opened -> {
            if (opened.cause() instanceof NoPipesException) {
                noPipes.run();
                return;
            }
            if (opened.isSuccess() && period.isZero()) {
                connector.echo(loop).addListener((FutureListener<Channel>)
                        bulk -> use(bulk.getNow(), bulk.cause(), new Bulk()));
            }
            use(opened.getNow(), opened.cause(), new Exchanges());
        });
    }

    private void use(Channel stream, Throwable failure, ChannelHandler handler) {
        if (failure instanceof RefusedException refused && refused.refusal() == RefusedException.Cause.DENIED) {
            promise.tryFailure(new RefusedException(
                    RefusedException.Cause.DENIED, "the server's channel answers no tests (test = false)"));
        } else if (failure != null) {
            promise.tryFailure(failure);
        } else {
            promise.addListener(done -> stream.close());
            stream.pipeline().addLast(handler);
            stream.config().setAutoRead(true);
        }
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        ThreadLocalRandom.current().nextBytes(bytes);
        return bytes;
    }

    /** A stream whose bytes the server echoes. */
    private abstract class Echoed extends ChannelInboundHandlerAdapter {
        /** Whether these are the next bytes. */
        abstract boolean isRight(ByteBuf bytes);

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            try {
                bytesIn += bytes.readableBytes();
                if (!isRight(bytes)) {
                    promise.tryFailure(new HttunException("the server echoed other bytes than were sent"));
                }
            } finally {
                bytes.release();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            promise.tryFailure(new HttunException("a stream of the test ended"));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable failure) {
            promise.tryFailure(new HttunException("a stream of the test failed: " + failure.getMessage()));
        }
    }

    private final class Exchanges extends Echoed {
        private final long began = System.nanoTime();
        private ChannelHandlerContext context;
        private byte[] ping;
        private int back;
        private long sent;
        private long exchanges;

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            context = ctx;
            next();
        }

        private void next() {
            if (exchanges == count) {
                promise.trySuccess(null);
            }
            if (!promise.isDone()) {
                ping = random(PING);
                back = 0;
                sent = System.nanoTime();
                bytesOut += PING;
                context.writeAndFlush(Unpooled.wrappedBuffer(ping));
            }
        }

        @Override
        boolean isRight(ByteBuf bytes) {
            int length = bytes.readableBytes();
            boolean right = length <= PING - back
                    && ByteBufUtil.equals(Unpooled.wrappedBuffer(ping), back, bytes, bytes.readerIndex(), length);
            back += length;
            if (right && back == PING) {
                done(System.nanoTime());
            }
            return right;
        }

        private void done(long now) {
            exchanges++;
            progress.accept(new Progress(
                    exchanges, Duration.ofNanos(now - sent), bytesOut, bytesIn, Duration.ofNanos(now - began)));
            if (period.isZero()) {
                next();
            } else {
                loop.schedule(this::next, period.toNanos(), TimeUnit.NANOSECONDS);
            }
        }
    }

    private final class Bulk extends Echoed {
        private final ByteBuf piece = Unpooled.wrappedBuffer(random(PIECE));
        private int position;

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            send(ctx);
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            send(ctx);
        }

        private void send(ChannelHandlerContext ctx) {
            while (ctx.channel().isWritable() && !promise.isDone()) {
                bytesOut += PIECE;
                ctx.write(piece.retainedDuplicate());
            }
            ctx.flush();
        }

        @Override
        boolean isRight(ByteBuf bytes) {
            boolean right = true;
            for (int at = bytes.readerIndex(); right && at < bytes.writerIndex(); ) {
                int length = Math.min(PIECE - position, bytes.writerIndex() - at);
                right = ByteBufUtil.equals(piece, position, bytes, at, length);
                at += length;
                position = (position + length) % PIECE;
            }
            return right;
        }
    }
}
