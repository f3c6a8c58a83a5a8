// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.httun.api.relay.EndCause;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** One side of a {@link Relay}: writes its input to the other side. On the event loop. */
final class RelayEnd extends ChannelInboundHandlerAdapter implements FairLoop.Waiting, Throttle.Gate {
    /**
     * <pre>
     * OPEN --end of input--> ENDED --throttle empty, last byte queued--> FORWARDED
     * </pre>
     */
    private enum Input {
        OPEN,
        ENDED,
        /** The end is queued behind the last byte for the other side. */
        FORWARDED
    }

    private final Relay relay;
    private final Channel channel;
    private final String name;
    private final EndCause failure;
    private final RelayOutput output;
    private final RelayLinger linger;

    private RelayEnd other;
    private Channel sink;
    private Input input = Input.OPEN;
    private boolean waitsForTurn;
    private boolean dropped;
    /** Null while the rate is unlimited. */
    private Throttle throttle;
    /** Written by the event loop only. */
    private volatile long bytes;
    /** Written by the event loop only. */
    private volatile long reads;

    RelayEnd(Relay relay, Channel channel, String name, EndCause failure) {
        this.relay = relay;
        this.channel = channel;
        this.name = name;
        this.failure = failure;
        this.output = new RelayOutput(channel);
        this.linger = new RelayLinger(channel, () -> other.output.isBroken());
    }

    void join(RelayEnd peer) {
        other = peer;
        sink = peer.channel;
    }

    Channel channel() {
        return channel;
    }

    RelayOutput output() {
        return output;
    }

    EndCause failure() {
        return failure;
    }

    long bytes() {
        return bytes;
    }

    /** Bytes of this side's input that the other side has not taken yet. */
    long waiting() {
        return (throttle == null ? 0 : throttle.held()) + other.output.waiting();
    }

    /** Number of pieces in which the bytes were read. */
    long reads() {
        return reads;
    }

    void limit(RateLimit limit) {
        if (throttle == null && !limit.isNone()) {
            throttle = new Throttle(channel.eventLoop(), this);
        }
        if (throttle != null) {
            throttle.limit(limit);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (linger.isActive()) {
            linger.discarded();
            ReferenceCountUtil.release(message);
            return;
        }
        ByteBuf buffer = (ByteBuf) message;
        int length = buffer.readableBytes();
        take(buffer);
        if (!sink.isWritable()) {
            pushed();
        }
        if (!waitsForTurn && relay.isOverShare(this, length)) {
            waitsForTurn = true;
            channel.config().setAutoRead(false);
        }
    }

    @Override
    public void turn() {
        waitsForTurn = false;
        resume();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (!linger.isActive()) {
            pushed();
        }
    }

    /** Writes without a flush; a failed write appears as an exception of the other side. */
    void take(ByteBuf buffer) {
        int length = buffer.readableBytes();
        if (dropped || relay.isTooMuch(length)) {
            buffer.release();
            return;
        }
        bytes += length;
        reads++;
        if (throttle == null) {
            pass(buffer);
        } else {
            throttle.add(buffer);
        }
    }

    @Override
    public boolean isOpen() {
        return sink.isWritable();
    }

    @Override
    public void pass(ByteBuf buffer) {
        sink.write(buffer, sink.voidPromise());
    }

    @Override
    public void passed() {
        pushed();
        if (hasEnded() && throttle.isEmpty()) {
            forwardEnd();
        }
    }

    /**
     * Flushes, then decides whether to read on. In the other order this side could stay unread for ever: the flush itself may make
     * the other side writable.
     */
    void pushed() {
        sink.flush();
        resume();
    }

    /** Reads this side while the other side is writable, the throttle is empty, and no other source has its turn. */
    void resume() {
        boolean wanted = hasEnded() || linger.isActive() || !waitsForTurn && sink.isWritable() && !isHolding();
        channel.config().setAutoRead(wanted);
    }

    private boolean isHolding() {
        return throttle != null && !throttle.isEmpty();
    }

    private boolean hasEnded() {
        return input != Input.OPEN;
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (channel.isWritable()) {
            other.sinkWritable();
        }
    }

    private void sinkWritable() {
        if (isHolding()) {
            throttle.drain();
        }
        resume();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            inputEnded();
        }
    }

    /** Handles the end of this side's input: the other side's output ends after the last byte. */
    void inputEnded() {
        if (hasEnded()) {
            return;
        }
        input = Input.ENDED;
        relay.inputEnded();
        if (linger.isActive()) {
            endIfDone();
        } else if (!isHolding()) {
            forwardEnd();
        }
    }

    private void forwardEnd() {
        if (input == Input.FORWARDED) {
            return;
        }
        input = Input.FORWARDED;
        // An empty write completes after all earlier writes; ending the output now would drop those in the queue.
        sink.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(flushed -> {
            if (flushed.isSuccess()) {
                other.endOutput();
            } else {
                failed(flushed.cause());
            }
        });
    }

    private void endOutput() {
        if (output.isEnded()) {
            return;
        }
        if (hasEnded() && other.output.isEnded() && output.endByClose()) {
            relay.outputEnded();
            return;
        }
        output.end(problem -> {
            if (problem == null) {
                relay.outputEnded();
                endIfDone();
            } else {
                failed(problem);
            }
        });
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (output.isBroken()) {
            inputEnded();
        }
        if (relay.isOver()) {
            return;
        }
        if (!hasEnded() && !output.isEnded() && channel instanceof SocketChannel) {
            // An orderly end of a socket is an event before this; here bytes may be missing.
            relay.fail(failure, "the " + name + " broke the connection");
            return;
        }
        relay.closedAfterEnd(other);
        inputEnded();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (output.hasFailedWrite()) {
            outputBroken(cause);
        } else if (!output.isBroken()) {
            failed(cause);
        }
    }

    private void outputBroken(Throwable cause) {
        if (!relay.keepsReading(this, message(cause))) {
            return;
        }
        output.broken();
        other.linger.discard(true);
        other.drop();
        other.channel.config().setAutoRead(true);
        resume();
        expectMore(bytes);
    }

    /** Bytes sent before a reset are in this host's kernel already: without progress and with room, all have arrived. */
    private void expectMore(long soFar) {
        Future<?> check = channel.eventLoop()
                .schedule(
                        () -> {
                            if (bytes != soFar || !sink.isWritable()) {
                                expectMore(bytes);
                            } else {
                                inputEnded();
                            }
                        },
                        RelayLinger.SECONDS,
                        TimeUnit.SECONDS);
        channel.closeFuture().addListener(closed -> check.cancel(false));
    }

    private void failed(Throwable cause) {
        relay.failed(this, message(cause));
    }

    private String message(Throwable cause) {
        String text = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        return "the " + name + "'s side failed: " + text;
    }

    /** Drops the bytes in the throttle. */
    void drop() {
        dropped = true;
        if (throttle != null) {
            throttle.release();
        }
    }

    /** Starts the lingering close: discards further input, and closes this side after its last bytes. */
    void discard() {
        linger.discard(isHolding());
        drop();
        channel.config().setAutoRead(true);
        endIfDone();
    }

    void endIfDone() {
        if (!linger.isActive() || !output.isEnded()) {
            return;
        }
        if (hasEnded()) {
            linger.end();
        } else {
            linger.start();
        }
    }
}
