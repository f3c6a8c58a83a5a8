// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.relay.EndCause;
import io.httun.api.relay.RelayConnection;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Target;
import io.httun.api.tls.TlsEnd;
import io.httun.api.tunnel.BulkSockets;
import io.httun.listener.login.Logins;
import io.httun.listener.login.Logins.Outcome;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a client says before its bytes are relayed. It stands last in the pipeline, behind the codec of its protocol, takes
 * the messages of that and keeps the bytes that come behind them.
 */
abstract class Negotiation extends ChannelInboundHandlerAdapter implements RelayConnection.Opening {
    private static final Logger LOG = LoggerFactory.getLogger(Negotiation.class);

    private enum Stage {
        NEGOTIATING,
        CONNECTING,
        REFUSED,
        DONE
    }

    private final Client client;
    private final Inbox inbox = new Inbox();
    private ChannelHandlerContext context;
    private Future<?> limit;
    private Channel prepared;
    private boolean holding;
    private boolean inputEnded;
    private Stage stage = Stage.NEGOTIATING;

    Negotiation(Client client) {
        this.client = client;
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

    /** Tells the client that something broke here. */
    Future<?> writeBroken(ChannelHandlerContext ctx) {
        return writeRefused(ctx, Cause.FAILED);
    }

    /** What has to be done with a connected target before bytes are relayed. */
    Future<?> prepare(Channel target) {
        return target.eventLoop().newSucceededFuture(null);
    }

    final Client client() {
        return client;
    }

    /** As they were when the client came. */
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

    /** Once the channel is active, and before anything is read from it. */
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
                startLimit(client.negotiationSeconds(), () -> tooLate(context));
                begin(context);
            } else {
                client.connection().refuse(EndCause.MALFORMED, "no TLS handshake");
                context.close();
            }
        });
        context.channel().config().setAutoRead(true);
    }

    /** Runs {@code late} unless the negotiation has got further by then; replaces what was started before. */
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
            inbox.hold(message);
            return;
        } else if (message instanceof ByteBuf bytes && (stage == Stage.NEGOTIATING || stage == Stage.CONNECTING)) {
            inbox.keepEarly(bytes);
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

    /** Keeps what comes until {@link #resume()}; only what has been read already still comes. */
    final void hold() {
        holding = true;
        context.channel().config().setAutoRead(false);
    }

    final void resume() {
        holding = false;
        drain();
    }

    private void drain() {
        while (!holding && inbox.holdsMessages()) {
            channelRead(context, inbox.nextMessage());
        }
        if (!holding && stage == Stage.NEGOTIATING) {
            if (inputEnded) {
                context.close();
            } else {
                context.channel().config().setAutoRead(true);
            }
        }
    }

    /** The bytes that came while messages were held; the caller releases them. */
    final List<ByteBuf> takeHeldBytes() {
        return inbox.takeHeldBytes();
    }

    /** Judges a login; meanwhile messages are held. */
    final void logIn(Logins logins, String user, String password, Consumer<Outcome> next) {
        hold();
        logins.judge(
                        user,
                        password,
                        client.source(),
                        client.guesses(),
                        client.parts().logins(),
                        context.executor())
                .addListener((FutureListener<Outcome>) judged -> {
                    if (stage == Stage.NEGOTIATING && context.channel().isOpen()) {
                        if (judged.getNow() == Outcome.RIGHT) {
                            client.connection().user(user);
                        }
                        holding = false;
                        next.accept(judged.getNow());
                        drain();
                    }
                });
    }

    /** The client wants this; its further bytes wait, in the kernel but for what has been read already. */
    final void request(ChannelHandlerContext ctx, Target target) {
        if (isOurselves(target)) {
            reject(ctx, EndCause.DENIED, LOOP, writeRefused(ctx, Cause.DENIED));
            return;
        }
        stage = Stage.CONNECTING;
        stopLimit();
        ctx.channel().config().setAutoRead(false);
        removeOthers(ctx, false);
        // A tunnel with a session in hand opens at once, and the relay must not see what the codec has yet to hand on.
        ctx.executor().execute(() -> client.connection().open(target, this));
    }

    /**
     * The client asked for what it cannot have.
     *
     * @param why one of a few fixed texts
     */
    final void reject(ChannelHandlerContext ctx, EndCause cause, String why, Future<?> answer) {
        client.connection().refuse(cause, why);
        finish(ctx, answer);
    }

    @Override
    public final void opened(Channel target) {
        if (leadsBack(target)) {
            BulkSockets.reset(target);
            client.connection().refuse(EndCause.DENIED, LOOP);
            finish(context, writeRefused(context, Cause.DENIED));
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
                client.connection().refuse(EndCause.FAILED, "no TLS with the target");
                finish(context, writeRefused(context, Cause.FAILED));
            }
        });
    }

    static final String LOOP = "leads back to a listener of this process";

    /**
     * Whether it is a port of ours at the address that stands for all of this host's. What that leads to depends on the
     * system and the family of the socket, but it is meant for us.
     */
    final boolean isOurselves(Target target) {
        return target.addresses().stream()
                .anyMatch(address -> address.isAnyLocalAddress()
                        && client.parts().sockets().contain(new InetSocketAddress(address, target.port())));
    }

    final boolean leadsBack(Channel target) {
        return client.parts().sockets().contain(target.remoteAddress());
    }

    private void accepted() {
        writeAccepted(context);
        relay();
    }

    /** Joins both sides: what has come early goes first. */
    final void relay() {
        stage = Stage.DONE;
        stopLimit();
        removeOthers(context, true);
        client.connection().relay(this, inbox.takeEarly(), inputEnded);
    }

    /** As {@link #relay()}, where the decoder has been there until now and may hold bytes of the new protocol. */
    final void relayUpgraded() {
        stage = Stage.CONNECTING;
        removeOthers(context, false);
        resume();
        relay();
    }

    /** The bytes that came behind the messages; the caller releases them. */
    final List<ByteBuf> takeEarly() {
        return inbox.takeEarly();
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

    /** The channel is closed when the client has had its answer. */
    final void finish(ChannelHandlerContext ctx, Future<?> answer) {
        stage = Stage.REFUSED;
        stopLimit();
        inbox.release();
        removeOthers(ctx, false);
        LastWords.closeAfter(answer, ctx.channel(), () -> inputEnded);
    }

    /** Decoders go when the request is there, which hands their unread bytes on to this handler; encoders stay longer. */
    private void removeOthers(ChannelHandlerContext ctx, boolean encodersToo) {
        ChannelPipeline pipeline = ctx.pipeline();
        for (ChannelHandler handler : pipeline.toMap().values()) {
            if (handler != this
                    && !isTransport(handler)
                    && (encodersToo || handler instanceof ChannelInboundHandlerAdapter)) {
                pipeline.remove(handler);
            }
        }
    }

    /** What makes bytes of what travels, and so stays as long as the channel. */
    boolean isTransport(ChannelHandler handler) {
        return handler instanceof SslHandler || handler instanceof TlsEnd;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            inputEnded = true;
            // What is held has been said completely and gets its answer.
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
        inbox.release();
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
