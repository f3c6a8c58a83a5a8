// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.carried;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.util.concurrent.Future;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A connection whose bytes travel in something else, on either side of a protocol that knows no half-close. The {@link Carriage} takes
 * what is written and offers what arrives, both on the channel's event loop; the relay sees a channel like any other.
 *
 * <p>When the output is shut down, the protocol can tell the peer only by closing everything. At the side of the target that happens at
 * once; at the side of the application the channel closes after a silence of two seconds, so that an answer to what was sent still comes.
 * {@code SO_LINGER = 0} before a close aborts, as on a socket.
 */
public final class CarriedChannel extends ConnectedChannel {
    /** Bytes offered and not yet read at which a carriage should stop to fetch more. */
    public static final int FULL = 512 << 10;

    private static final int RESERVE = 1 << 20;
    private static final long SILENCE_MILLIS = 2000;

    /** Which end of the protocol a channel is at. */
    public enum Side {
        /** The application is behind it. */
        CLIENT,
        /** The target is behind it. */
        SERVER
    }

    private final CarriedChannelConfig config = new CarriedChannelConfig(this);
    private final Side side;
    private final SocketAddress remote;
    private final Carriage carriage;
    private final Deque<ByteBuf> inbound = new ArrayDeque<>();
    private final Deque<ByteBuf> tail = new ArrayDeque<>();
    private final ChannelOutboundBuffer outbound = unsafe().outboundBuffer();
    private volatile boolean closed;
    private volatile boolean outputShutdown;
    private int waiting;
    private long offers;
    private long takes;
    /** The next look at whether the peer has fallen silent; null before the output has ended. */
    private Future<?> silence;

    private boolean readPending;
    private boolean delivering;
    private boolean peerEnded;
    private boolean failed;
    private boolean asking;
    private boolean askAgain;

    /** @param remote for {@link #remoteAddress()} */
    public CarriedChannel(Side side, SocketAddress remote, Carriage carriage) {
        this.side = side;
        this.remote = remote;
        this.carriage = carriage;
    }

    // From the carriage

    /** Hands over what arrived; ownership passes. {@link #offerComplete} follows. */
    public void offer(ByteBuf bytes) {
        if (closed || peerEnded || !bytes.isReadable()) {
            bytes.release();
        } else {
            offers++;
            waiting += bytes.readableBytes();
            inbound.add(bytes);
        }
    }

    /** Nothing more is there to offer at the moment. */
    public void offerComplete() {
        deliver();
    }

    /** Whether so much waits for the reader that no more should be fetched until {@link Carriage#inputWanted()}. */
    public boolean isFull() {
        return waiting >= FULL;
    }

    /** Whether a full channel may still take a little from a peer that would give up if it had to wait any longer. */
    public boolean hasReserve() {
        return waiting < FULL + RESERVE;
    }

    /** The peer has ended the connection; what was offered is complete. The channel closes when it has been read. */
    public void peerEnded() {
        peerEnded = true;
        deliver();
    }

    /** The connection broke: tells the pipeline, drops what waits and closes. */
    public void fail(Throwable cause) {
        if (!closed) {
            failed = true;
            pipeline().fireExceptionCaught(cause);
            unsafe().close(unsafe().voidPromise());
        }
    }

    /** Has {@link Carriage#outputReady()} called, now or, from within it, again. */
    public void kick() {
        if (asking) {
            askAgain = true;
            return;
        }
        asking = true;
        try {
            do {
                askAgain = false;
                carriage.outputReady();
            } while (askAgain);
        } finally {
            asking = false;
        }
    }

    /**
     * Takes what was written and flushed.
     *
     * @param max bytes at most
     * @param sink gets the pieces in order; ownership passes
     * @return bytes taken
     */
    public int take(int max, Consumer<ByteBuf> sink) {
        int taken = 0;
        while (taken < max) {
            ByteBuf bytes = closed ? tail.peek() : (ByteBuf) outbound.current();
            if (bytes == null) {
                break;
            }
            int length = Math.min(max - taken, bytes.readableBytes());
            taken += length;
            if (length > 0) {
                takes++;
                sink.accept(bytes.readRetainedSlice(length));
            }
            if (!bytes.isReadable()) {
                // Tells promises and watermarks, which may write, flush or close.
                removeCurrent();
            }
        }
        return taken;
    }

    private void removeCurrent() {
        if (closed) {
            tail.remove().release();
        } else {
            outbound.remove();
        }
    }

    /** Whether {@link #take} would give something. */
    public boolean hasOutput() {
        return closed ? !tail.isEmpty() : outbound.current() != null;
    }

    /** Whether the channel is closed and everything that was written to it has been taken. */
    public boolean isDrained() {
        return closed && tail.isEmpty();
    }

    /**
     * For a closed channel, whose rest may need its time: has the carriage give up once nothing has been taken for so long and nothing of what
     * was taken {@linkplain Carriage#unsent has gone on}.
     *
     * @param giveUp called once, also when everything has been taken
     */
    public void whenStuck(int seconds, Runnable giveUp) {
        ProgressLimit.start(eventLoop(), seconds, () -> (takes << Integer.SIZE) - carriage.unsent(), giveUp);
    }

    // To the reader

    @Override
    protected void doBeginRead() {
        readPending = true;
        // Also when nothing waits: the carriage may have stopped while the reader did, and has to hear of it.
        if (!delivering) {
            eventLoop().execute(this::deliver);
        }
    }

    private void deliver() {
        if (delivering || closed) {
            return;
        }
        delivering = true;
        while (readPending && !inbound.isEmpty()) {
            readPending = false;
            // All at once, so that small pieces share one flush; what waits is bounded.
            while (!inbound.isEmpty()) {
                ByteBuf bytes = inbound.poll();
                waiting -= bytes.readableBytes();
                pipeline().fireChannelRead(bytes);
            }
            pipeline().fireChannelReadComplete();
        }
        delivering = false;
        if (closed || !inbound.isEmpty()) {
            return;
        }
        if (peerEnded) {
            unsafe().close(unsafe().voidPromise());
        } else if (readPending) {
            carriage.inputWanted();
        }
    }

    // From the writer

    @Override
    protected void doWrite(ChannelOutboundBuffer in) {
        kick();
    }

    @Override
    public ChannelFuture shutdownOutput(ChannelPromise promise) {
        if (!eventLoop().inEventLoop()) {
            eventLoop().execute(() -> shutdownOutput(promise));
        } else if (!outputShutdown) {
            outputShutdown = true;
            promise.trySuccess();
            if (side == Side.SERVER) {
                close();
            } else {
                closeAfterSilence(offers);
            }
        } else {
            promise.trySuccess();
        }
        return promise;
    }

    private void closeAfterSilence(long offersBefore) {
        silence = eventLoop()
                .schedule(
                        () -> {
                            if (offers == offersBefore && inbound.isEmpty() && outbound.isEmpty()) {
                                close();
                            } else if (!closed) {
                                closeAfterSilence(offers);
                            }
                        },
                        SILENCE_MILLIS,
                        TimeUnit.MILLISECONDS);
    }

    private void keepTail() {
        if (!failed && !config.isAbort()) {
            keep(outbound, tail);
        }
    }

    @Override
    protected void doClose() {
        closed = true;
        if (silence != null) {
            silence.cancel(false);
        }
        release(inbound);
        carriage.closed(failed || config.isAbort());
        kick();
    }

    /** The carriage cannot send what is left. */
    public void dropTail() {
        release(tail);
    }

    private final class CarriedUnsafe extends ConnectedUnsafe {
        @Override
        protected Executor prepareToClose() {
            keepTail();
            return null;
        }
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new CarriedUnsafe();
    }

    @Override
    public boolean isInputShutdown() {
        return closed;
    }

    @Override
    public boolean isOutputShutdown() {
        return outputShutdown || closed;
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    @Override
    protected SocketAddress remoteAddress0() {
        return remote;
    }
}
