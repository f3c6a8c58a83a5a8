// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.util.function.Supplier;

/**
 * What one target carries, on its way through a {@link Meter}. Whoever speaks with the target reads and writes as ever: while
 * bytes from it are held back it is not read, whatever {@code autoRead} is set to, and while bytes for it are it does not look
 * writable.
 */
final class MeteredTarget extends ChannelDuplexHandler {
    /** Bits of {@link ChannelOutboundBuffer#setUserDefinedWritability}. */
    private static final int THROTTLED = 1;

    private static final int OUT_OF_TURN = 2;

    private final Meter meter;
    private ChannelHandlerContext context;
    private boolean readWaits;
    private boolean writeWaits;
    private boolean inputEnded;

    MeteredTarget(Meter meter) {
        this.meter = meter;
    }

    /** @param outward whether bytes go to the target */
    static Throttle.Gate gate(Supplier<MeteredTarget> target, boolean outward) {
        return new Throttle.Gate() {
            @Override
            public boolean isOpen() {
                // Towards the target, what its socket does not take waits there; nothing is added while anything waits
                // here.
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

    /** Forgets what is held back. */
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
        if (!(message instanceof ByteBuf bytes)) {
            ctx.fireChannelRead(message);
            return;
        }
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

    /** Also called when somebody sets {@code autoRead}, for instance because the client can be written again. */
    @Override
    public void read(ChannelHandlerContext ctx) {
        if (readWaits || isReadHeld()) {
            ctx.channel().config().setAutoRead(false);
            if (isReadHeld()) {
                // Not within what may be the delivery of other bytes.
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
        if (!(message instanceof ByteBuf bytes) || !bytes.isReadable()) {
            ctx.write(message, promise);
            return;
        }
        int length = bytes.readableBytes();
        if (!meter.countTo(length)) {
            bytes.release();
            promise.tryFailure(new IllegalStateException("more than the policy allows"));
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
