// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * One kept HTTP connection with one request at a time; connects when a request needs it. Confined to its event loop.
 */
final class HttpLink {
    /** What became of a request. Exactly one of the two is called, once, on the loop. */
    interface Exchange {
        /** @param body of a 200, heap-backed, the receiver's to release; empty for every other status */
        void answered(int status, ByteBuf body, long retryAfterMillis);

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
        GARBAGE
    }

    private final EventLoop loop;
    private final Dialer dialer;
    private final ServerUrl url;
    private Channel channel;
    private Future<Channel> dialing;
    private Exchange exchange;
    private long deadline;
    private long timeoutMillis;
    private boolean timerArmed;
    private boolean closed;

    HttpLink(EventLoop loop, Dialer dialer, ServerUrl url) {
        this.loop = loop;
        this.dialer = dialer;
        this.url = url;
    }

    ServerUrl url() {
        return url;
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
        if (channel != null && channel.isActive()) {
            transmit(head, body);
            return;
        }
        channel = null;
        dialing = dialer.dial(loop, url);
        dialing.addListener((Future<Channel> dialed) -> dialed(dialed, head, body));
    }

    private void dialed(Future<Channel> dialed, ByteBuf head, ByteBuf body) {
        dialing = null;
        if (closed || !dialed.isSuccess()) {
            head.release();
            ReferenceCountUtil.release(body);
            if (dialed.isSuccess()) {
                dialed.getNow().close();
            }
            if (!closed) {
                failed(Failure.NOT_SENT, (HttunException) dialed.cause());
            }
            return;
        }
        channel = dialed.getNow();
        channel.pipeline().addLast(new ReplyDecoder(), new ReplyHandler(this));
        transmit(head, body);
    }

    private void transmit(ByteBuf head, ByteBuf body) {
        deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        if (!timerArmed) {
            arm(timeoutMillis);
        }
        // A failed write closes the connection, and that is heard of.
        if (body == null) {
            channel.writeAndFlush(head, channel.voidPromise());
        } else {
            channel.write(head, channel.voidPromise());
            channel.writeAndFlush(body, channel.voidPromise());
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

    /** A reply is complete. */
    void answered(int status, ByteBuf body, long retryAfterMillis, boolean keepAlive) {
        Exchange told = exchange;
        exchange = null;
        if (!keepAlive) {
            drop();
        }
        told.answered(status, body, retryAfterMillis);
    }

    /** The connection is of no more use. */
    void broken(Failure failure, HttunException cause) {
        drop();
        if (exchange != null) {
            failed(failure, cause);
        }
    }

    private void failed(Failure failure, HttunException cause) {
        Exchange told = exchange;
        exchange = null;
        told.failed(failure, cause);
    }

    /** Closes the connection; a request on its way is forgotten. */
    void close() {
        closed = true;
        exchange = null;
        drop();
        if (dialing != null) {
            dialing.cancel(false);
        }
    }
}
