// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.api.crypto.FrameCipher;
import io.httun.protocol.FrameBody;
import io.httun.protocol.Operation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.concurrent.TimeUnit;

/** The {@code r} requests of a session, one at a time on one kept connection. Confined to the session's event loop. */
final class Downlink implements HttpLink.Exchange {
    private static final int OK = 200;
    private static final int REQUEST_TIMEOUT = 408;

    private final ClientSession session;
    private final HttpLink link;
    private final Retry retry;
    private Operation operation;
    private byte[] message;
    /** A reply that came while there was no cipher. */
    private ByteBuf unopened;

    private boolean unsealed;
    private Runnable whenDrained;

    Downlink(ClientSession session, HttpLink link, Retry retry) {
        this.session = session;
        this.link = link;
        this.retry = retry;
    }

    boolean isIdle() {
        return message == null;
    }

    HttpLink link() {
        return link;
    }

    /** @throws HttunException if the key is used up */
    void ask(FrameCipher cipher, Operation what) {
        operation = what;
        retry.begin();
        seal(cipher);
        transmit();
    }

    private void seal(FrameCipher cipher) {
        message = RequestHeads.message(session.keys().request(cipher, operation));
    }

    private void transmit() {
        if (message == null) {
            return;
        }
        ByteBuf head = session.heads()
                .read(PooledByteBufAllocator.DEFAULT, session.keys().readSerial(), message);
        session.counters().requested();
        link.request(head, null, session.timeouts().read(), this);
    }

    @Override
    public void answered(int status, ByteBuf body, long comeAgain) {
        try {
            if (whenDrained != null) {
                drained();
            } else if (status == OK && body.isReadable()) {
                take(body);
            } else if (status == OK || status == REQUEST_TIMEOUT) {
                message = null;
                session.answered(true);
            } else if (comeAgain >= 0) {
                again(comeAgain, new HttunException("the server answers " + status));
            } else {
                session.lose(new HttunException("the server refused an r request with status " + status));
            }
        } finally {
            body.release();
        }
    }

    private void take(ByteBuf body) {
        FrameCipher cipher = session.cipher();
        if (cipher == null) {
            unopened = body.retain();
            session.awaitCipher();
        } else {
            message = null;
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
        try {
            do {
                open(cipher, keys, keys.batches() ? FrameBody.next(body) : body);
            } while (keys.batches() && body.isReadable() && !session.isOver());
        } catch (HttunException e) {
            session.lose(e);
            return;
        }
        session.answered(false);
    }

    private void open(FrameCipher cipher, SessionKeys keys, ByteBuf sealed) {
        ByteBuf out = PooledByteBufAllocator.DEFAULT.heapBuffer(sealed.readableBytes());
        boolean done = false;
        try {
            ByteBuf payload = keys.open(cipher, sealed, out, operation).payload();
            done = true;
            session.received(payload);
        } finally {
            if (!done) {
                out.release();
            }
        }
    }

    @Override
    public void failed(HttpLink.Failure failure, HttunException cause) {
        if (whenDrained != null) {
            drained();
            return;
        }
        boolean ours = session.keys().ours();
        // The bytes in a broken reply are gone where a stock server sent it: it does not send them again.
        if (failure == HttpLink.Failure.GARBAGE || failure == HttpLink.Failure.BROKEN && !ours) {
            session.lose(cause);
        } else {
            again(ours ? -1 : Retry.PAUSE, cause);
        }
    }

    /** @param pause in milliseconds; negative for one that grows */
    private void again(long pause, HttunException cause) {
        boolean ours = session.keys().ours();
        if (!retry.again(ours)) {
            session.lose(cause);
            return;
        }
        long millis = pause < 0 ? retry.pause() : pause;
        session.loop().schedule(() -> retransmit(ours), millis, TimeUnit.MILLISECONDS);
    }

    /** A server of ours gives the same answer to the same frame; a stock one takes no frame twice. */
    private void retransmit(boolean sameFrame) {
        if (message == null) {
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

    void close() {
        link.close();
        message = null;
        if (unopened != null) {
            unopened.release();
            unopened = null;
        }
    }
}
