// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.api.crypto.FrameCipher;
import io.httun.protocol.Frame;
import io.httun.protocol.Operation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.concurrent.TimeUnit;

/** The {@code r} requests of a session, one at a time on one kept connection. Confined to the session's event loop. */
final class Downlink implements HttpLink.Exchange {
    private final ClientSession session;
    private final HttpLink link;
    private final Retry retry = new Retry();
    private Operation operation;
    private boolean asking;
    /** A reply received while there was no cipher. */
    private ByteBuf unopened;

    private boolean unsealed;
    /** Whether a request was sent whose fate is unknown. */
    private boolean astray;

    private Runnable whenDrained;

    Downlink(ClientSession session, HttpLink link) {
        this.session = session;
        this.link = link;
    }

    boolean isIdle() {
        return !asking;
    }

    /** @throws HttunException if the key is used up */
    void ask(FrameCipher cipher, Operation what) {
        retry.begin();
        operation = what;
        byte[] message = sealed(cipher);
        asking = true;
        transmit(message);
    }

    /** Seals each try under a new number: no server accepts a frame twice. */
    private byte[] sealed(FrameCipher cipher) {
        return RequestHeads.message(session.keys().request(cipher, operation));
    }

    private void transmit(byte[] message) {
        ByteBuf head = session.heads()
                .read(PooledByteBufAllocator.DEFAULT, session.keys().readSerial(), message);
        session.counters().requested();
        link.request(head, null, session.timeouts().read(), this);
    }

    @Override
    public void answered(LinkReply reply) {
        try {
            Verdict verdict = StockVerdicts.read(reply);
            // Only data, or the notice that there is none, surely comes from the server: a proxy may still hold the
            // request.
            astray = verdict != Verdict.DONE
                    && verdict != Verdict.EMPTY
                    && !reply.is(HttpResponseStatus.TOO_MANY_REQUESTS);
            if (whenDrained != null) {
                drained();
                return;
            }
            switch (verdict) {
                case DONE -> take(reply.body());
                case EMPTY -> {
                    asking = false;
                    session.answered(true);
                }
                case LOST -> session.lose(RefusedRead.of(reply, operation == Operation.L3_FROM_SERVER));
                default ->
                    again(verdict, reply.comeAgain(), new HttunException("the server answers " + reply.status()));
            }
        } finally {
            reply.body().release();
        }
    }

    private void take(ByteBuf body) {
        FrameCipher cipher = session.cipher();
        if (cipher == null) {
            unopened = body.retain();
            session.awaitCipher();
        } else {
            open(cipher, body);
        }
    }

    /** Resumes after a time without a cipher. */
    void resume() {
        if (unopened != null) {
            ByteBuf body = unopened;
            unopened = null;
            try {
                take(body);
            } finally {
                body.release();
            }
        } else if (unsealed) {
            unsealed = false;
            retransmit();
        }
    }

    private void open(FrameCipher cipher, ByteBuf body) {
        ByteBuf out = PooledByteBufAllocator.DEFAULT.heapBuffer(body.readableBytes());
        Frame frame = null;
        try {
            frame = session.keys().open(cipher, body, out, operation);
        } catch (HttunException e) {
            session.lose(e);
            return;
        } finally {
            if (frame == null) {
                out.release();
            }
        }
        session.received(frame.payload());
        asking = false;
        session.answered(false);
    }

    @Override
    public void failed(HttpLink.Failure failure, HttunException cause) {
        astray = failure != HttpLink.Failure.NOT_SENT;
        if (whenDrained != null) {
            drained();
            return;
        }
        Verdict verdict = StockVerdicts.failed(failure);
        if (verdict == Verdict.LOST) {
            session.lose(cause);
        } else {
            again(verdict, -1, cause);
        }
    }

    private void again(Verdict verdict, long comeAgain, HttunException cause) {
        if (session.isOver() || !retry.again()) {
            session.lose(cause);
        } else {
            session.loop().schedule(this::retransmit, Retry.pause(verdict, comeAgain), TimeUnit.MILLISECONDS);
        }
    }

    private void retransmit() {
        if (!asking) {
            return;
        }
        FrameCipher cipher = session.cipher();
        if (cipher == null) {
            unsealed = true;
            session.awaitCipher();
            return;
        }
        try {
            transmit(sealed(cipher));
        } catch (HttunException e) {
            session.lose(e);
        }
    }

    /**
     * Closes the connection when the pending request is answered or has failed.
     *
     * @return false if no request is pending; then nothing is done
     */
    boolean drain(Runnable then) {
        if (!link.isAnswerDue()) {
            return false;
        }
        whenDrained = then;
        return true;
    }

    private void drained() {
        Runnable then = whenDrained;
        whenDrained = null;
        close();
        then.run();
    }

    /** Whether the server may still hold a request whose answer cannot arrive. */
    boolean isAstray() {
        return astray;
    }

    void close() {
        link.close();
        asking = false;
        if (unopened != null) {
            unopened.release();
            unopened = null;
        }
    }
}
