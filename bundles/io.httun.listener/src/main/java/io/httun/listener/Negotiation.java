// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.relay.EndCause;
import io.httun.api.relay.RelayConnection;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Target;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What a client says before its bytes are relayed. It stands last in the pipeline, behind the codec of its protocol, takes
 * the messages of that and keeps the bytes that come behind them.
 */
abstract class Negotiation extends ChannelInboundHandlerAdapter implements RelayConnection.Opening {
    /** How long a refused client may take to read its answer before the connection is closed under it. */
    private static final int LINGER_SECONDS = 2;

    private enum Stage {
        NEGOTIATING,
        CONNECTING,
        REFUSED,
        DONE
    }

    private final RelayConnection connection;
    private final ListenerSettings settings;
    private final List<ByteBuf> early = new ArrayList<>();
    private ChannelHandlerContext context;
    private Future<?> limit;
    private boolean inputEnded;
    private Stage stage = Stage.NEGOTIATING;

    Negotiation(RelayConnection connection, ListenerSettings settings) {
        this.connection = connection;
        this.settings = settings;
    }

    /** Adds the codec in front of this handler and waits for messages; or asks for a target at once. */
    abstract void begin(ChannelHandlerContext ctx);

    /** A message of the codec; released by the caller. */
    abstract void message(ChannelHandlerContext ctx, Object message);

    /** Tells the client that it is connected. */
    abstract void writeAccepted(ChannelHandlerContext ctx);

    /** Tells the client why not; returns what completes when it is written. */
    abstract Future<?> writeRefused(ChannelHandlerContext ctx, Cause cause);

    /** Tells the client that it took too long. */
    abstract Future<?> writeLate(ChannelHandlerContext ctx);

    /** As they were when the client came. */
    final ListenerSettings settings() {
        return settings;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        context = ctx;
        limit = ctx.executor().schedule(() -> tooLate(ctx), settings.negotiationSeconds(), TimeUnit.SECONDS);
        begin(ctx);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof ByteBuf bytes && (stage == Stage.NEGOTIATING || stage == Stage.CONNECTING)) {
            early.add(bytes);
            return;
        }
        try {
            if (stage == Stage.NEGOTIATING) {
                message(ctx, message);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    /** The client wants this; its further bytes wait, in the kernel but for what has been read already. */
    final void request(ChannelHandlerContext ctx, Target target) {
        stage = Stage.CONNECTING;
        limit.cancel(false);
        ctx.channel().config().setAutoRead(false);
        removeOthers(ctx, false);
        // A tunnel with a session in hand opens at once, and the relay must not see what the codec has yet to hand on.
        ctx.executor().execute(() -> connection.open(target, this));
    }

    /**
     * The client asked for what it cannot have.
     *
     * @param why one of a few fixed texts
     */
    final void reject(ChannelHandlerContext ctx, EndCause cause, String why, Future<?> answer) {
        connection.refuse(cause, why);
        finish(ctx, answer);
    }

    @Override
    public final void opened(Channel target) {
        stage = Stage.DONE;
        writeAccepted(context);
        removeOthers(context, true);
        connection.relay(this, List.copyOf(early), inputEnded);
        early.clear();
    }

    @Override
    public final void refused(Cause cause) {
        finish(context, writeRefused(context, cause));
    }

    private void tooLate(ChannelHandlerContext ctx) {
        if (stage == Stage.NEGOTIATING) {
            reject(ctx, EndCause.NEGOTIATION_TIMED_OUT, "too slow to say what it wants", writeLate(ctx));
        }
    }

    /**
     * Ends the output and reads on for a while: closing a socket with unread bytes resets it, and the client might lose
     * the answer.
     */
    private void finish(ChannelHandlerContext ctx, Future<?> answer) {
        stage = Stage.REFUSED;
        limit.cancel(false);
        releaseEarly();
        removeOthers(ctx, false);
        SocketChannel channel = (SocketChannel) ctx.channel();
        answer.addListener(written -> {
            if (inputEnded || !written.isSuccess()) {
                channel.close();
            } else if (channel.isOpen()) {
                channel.shutdownOutput();
                channel.config().setAutoRead(true);
                Future<?> end = ctx.executor().schedule(() -> channel.close(), LINGER_SECONDS, TimeUnit.SECONDS);
                channel.closeFuture().addListener(closed -> end.cancel(false));
            }
        });
    }

    /** Decoders go when the request is there, which hands their unread bytes on to this handler; encoders stay longer. */
    private void removeOthers(ChannelHandlerContext ctx, boolean encodersToo) {
        ChannelPipeline pipeline = ctx.pipeline();
        for (ChannelHandler handler : pipeline.toMap().values()) {
            if (handler != this && (encodersToo || handler instanceof ChannelInboundHandlerAdapter)) {
                pipeline.remove(handler);
            }
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            inputEnded = true;
            if (stage == Stage.NEGOTIATING || stage == Stage.REFUSED) {
                ctx.close();
            }
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (limit != null) {
            limit.cancel(false);
        }
        releaseEarly();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable failure) {
        connection.end(EndCause.CLIENT_FAILED, "the client's connection failed: " + failure.getMessage());
    }

    private void releaseEarly() {
        early.forEach(ReferenceCountUtil::release);
        early.clear();
    }
}
