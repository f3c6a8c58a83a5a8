// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DatagramPacket;
import java.util.function.Supplier;

/**
 * The handler by which a {@link Meter} sees one target. Transparent to the caller: while input is held back the
 * target is not read, whatever {@code autoRead} says; while output is held back the target is not writable.
 */
final class MeteredTarget extends ChannelDuplexHandler {
    /** Bits of {@link ChannelOutboundBuffer#setUserDefinedWritability}. */
    private static final int THROTTLED = 1;

    private static final int OUT_OF_TURN = 2;

    private final Meter meter;
    private ChannelHandlerContext context;
    private boolean buffered;
    private boolean readWaits;
    private boolean writeWaits;
    private boolean inputEnded;

    MeteredTarget(Meter meter) {
        this.meter = meter;
    }

    static Throttle.Gate gate(Supplier<MeteredTarget> target, boolean outward) {
        return new Throttle.Gate() {
            @Override
            public boolean isOpen() {
                // Bytes for the target queue in its outbound buffer, which is unwritable while the throttle holds
                // bytes.
                return outward || target.get().meter.isClientWritable();
            }

            @Override
            public void pass(ByteBuf bytes) {
                ChannelHandlerContext ctx = target.get().context;
                if (outward) {
                    ctx.write(bytes, ctx.voidPromise());
                } else {
                    ctx.fireChannelRead(bytes);
                }
            }

            @Override
            public void passed() {
                if (outward) {
                    target.get().sent();
                } else {
                    target.get().delivered();
                }
            }
        };
    }

    private static boolean isHolding(Throttle throttle) {
        return throttle != null && !throttle.isEmpty();
    }

    private boolean isReadHeld() {
        return isHolding(meter.throttleFrom());
    }

    /** Bytes that the target has not taken yet. */
    long waiting() {
        return RelayOutput.waiting(context.channel(), buffered);
    }

    /** Drops the queued bytes. */
    void drop() {
        for (Throttle throttle : new Throttle[] {meter.throttleTo(), meter.throttleFrom()}) {
            if (throttle != null) {
                throttle.release();
            }
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        buffered = RelayOutput.isBuffered(ctx.channel());
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        for (Throttle throttle : new Throttle[] {meter.throttleTo(), meter.throttleFrom()}) {
            if (isHolding(throttle) && ctx.channel().isActive()) {
                throttle.letAllGo();
            }
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof DatagramPacket datagram) {
            int size = datagram.content().readableBytes();
            if (passes(meter.throttleFrom(), size) && meter.countFrom(size)) {
                ctx.fireChannelRead(datagram);
            } else {
                datagram.release();
            }
            return;
        } else if (!(message instanceof ByteBuf)) {
            ctx.fireChannelRead(message);
            return;
        }
        ByteBuf bytes = (ByteBuf) message;
        int length = bytes.readableBytes();
        if (!meter.countFrom(length)) {
            bytes.release();
            return;
        }
        if (meter.throttleFrom() == null) {
            ctx.fireChannelRead(bytes);
        } else {
            meter.throttleFrom().add(bytes);
        }
        readWaits = readWaits || meter.isOverShare(length, this::readTurn);
        if (readWaits || isReadHeld()) {
            ctx.channel().config().setAutoRead(false);
        }
    }

    /** A datagram above the rate is lost, as on a network. */
    private static boolean passes(Throttle throttle, int size) {
        return throttle == null || throttle.passes(size);
    }

    private void readTurn() {
        readWaits = false;
        readOn();
    }

    private void delivered() {
        context.fireChannelReadComplete();
        if (!isReadHeld() && inputEnded) {
            inputEnded = false;
            context.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        } else {
            readOn();
        }
    }

    private void readOn() {
        if (!readWaits && !isReadHeld()) {
            context.channel().config().setAutoRead(meter.isClientWritable());
        }
    }

    /** Also called when another handler sets {@code autoRead}, for instance because the client became writable. */
    @Override
    public void read(ChannelHandlerContext ctx) {
        if (readWaits || isReadHeld()) {
            ctx.channel().config().setAutoRead(false);
            if (isReadHeld()) {
                // Deferred, since other bytes may be in delivery now.
                ctx.executor().execute(() -> meter.throttleFrom().gateOpened());
            }
        } else {
            ctx.read();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent && isReadHeld()) {
            inputEnded = true;
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message instanceof DatagramPacket datagram) {
            int size = datagram.content().readableBytes();
            if (passes(meter.throttleTo(), size) && meter.countTo(size)) {
                ctx.write(datagram, promise);
            } else {
                datagram.release();
                promise.trySuccess();
            }
            return;
        }
        if (!(message instanceof ByteBuf bytes) || !bytes.isReadable()) {
            ctx.write(message, promise);
            return;
        }
        int length = bytes.readableBytes();
        if (!meter.countTo(length)) {
            bytes.release();
            promise.tryFailure(new IllegalStateException("the policy's byte limit is reached"));
            return;
        }
        if (meter.throttleTo() == null) {
            ctx.write(bytes, promise);
        } else {
            meter.throttleTo().add(bytes);
            promise.trySuccess();
            writable(THROTTLED, !isHolding(meter.throttleTo()));
        }
        if (!writeWaits && meter.isOverShare(length, this::writeTurn)) {
            writeWaits = true;
            writable(OUT_OF_TURN, false);
        }
    }

    private void writeTurn() {
        writeWaits = false;
        writable(OUT_OF_TURN, true);
    }

    private void sent() {
        context.flush();
        writable(THROTTLED, !isHolding(meter.throttleTo()));
    }

    private void writable(int bit, boolean on) {
        ChannelOutboundBuffer buffer = buffer(context.channel());
        if (buffer != null) {
            buffer.setUserDefinedWritability(bit, on);
        }
    }

    private static ChannelOutboundBuffer buffer(Channel channel) {
        return channel.unsafe().outboundBuffer();
    }
}
