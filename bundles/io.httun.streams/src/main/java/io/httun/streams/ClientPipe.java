// SPDX-License-Identifier: Apache-2.0
package io.httun.streams;

import io.httun.api.stream.PipeSource;
import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import io.netty.util.concurrent.Promise;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The client's end of a pipe. On the pipe's event loop.
 *
 * <pre>
 * OPEN --peer's GOAWAY--> DRAINING --last stream ends--> CLOSED
 *   `---idle, failure, close()-----------------------------^
 * </pre>
 */
final class ClientPipe {
    private enum State {
        OPEN,
        DRAINING,
        CLOSED
    }

    private final Channel channel;
    private final RoundTrip roundTrip = new RoundTrip();
    private final long idleNanos;
    private State state = State.OPEN;
    private int streams;
    private long idleSince;

    /** @param idleSeconds how long a pipe without streams is kept */
    ClientPipe(Channel channel, long idleSeconds) {
        this.channel = channel;
        this.idleNanos = TimeUnit.SECONDS.toNanos(idleSeconds);
        PipeCodec.client(channel, roundTrip, new PipeWatch(roundTrip, this::drain));
        channel.closeFuture().addListener(closed -> state = State.CLOSED);
        idleSince = roundTrip.now();
        closeWhenIdle(idleNanos);
    }

    /** Whether new streams may be opened in it. */
    boolean isOpen() {
        return state == State.OPEN;
    }

    Channel channel() {
        return channel;
    }

    /** Takes no more streams, and closes behind the last one. */
    void drain() {
        if (state == State.OPEN) {
            state = State.DRAINING;
            channel.attr(PipeSource.DRAINS).set(true);
            closeIfDrained();
        }
    }

    private void closeIfDrained() {
        if (state == State.DRAINING && streams == 0) {
            channel.close();
        }
    }

    private void closeWhenIdle(long nanos) {
        Future<?> check = channel.eventLoop().schedule(this::closeIfIdle, nanos, TimeUnit.NANOSECONDS);
        channel.closeFuture().addListener(closed -> check.cancel(false));
    }

    private void closeIfIdle() {
        long idle = streams == 0 ? roundTrip.now() - idleSince : 0;
        if (idle >= idleNanos) {
            channel.close();
        } else {
            closeWhenIdle(idleNanos - idle);
        }
    }

    /**
     * Opens a stream. Cancelling the promise gives up.
     *
     * @param requested gets the stream once its request is on its way
     */
    void open(StreamRequest request, Consumer<Channel> requested, Promise<Channel> promise) {
        streams++;
        new Http2StreamChannelBootstrap(channel)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel stream) {
                        stream.config().setAutoRead(false);
                        stream.pipeline().addLast(new OpeningStream(request, requested, promise));
                    }
                })
                .open()
                .addListener((FutureListener<Http2StreamChannel>) opened -> {
                    if (opened.isSuccess()) {
                        PipeStreams.of(channel).add(opened.getNow(), request);
                        opened.getNow().closeFuture().addListener(closed -> streamEnded());
                    } else {
                        streamEnded();
                        promise.tryFailure(new RefusedException(
                                Cause.UNAVAILABLE,
                                "the pipe takes no stream: " + opened.cause().getMessage()));
                    }
                });
    }

    private void streamEnded() {
        streams--;
        idleSince = roundTrip.now();
        closeIfDrained();
    }
}
