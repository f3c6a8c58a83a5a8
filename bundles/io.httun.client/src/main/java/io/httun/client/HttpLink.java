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
    /** What became of a request. Exactly one of the two is called, once, on the loop. */
    interface Exchange {
        /**
         * @param body of a 200, heap-backed, the receiver's to release; empty for every other status
         * @param page whether the reply has a body, whatever its status
         * @param comeAgain after how many milliseconds, where something says that it cannot for the moment; negative elsewhere
         */
        void answered(int status, ByteBuf body, boolean page, long comeAgain);

        void failed(Failure failure, HttunException cause);
    }

    /** How far a request got that has no reply. */
    enum Failure {
        /** There was no connection. */
        NOT_SENT,
        /** It may have arrived; no byte of a reply came. */
        UNANSWERED,
        /** A reply broke off. */
        BROKEN,
        /** A reply is not HTTP, or larger than any may be. */
        GARBAGE,
        /** A proxy refuses our login. */
        LOGIN
    }

    /** Encrypted and sent piece by piece, so that the server decrypts one while the next is on its way. */
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
    private long retryAfter;

    HttpLink(EventLoop loop, Dialer dialer, ServerUrl url) {
        this.loop = loop;
        this.dialer = dialer;
        this.url = url;
        this.timer = new StallTimer(loop, this::stalled);
    }

    ServerUrl url() {
        return url;
    }

    /** Told when the other end closes the connection between two requests, without having said so in a reply. */
    void whenLeft(Runnable told) {
        whenLeft = told;
    }

    /**
     * Sends a request. Takes over both buffers.
     *
     * @param body null for none
     * @param stall milliseconds without a byte in either direction, from when the request is on its way, after which it has failed
     */
    void request(ByteBuf head, ByteBuf body, long stall, Exchange then) {
        if (exchange != null) {
            throw new IllegalStateException("a request is on its way already");
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
        channel.pipeline().addLast(new ReplyDecoder(), new ReplyHandler(this));
        channel.config().setAutoRead(true);
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
        // A failed write closes the connection, and that is heard of.
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

    /** A part of a reply has come. */
    void moved() {
        timer.moved();
    }

    /** Closes the connection without telling anybody; whether a reply had begun. */
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

    boolean isCurrent(Channel candidate) {
        return candidate == channel;
    }

    boolean isWaiting() {
        return exchange != null;
    }

    /** Whether the server has a request that it has not answered. */
    boolean isAnswerDue() {
        return exchange != null && dialing == null;
    }

    /**
     * Looks at a reply that may be about our login rather than from the server.
     *
     * @param challenges null unless the proxy wants to know who we are
     * @return whether the reply is taken care of, the request being on its way again
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

    /** What the last reply asked for, in milliseconds, before its exchange is told; 0 for nothing. */
    long retryAfter() {
        return retryAfter;
    }

    void retryAfter(long millis) {
        retryAfter = millis;
    }

    /** A reply is complete. */
    void answered(int status, ByteBuf body, boolean page, long comeAgain, boolean keepAlive) {
        Exchange told = exchange;
        exchange = null;
        timer.stop();
        repeat.forget();
        if (!keepAlive || !line.keepAlive()) {
            drop();
        }
        told.answered(status, body, page, comeAgain);
    }

    /** The connection is of no more use. */
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

    /** Closes the connection; a request on its way is forgotten. */
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
