// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.httun.api.relay.EndCause;
import io.httun.api.relay.OutputEnd;
import io.httun.api.tunnel.BulkSockets;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** One side of a {@link Relay}: what it reads is written to the other. Everything happens on their event loop. */
final class RelayEnd extends ChannelInboundHandlerAdapter implements FairLoop.Waiting, Throttle.Gate {
    private static final int LINGER_SECONDS = 2;

    private final Relay relay;
    private final Channel channel;
    private final String name;
    private final EndCause failure;
    private RelayEnd other;
    private Channel sink;
    private boolean inputEnded;
    private boolean endSent;
    private boolean outputEnded;
    private boolean discarding;
    private boolean discarded;
    private boolean waiting;
    private boolean dropped;
    /** Null while there is no limit to the rate. */
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
    }

    void join(RelayEnd peer) {
        other = peer;
        sink = peer.channel;
    }

    Channel channel() {
        return channel;
    }

    long bytes() {
        return bytes;
    }

    /** In how many pieces the bytes came. */
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

    /** Bytes written to this side that its channel has not sent. Any thread. */
    long waiting() {
        ChannelOutboundBuffer pending = channel.unsafe().outboundBuffer();
        return pending == null ? 0 : pending.totalPendingWriteBytes();
    }

    boolean isOutputEnded() {
        return outputEnded;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (discarding) {
            discarded = true;
            ReferenceCountUtil.release(message);
            return;
        }
        ByteBuf buffer = (ByteBuf) message;
        int length = buffer.readableBytes();
        take(buffer);
        if (!sink.isWritable()) {
            pushed();
        }
        if (!waiting && relay.isOverShare(this, length)) {
            waiting = true;
            channel.config().setAutoRead(false);
        }
    }

    @Override
    public void turn() {
        waiting = false;
        resume();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (!discarding) {
            pushed();
        }
    }

    /** Hands bytes over without flushing; a write that fails shows as an exception of the other side. */
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
        if (inputEnded && throttle.isEmpty()) {
            flushThenEnd();
        }
    }

    /**
     * Flushes, and only then looks at whether to read on: a flush may make the other side writable within itself, and
     * asking before would leave this side unread for ever.
     */
    void pushed() {
        sink.flush();
        resume();
    }

    /** Reads this side while the other can be written, nothing is held back, and it is not another source's turn. */
    void resume() {
        boolean wanted = inputEnded || discarding || !waiting && sink.isWritable() && !isHolding();
        channel.config().setAutoRead(wanted);
    }

    private boolean isHolding() {
        return throttle != null && !throttle.isEmpty();
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

    /** This side will send no more: when the last byte has left the other side, its output ends as well. */
    void inputEnded() {
        if (inputEnded) {
            return;
        }
        inputEnded = true;
        relay.inputEnded();
        if (discarding) {
            endIfDone();
        } else if (!isHolding()) {
            flushThenEnd();
        }
    }

    private void flushThenEnd() {
        if (endSent) {
            return;
        }
        endSent = true;
        // An empty write completes behind all others; ending the output at once would drop those that wait.
        sink.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(flushed -> {
            if (flushed.isSuccess()) {
                other.endOutput();
            } else {
                failed(flushed.cause());
            }
        });
    }

    private void endOutput() {
        OutputEnd own = channel.attr(OutputEnd.KEY).get();
        if (own == null && inputEnded && other.outputEnded) {
            // Nothing is left to come or to go: closing says so with one call to the kernel less. A stream of HTTP/2 or
            // TLS has
            // an end of its own to send first.
            outputEnded = true;
            relay.outputEnded();
            return;
        }
        if (own == null && !(channel instanceof DuplexChannel)) {
            outputEnded = true;
            channel.close();
            return;
        }
        Future<?> ending = own == null ? shutdown((DuplexChannel) channel) : own.end(channel);
        ending.addListener(end -> {
            outputEnded = true;
            if (end.isSuccess()) {
                relay.outputEnded();
                endIfDone();
            } else {
                failed(end.cause());
            }
        });
    }

    /** The end of its input can then be its close, since nothing would follow but that; it costs less than an end does. */
    private static Future<?> shutdown(DuplexChannel channel) {
        if (channel instanceof SocketChannel socket) {
            socket.config().setAllowHalfClosure(false);
        }
        return channel.shutdownOutput();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (relay.isOver()) {
            return;
        }
        if (!inputEnded && !outputEnded && channel instanceof SocketChannel) {
            // A socket that ends says so first; this one was closed under us, and more might have come.
            relay.fail(failure, "the " + name + " broke it off");
            return;
        }
        relay.closedAfterEnd(other);
        inputEnded();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable what) {
        failed(what);
    }

    private void failed(Throwable what) {
        String why = what.getMessage() == null ? what.toString() : what.getMessage();
        relay.fail(failure, "the " + name + "'s side failed: " + why);
    }

    /** Drops what it holds back. */
    void drop() {
        dropped = true;
        if (throttle != null) {
            throttle.release();
        }
    }

    /** Reads and drops what still comes; this side ends when it has got everything and had time to read it. */
    void discard() {
        discarding = true;
        discarded |= isHolding();
        drop();
        channel.config().setAutoRead(true);
        endIfDone();
    }

    private void endIfDone() {
        if (!discarding || !outputEnded) {
            return;
        }
        if (inputEnded) {
            endAfterLinger();
        } else {
            Future<?> limit = channel.eventLoop().schedule(this::endAfterLinger, LINGER_SECONDS, TimeUnit.SECONDS);
            channel.closeFuture().addListener(closed -> limit.cancel(false));
        }
    }

    /** A side whose bytes were dropped must not believe that they arrived. */
    private void endAfterLinger() {
        if (discarded) {
            BulkSockets.reset(channel);
        } else {
            channel.close();
        }
    }
}
