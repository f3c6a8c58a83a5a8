// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.List;

/**
 * One kept HTTP connection with one request at a time; connects when a request needs it. Confined to its event loop.
 */
final class HttpLink {
    /** Gets the result of a request: exactly one of the methods is called, once, on the loop. */
    interface Exchange {
        /** @param reply its body passes to this exchange */
        void answered(LinkReply reply);

        void failed(Failure failure, HttunException cause);
    }

    /** The progress of a request without a reply. */
    enum Failure {
        /** The connection failed. */
        NOT_SENT,
        /** The request may have arrived; no byte of a reply was received. */
        UNANSWERED,
        /** The reply is incomplete. */
        BROKEN,
        /** The reply is not HTTP, or too large. */
        GARBAGE,
        /** A proxy refuses the client's login. */
        LOGIN
    }

    /** Size of a piece of TLS data, so that the server decrypts one while the next is on its way. */
    private static final int PIECE = 256 << 10;

    private final EventLoop loop;
    private final Dialer dialer;
    private final ServerUrl url;
    private final StallTimer timer;
    private final ProxyRepeat repeat = new ProxyRepeat();
    private Line line;
    private Channel channel;
    private Future<Line> dialing;
    private Exchange exchange;
    private long stallMillis;
    private Runnable whenLeft = () -> {};
    private boolean closed;

    HttpLink(EventLoop loop, Dialer dialer, ServerUrl url) {
        this.loop = loop;
        this.dialer = dialer;
        this.url = url;
        this.timer = new StallTimer(loop, this::stalled);
    }

    ServerUrl url() {
        return url;
    }

    /** Sets the listener for a connection that the server closes between two requests, without notice in a reply. */
    void whenLeft(Runnable told) {
        whenLeft = told;
    }

    /**
     * Sends a request. Takes over both buffers.
     *
     * @param body null for none
     * @param stall milliseconds without a byte in either direction after which a sent request has failed
     */
    void request(ByteBuf head, ByteBuf body, long stall, Exchange then) {
        if (exchange != null) {
            throw new IllegalStateException("a request is already pending");
        }
        exchange = then;
        stallMillis = stall;
        repeat.begin();
        send(head, body);
    }

    private void send(ByteBuf head, ByteBuf body) {
        if (channel != null && channel.isActive()) {
            transmit(head, body);
            return;
        }
        channel = null;
        dialing = dialer.dial(loop, url);
        dialing.addListener((Future<Line> dialed) -> dialed(dialed, head, body));
    }

    private void dialed(Future<Line> dialed, ByteBuf head, ByteBuf body) {
        dialing = null;
        if (closed || !dialed.isSuccess()) {
            head.release();
            ReferenceCountUtil.release(body);
            if (dialed.isSuccess()) {
                dialed.getNow().channel().close();
            }
            if (!closed) {
                boolean login = dialed.cause() instanceof ProxyLoginException;
                failed(login ? Failure.LOGIN : Failure.NOT_SENT, (HttunException) dialed.cause());
            }
            return;
        }
        line = dialed.getNow();
        channel = line.channel();
        line.receive(new ReplyHandler(this));
        transmit(head, body);
    }

    private void transmit(ByteBuf plain, ByteBuf body) {
        if (repeat.keep(line, plain, body)) {
            ByteBuf probe = line.probe(plain);
            plain.release();
            body.release();
            write(probe, null);
        } else {
            write(line.dress(plain), body);
        }
    }

    private void write(ByteBuf head, ByteBuf body) {
        Channel to = channel;
        // A failed write closes the connection, which is reported.
        if (body == null) {
            to.writeAndFlush(head, to.voidPromise());
        } else {
            to.write(head, to.voidPromise());
            while (url.tls() && body.readableBytes() > PIECE) {
                to.writeAndFlush(body.readRetainedSlice(PIECE), to.voidPromise());
            }
            to.writeAndFlush(body, to.voidPromise());
        }
        if (exchange != null) {
            timer.watch(to, stallMillis);
        }
    }

    private void stalled() {
        if (exchange == null || dialing != null || closed) {
            return;
        }
        boolean begun = drop();
        failed(
                begun ? Failure.BROKEN : Failure.UNANSWERED,
                new LinkTimeoutException("no answer from " + url + ": nothing moved for " + stallMillis + " ms"));
    }

    /** Notes progress: a part of a reply was received. */
    void moved() {
        timer.moved();
    }

    /** Closes the connection without a notice; returns whether a reply had begun. */
    private boolean drop() {
        Channel old = channel;
        channel = null;
        timer.stop();
        if (old == null) {
            return false;
        }
        ReplyHandler handler = old.pipeline().get(ReplyHandler.class);
        boolean begun = handler != null && handler.hasBegun();
        old.close();
        return begun;
    }

    boolean isConnected() {
        return channel != null;
    }

    boolean isCurrent(Channel candidate) {
        return candidate == channel;
    }

    boolean isWaiting() {
        return exchange != null;
    }

    /** Whether a sent request is unanswered. */
    boolean isAnswerDue() {
        return exchange != null && dialing == null;
    }

    /**
     * Handles a reply that may be part of the login to a proxy.
     *
     * @param challenges null unless the proxy requests a login
     * @return whether the reply is handled: the request is repeated or has failed
     */
    boolean isAboutLogin(List<String> challenges, boolean keepAlive) {
        if (!repeat.concerns(challenges)) {
            return false;
        }
        timer.stop();
        if (!repeat.mayRepeat(line, challenges)) {
            String refusal = line.proxy().refusal();
            dialer.loginRefused(refusal);
            broken(Failure.LOGIN, new ProxyLoginException(refusal));
            return true;
        }
        if (!keepAlive) {
            drop();
        }
        repeat.giveTo(this::send);
        return true;
    }

    /** Handles a complete reply. */
    void answered(LinkReply reply, boolean keepAlive) {
        Exchange told = exchange;
        exchange = null;
        timer.stop();
        repeat.forget();
        if (!keepAlive || !line.keepAlive()) {
            drop();
        }
        told.answered(reply);
    }

    /** Drops an unusable connection. */
    void broken(Failure failure, HttunException cause) {
        drop();
        if (exchange != null) {
            failed(failure, cause);
        } else {
            whenLeft.run();
        }
    }

    private void failed(Failure failure, HttunException cause) {
        repeat.forget();
        Exchange told = exchange;
        exchange = null;
        told.failed(failure, cause);
    }

    /** Closes the connection and forgets a pending request. */
    void close() {
        closed = true;
        exchange = null;
        repeat.forget();
        drop();
        if (dialing != null) {
            dialing.cancel(false);
        }
    }
}
