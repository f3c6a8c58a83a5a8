// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.httun.api.relay.OutputEnd;
import io.httun.toolkit.tunnel.BulkSockets;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The output of one side of a {@link Relay}: its end, its failure and its outbound buffer. On the event loop. */
final class RelayOutput {
    /** For bytes in the kernel's send buffer: a reset drops them. */
    private static final int LAST_BYTES_MILLIS = 200;
    /** The time for which Linux retransmits to a peer that does not answer (tcp_retries2 of tcp(7)). */
    private static final int STUCK_MINUTES = 15;

    /**
     * <pre>
     * OPEN --end()--> ENDING --the peer was told--> ENDED
     *  |
     *  +--a write failed--> BROKEN
     * </pre>
     */
    private enum State {
        OPEN,
        ENDING,
        ENDED,
        BROKEN
    }

    private final Channel channel;
    /** Whether the channel has Netty's outbound buffer; an HTTP/2 stream has none. */
    private final boolean buffered;

    private State state = State.OPEN;

    RelayOutput(Channel channel) {
        this.channel = channel;
        this.buffered = isBuffered(channel);
    }

    boolean isEnded() {
        return state == State.ENDED || state == State.BROKEN;
    }

    boolean isBroken() {
        return state == State.BROKEN;
    }

    /** Whether a write has failed and not a read: without {@code AUTO_CLOSE} a failed write ends the output only. */
    boolean hasFailedWrite() {
        return buffered
                && state == State.OPEN
                && channel.isOpen()
                && channel.unsafe().outboundBuffer() == null;
    }

    void broken() {
        state = State.BROKEN;
    }

    /** Bytes written to this side that its channel has not sent. Any thread. */
    long queued() {
        ChannelOutboundBuffer pending = channel.unsafe().outboundBuffer();
        return pending == null ? 0 : pending.totalPendingWriteBytes();
    }

    /** Bytes written to this side that its channel has not taken yet; also where it has no outbound buffer. */
    long waiting() {
        return isEnded() ? 0 : waiting(channel, buffered);
    }

    /** @param buffered whether the channel had Netty's outbound buffer when it was open; the buffer goes with the end of the output */
    static long waiting(Channel channel, boolean buffered) {
        if (!channel.isOpen() || buffered && channel.unsafe().outboundBuffer() == null) {
            return 0;
        }
        // Unwritable channels answer 0, writable ones one more than what still fits.
        return channel.config().getWriteBufferHighWaterMark() + 1 - channel.bytesBeforeUnwritable();
    }

    static boolean isBuffered(Channel channel) {
        return channel.unsafe().outboundBuffer() != null;
    }

    /**
     * Ends the output by the close of the channel that follows, which saves a system call.
     *
     * @return false if the channel has an end of its own to send, as HTTP/2 and TLS have
     */
    boolean endByClose() {
        if (channel.attr(OutputEnd.KEY).get() != null) {
            return false;
        }
        state = State.ENDED;
        return true;
    }

    /**
     * Ends the output; every earlier write is complete.
     *
     * @param ended called when the output has ended, with its failure or null
     */
    void end(Consumer<Throwable> ended) {
        state = State.ENDING;
        OutputEnd own = channel.attr(OutputEnd.KEY).get();
        if (own == null && !(channel instanceof DuplexChannel)) {
            state = State.ENDED;
            channel.close();
            return;
        }
        Future<?> ending = own == null ? shutdown((DuplexChannel) channel) : own.end(channel);
        ending.addListener(end -> {
            state = State.ENDED;
            ended.accept(end.cause());
        });
    }

    /** From now on the end of its input may close the channel: nothing else follows, and it saves a system call. */
    private static Future<?> shutdown(DuplexChannel channel) {
        if (channel instanceof SocketChannel socket) {
            socket.config().setAllowHalfClosure(false);
        }
        return channel.shutdownOutput();
    }

    /** Sends the queued bytes, and then resets the channel. */
    void flushThenReset() {
        channel.config().setAutoRead(false);
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(flushed -> channel.eventLoop()
                .schedule(() -> BulkSockets.reset(channel), LAST_BYTES_MILLIS, TimeUnit.MILLISECONDS));
    }

    /** Resets the channel once the queue has made no progress for long: the sender of these bytes has gone. */
    void resetWhenStuck() {
        resetWhenStuck(queued());
    }

    private void resetWhenStuck(long before) {
        channel.eventLoop()
                .schedule(
                        () -> {
                            long now = queued();
                            if (isEnded() || !channel.isOpen()) {
                                return;
                            }
                            if (now == before) {
                                BulkSockets.reset(channel);
                            } else {
                                resetWhenStuck(now);
                            }
                        },
                        STUCK_MINUTES,
                        TimeUnit.MINUTES);
    }
}
