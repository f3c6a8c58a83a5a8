// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One kept HTTP connection with one request at a time; connects when a request needs it. Confined to its event loop.
 */
final class HttpLink {
    /** What became of a request. Exactly one of the two is called, once, on the loop. */
    interface Exchange {
        /**
         * @param body of a 200, heap-backed, the receiver's to release; empty for every other status
         * @param comeAgain after how many milliseconds, where something says that it cannot for the moment; negative elsewhere
         */
        void answered(int status, ByteBuf body, long comeAgain);

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

    private static final int MAX_REPEATS = 4;

    /** Encrypted and sent piece by piece, so that the server decrypts one while the next is on its way. */
    private static final int PIECE = 256 << 10;

    private final EventLoop loop;
    private final Dialer dialer;
    private final ServerUrl url;
    private Line line;
    private Channel channel;
    private Future<Line> dialing;
    /** The request on its way as it was before the connection changed it; only where a proxy may want it again. */
    private ByteBuf askedHead;

    private ByteBuf askedBody;
    private boolean probing;
    private int repeats;
    private Exchange exchange;
    private long deadline;
    private long timeoutMillis;
    private boolean timerArmed;
    private Runnable whenLeft = () -> {};
    private boolean closed;

    HttpLink(EventLoop loop, Dialer dialer, ServerUrl url) {
        this.loop = loop;
        this.dialer = dialer;
        this.url = url;
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
     * @param timeout for the reply, from when the request is on its way, in milliseconds
     */
    void request(ByteBuf head, ByteBuf body, long timeout, Exchange then) {
        if (exchange != null) {
            throw new IllegalStateException("a request is on its way already");
        }
        exchange = then;
        timeoutMillis = timeout;
        repeats = 0;
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
                failed(Failure.NOT_SENT, (HttunException) dialed.cause());
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
        if (line.proxy() != null) {
            askedHead = plain.copy();
            askedBody = body == null ? null : body.retainedDuplicate();
        }
        probing = body != null && line.proxy() != null && !line.proxy().isReady();
        if (probing) {
            ByteBuf probe = line.probe(plain);
            plain.release();
            body.release();
            write(probe, null);
        } else {
            write(line.dress(plain), body);
        }
    }

    private void write(ByteBuf head, ByteBuf body) {
        deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        if (!timerArmed) {
            arm(timeoutMillis);
        }
        // A failed write closes the connection, and that is heard of.
        if (body == null) {
            channel.writeAndFlush(head, channel.voidPromise());
        } else {
            Channel to = channel;
            to.write(head, to.voidPromise());
            while (url.tls() && body.readableBytes() > PIECE) {
                to.writeAndFlush(body.readRetainedSlice(PIECE), to.voidPromise());
            }
            to.writeAndFlush(body, to.voidPromise());
        }
    }

    /** One timer serves many requests: it looks at the deadline of the moment when it goes off. */
    private void arm(long millis) {
        timerArmed = true;
        loop.schedule(this::timer, millis, TimeUnit.MILLISECONDS);
    }

    private void timer() {
        timerArmed = false;
        if (exchange == null || dialing != null || closed) {
            return;
        }
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (left > 0) {
            arm(left);
            return;
        }
        boolean begun = drop();
        failed(
                begun ? Failure.BROKEN : Failure.UNANSWERED,
                new LinkTimeoutException("no answer from " + url + " within " + timeoutMillis + " ms"));
    }

    /** Closes the connection without telling anybody; whether a reply had begun. */
    private boolean drop() {
        Channel old = channel;
        channel = null;
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
        if (askedHead == null || challenges == null && !probing) {
            return false;
        }
        if (++repeats > MAX_REPEATS || challenges != null && !line.proxy().challenged(challenges)) {
            broken(Failure.LOGIN, new HttunException(line.proxy().refusal()));
            return true;
        }
        ByteBuf head = askedHead;
        ByteBuf body = askedBody;
        askedHead = null;
        askedBody = null;
        if (!keepAlive) {
            drop();
        }
        send(head, body);
        return true;
    }

    private void forgetAsked() {
        if (askedHead != null) {
            askedHead.release();
            ReferenceCountUtil.release(askedBody);
            askedHead = null;
            askedBody = null;
        }
    }

    /** A reply is complete. */
    void answered(int status, ByteBuf body, long comeAgain, boolean keepAlive) {
        Exchange told = exchange;
        exchange = null;
        forgetAsked();
        if (!keepAlive || !line.keepAlive()) {
            drop();
        }
        told.answered(status, body, comeAgain);
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
        forgetAsked();
        Exchange told = exchange;
        exchange = null;
        told.failed(failure, cause);
    }

    /** Closes the connection; a request on its way is forgotten. */
    void close() {
        closed = true;
        exchange = null;
        forgetAsked();
        drop();
        if (dialing != null) {
            dialing.cancel(false);
        }
    }
}
