// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.relay.EndCause;
import io.httun.api.relay.RelayConnection;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Target;
import io.httun.toolkit.login.Logins;
import io.httun.toolkit.login.Logins.Outcome;
import io.httun.toolkit.tunnel.BulkSockets;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The negotiation with one client before the relay. It is the last handler of the pipeline, behind the codec of its protocol. It
 * processes the codec's messages and keeps the bytes that follow them.
 */
abstract class Negotiation extends ChannelInboundHandlerAdapter implements RelayConnection.Opening {
    private static final Logger LOG = LoggerFactory.getLogger(Negotiation.class);

    /**
     * <pre>
     * NEGOTIATING --request()--> CONNECTING --target connected--> DONE
     *      |                         |
     *      +--reject(), time-out-----+--refused()--> REFUSED
     * </pre>
     */
    private enum Stage {
        NEGOTIATING,
        CONNECTING,
        /** The client reads its answer in a lingering close. */
        REFUSED,
        DONE
    }

    private final ListenerClient client;
    private final HeldInput input = new HeldInput();
    private ChannelHandlerContext context;
    private Future<?> limit;
    private Channel prepared;
    private String loggedIn = "";
    private boolean holding;
    private boolean inputEnded;
    /** Whether success was reported before the target was connected. */
    private boolean answered;

    private Stage stage = Stage.NEGOTIATING;

    Negotiation(ListenerClient client) {
        this.client = client;
    }

    /** Adds the codec in front of this handler and waits for messages, or requests a target immediately. */
    abstract void begin(ChannelHandlerContext ctx);

    /** Processes a message of the codec; the caller releases it. */
    abstract void message(ChannelHandlerContext ctx, Object message);

    /** Reports success to the client. */
    abstract void writeAccepted(ChannelHandlerContext ctx);

    /** Reports a refusal to the client; the future completes when it is written. */
    abstract Future<?> writeRefused(ChannelHandlerContext ctx, Cause cause);

    /** Reports a time-out of the negotiation to the client. */
    abstract Future<?> writeLate(ChannelHandlerContext ctx);

    /** Reports an internal error to the client. */
    Future<?> writeBroken(ChannelHandlerContext ctx) {
        return writeRefused(ctx, Cause.FAILED);
    }

    /** Prepares a connected target before the relay, for example by a TLS handshake. */
    Future<?> prepare(Channel target) {
        return target.eventLoop().newSucceededFuture(null);
    }

    final ListenerClient client() {
        return client;
    }

    /** The logged-in user; empty without a login. */
    final String user() {
        return loggedIn;
    }

    /** The listener's settings when the client connected. */
    final ListenerSettings settings() {
        return client.settings();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        start();
    }

    /** Called when the channel is active, before anything is read from it. */
    final void start() {
        client.connection().via("1.1 " + client.parts().pseudonym());
        SslHandler tls = context.pipeline().get(SslHandler.class);
        if (tls == null) {
            startLimit(client.negotiationSeconds(), () -> tooLate(context));
            begin(context);
            return;
        }
        tls.handshakeFuture().addListener(shaken -> {
            if (shaken.isSuccess()) {
                if (client.logins().isEmpty()) {
                    // The client's certificate was the login.
                    client.loggedIn().run();
                }
                startLimit(client.negotiationSeconds(), () -> tooLate(context));
                begin(context);
            } else {
                client.connection().refuse(EndCause.MALFORMED, "TLS handshake failed");
                context.close();
            }
        });
        context.channel().config().setAutoRead(true);
    }

    /** Runs {@code late} after the time unless {@link #stopLimit} is called before; replaces an earlier limit. */
    final void startLimit(int seconds, Runnable late) {
        stopLimit();
        limit = context.executor().schedule(late, seconds, TimeUnit.SECONDS);
    }

    final void stopLimit() {
        if (limit != null) {
            limit.cancel(false);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (holding) {
            input.hold(message);
            return;
        } else if (message instanceof ByteBuf bytes && (stage == Stage.NEGOTIATING || stage == Stage.CONNECTING)) {
            input.keepEarly(bytes);
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

    /** Holds further messages until {@link #resume()}, and stops reading. */
    final void hold() {
        holding = true;
        context.channel().config().setAutoRead(false);
    }

    final void resume() {
        holding = false;
        drain();
    }

    private void drain() {
        while (!holding && input.holdsMessages()) {
            channelRead(context, input.nextMessage());
        }
        if (!holding && stage == Stage.NEGOTIATING) {
            if (inputEnded) {
                context.close();
            } else {
                context.channel().config().setAutoRead(true);
            }
        }
    }

    /** The plain bytes among the held messages; the caller releases them. */
    final List<ByteBuf> takeHeldBytes() {
        return input.takeHeldBytes();
    }

    /** Checks a login; messages are held meanwhile. */
    final void logIn(Logins logins, String user, String password, Consumer<Outcome> next) {
        hold();
        client.judge(logins, user, password, context.executor()).addListener((FutureListener<Outcome>) judged -> {
            if (stage == Stage.NEGOTIATING && context.channel().isOpen()) {
                if (judged.getNow() == Outcome.RIGHT) {
                    loggedIn = user;
                    client.connection().user(user);
                    client.loggedIn().run();
                }
                holding = false;
                next.accept(judged.getNow());
                drain();
            }
        });
    }

    /** Opens the target that the client requested. Further bytes of the client are not read until the relay starts. */
    final void request(ChannelHandlerContext ctx, Target target) {
        if (client.isOwnListener(target)) {
            reject(ctx, EndCause.DENIED, ListenerClient.LOOP, writeRefused(ctx, Cause.DENIED));
            return;
        }
        stage = Stage.CONNECTING;
        stopLimit();
        ctx.channel().config().setAutoRead(false);
        NegotiationHandlers.removeDecoders(ctx);
        if (settings().optimistic()) {
            answered = true;
            writeAccepted(ctx);
        }
        // Deferred: a tunnel with a session opens immediately, and the codec may still pass on bytes.
        ctx.executor().execute(() -> client.connection().open(target, this));
    }

    /**
     * Refuses the client's request.
     *
     * @param why one of a few fixed texts, by which the log limiter groups
     */
    final void reject(ChannelHandlerContext ctx, EndCause cause, String why, Future<?> answer) {
        client.connection().refuse(cause, why);
        finish(ctx, answer);
    }

    @Override
    public final void opened(Channel target) {
        if (client.isOwnListener(target)) {
            BulkSockets.reset(target);
            client.connection().refuse(EndCause.DENIED, ListenerClient.LOOP);
            refused(Cause.DENIED);
            return;
        }
        Future<?> ready = prepare(target);
        if (ready.isSuccess()) {
            accepted();
            return;
        }
        prepared = target;
        ready.addListener(done -> {
            if (!context.channel().isOpen()) {
                BulkSockets.reset(target);
            } else if (done.isSuccess()) {
                accepted();
            } else {
                LOG.info("Listener {}: {}", settings().name(), done.cause().getMessage());
                BulkSockets.reset(target);
                client.connection().refuse(EndCause.FAILED, "TLS handshake with the target failed");
                refused(Cause.FAILED);
            }
        });
    }

    private void accepted() {
        if (!answered) {
            writeAccepted(context);
        }
        relay();
    }

    /** Starts the relay with the bytes received so far. */
    final void relay() {
        stage = Stage.DONE;
        stopLimit();
        NegotiationHandlers.removeCodec(context);
        client.connection().relay(this, input.takeEarly(), inputEnded);
    }

    /** Starts the relay after a protocol switch: the decoder may still hold bytes of the new protocol. */
    final void relayUpgraded() {
        stage = Stage.CONNECTING;
        NegotiationHandlers.removeDecoders(context);
        resume();
        relay();
    }

    /** The bytes after the last message; the caller releases them. */
    final List<ByteBuf> takeEarly() {
        return input.takeEarly();
    }

    @Override
    public final void refused(Cause cause) {
        finish(context, answered ? BulkSockets.reset(context.channel()) : writeRefused(context, cause));
    }

    private void tooLate(ChannelHandlerContext ctx) {
        if (stage == Stage.NEGOTIATING) {
            reject(ctx, EndCause.NEGOTIATION_TIMED_OUT, "negotiation timed out", writeLate(ctx));
        }
    }

    /** Closes the channel after the client has received its answer. */
    final void finish(ChannelHandlerContext ctx, Future<?> answer) {
        stage = Stage.REFUSED;
        stopLimit();
        input.release();
        NegotiationHandlers.removeDecoders(ctx);
        LingeringClose.after(answer, ctx, () -> inputEnded);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            inputEnded = true;
            // Held messages are complete requests and still get their answer.
            if (stage == Stage.NEGOTIATING && !holding || stage == Stage.REFUSED) {
                ctx.close();
            }
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        stopLimit();
        if (prepared != null && stage != Stage.DONE) {
            BulkSockets.reset(prepared);
        }
        input.release();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable failure) {
        if (stage == Stage.NEGOTIATING
                && failure instanceof RuntimeException
                && !(failure instanceof DecoderException)) {
            LOG.error("Listener {} failed", settings().name(), failure);
            reject(ctx, EndCause.FAILED, "internal error", writeBroken(ctx));
        } else {
            client.connection().end(EndCause.CLIENT_FAILED, "the client's connection failed: " + failure.getMessage());
        }
    }
}
