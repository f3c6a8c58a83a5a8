// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.api.crypto.FrameCipher;
import io.httun.protocol.Frame;
import io.httun.protocol.FrameBody;
import io.httun.protocol.FrameException;
import io.httun.protocol.Operation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.concurrent.TimeUnit;

/** The {@code r} requests of a session, one at a time on one kept connection. Confined to the session's event loop. */
final class Downlink implements HttpLink.Exchange {
    private static final int OK = 200;
    private static final int REQUEST_TIMEOUT = 408;
    private static final int TOO_MANY_REQUESTS = 429;

    private final ClientSession session;
    private final HttpLink link;
    private final Retry retry;
    private Operation operation;
    /** The request as it travels; kept until it brings something, where the server is one of ours. */
    private byte[] message;

    private boolean asking;
    /** A reply that came while there was no cipher. */
    private ByteBuf unopened;

    private boolean unsealed;
    /** A request went out, and nobody knows what became of it. */
    private boolean astray;

    private Runnable whenDrained;

    Downlink(ClientSession session, HttpLink link, Retry retry) {
        this.session = session;
        this.link = link;
        this.retry = retry;
    }

    boolean isIdle() {
        return !asking;
    }

    HttpLink link() {
        return link;
    }

    /** @throws HttunException if the key is used up */
    void ask(FrameCipher cipher, Operation what) {
        retry.begin();
        if (message == null || operation != what) {
            operation = what;
            seal(cipher);
        }
        asking = true;
        transmit();
    }

    private void seal(FrameCipher cipher) {
        message = RequestHeads.message(session.keys().request(cipher, operation));
    }

    private void transmit() {
        ByteBuf head = session.heads()
                .read(PooledByteBufAllocator.DEFAULT, session.keys().readSerial(), message);
        session.counters().requested();
        link.request(head, null, session.timeouts().read(), this);
    }

    @Override
    public void answered(int status, ByteBuf body, long comeAgain) {
        boolean ours = session.keys().ours();
        try {
            astray = status != OK && status != REQUEST_TIMEOUT && status != TOO_MANY_REQUESTS;
            if (whenDrained != null) {
                drained();
            } else if (status == OK && body.isReadable()) {
                take(body);
            } else if (status == OK || status == REQUEST_TIMEOUT) {
                nothing(ours);
            } else if (ours ? comeAgain >= 0 || Retry.mayPass(status) : status == TOO_MANY_REQUESTS) {
                again(Math.max(Retry.PAUSE, comeAgain), new HttunException("the server answers " + status));
            } else {
                // A gateway that says 502, 503 or 504 may have lost a reply, which a stock server does not repeat.
                session.lose(new HttunException("the server refused an r request with status " + status));
            }
        } finally {
            body.release();
        }
    }

    private void nothing(boolean ours) {
        asking = false;
        if (!ours) {
            // It takes no frame twice. One of ours does: if something else said so for it, no bytes are passed over.
            message = null;
        }
        session.answered(true);
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

    /** There is a cipher again. */
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
            retransmit(false);
        }
    }

    private void open(FrameCipher cipher, ByteBuf body) {
        SessionKeys keys = session.keys();
        boolean news = false;
        try {
            do {
                news |= open(cipher, keys, keys.batches() ? FrameBody.next(body) : body);
            } while (keys.batches() && body.isReadable() && !session.isOver());
        } catch (FrameException e) {
            wrong(e);
            return;
        } catch (HttunException e) {
            session.lose(e);
            return;
        }
        if (!news) {
            wrong(new HttunException("got the reply to an older request"));
            return;
        }
        message = null;
        asking = false;
        session.answered(false);
    }

    /** Whether there was something new in it. */
    private boolean open(FrameCipher cipher, SessionKeys keys, ByteBuf sealed) {
        ByteBuf out = PooledByteBufAllocator.DEFAULT.heapBuffer(sealed.readableBytes());
        Frame frame = null;
        try {
            frame = keys.open(cipher, sealed, out, operation);
        } finally {
            if (frame == null) {
                out.release();
            }
        }
        if (frame != null) {
            session.received(frame.payload());
        }
        return frame != null;
    }

    /** Something else than the server, or a part of what it said: one of ours says it again. */
    private void wrong(HttunException cause) {
        if (session.keys().ours()) {
            again(-1, cause);
        } else {
            session.lose(cause);
        }
    }

    @Override
    public void failed(HttpLink.Failure failure, HttunException cause) {
        astray = failure != HttpLink.Failure.NOT_SENT;
        if (whenDrained != null) {
            drained();
            return;
        }
        boolean ours = session.keys().ours();
        // A stock server may have sent bytes in a reply that did not arrive, and does not send them again.
        if (ours ? failure != HttpLink.Failure.LOGIN : failure == HttpLink.Failure.NOT_SENT) {
            again(ours ? -1 : Retry.PAUSE, cause);
        } else {
            session.lose(cause);
        }
    }

    /** @param pause in milliseconds; negative for one that grows */
    private void again(long pause, HttunException cause) {
        boolean ours = session.keys().ours();
        if (session.isOver() || !retry.again(ours)) {
            session.lose(cause);
            return;
        }
        long millis = pause < 0 ? retry.pause() : pause;
        session.loop().schedule(() -> retransmit(ours), millis, TimeUnit.MILLISECONDS);
    }

    /** A server of ours gives the same answer to the same frame; a stock one takes no frame twice. */
    private void retransmit(boolean sameFrame) {
        if (!asking) {
            return;
        }
        try {
            FrameCipher cipher = sameFrame ? null : session.cipher();
            if (!sameFrame && cipher == null) {
                unsealed = true;
                session.awaitCipher();
                return;
            }
            if (!sameFrame) {
                seal(cipher);
            }
            transmit();
        } catch (HttunException e) {
            session.lose(e);
        }
    }

    /** The session has another key: nothing is asked under the old one again. */
    void forget() {
        message = null;
    }

    /**
     * Closes the connection once a request that the server has is answered, or failed.
     *
     * @return false if there is none, and nothing was done
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

    /** Whether nothing has gone wrong since the last answer. */
    boolean isWell() {
        return retry.isFirst();
    }

    /** Whether the server may still hold a request whose answer would not reach us. */
    boolean isAstray() {
        return astray;
    }

    void close() {
        link.close();
        asking = false;
        message = null;
        if (unopened != null) {
            unopened.release();
            unopened = null;
        }
    }
}
