// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.concurrent.TimeUnit;

/**
 * The {@code w} requests of a session: in order, one at a time, on one kept connection. Two connections would let
 * frames overtake each other in a stock server (section 1). Confined to the session's event loop.
 */
final class Uplink implements HttpLink.Exchange {
    /** A stock server closes the connection by then when it could not do what it has acknowledged; a proxy with nothing to do waits longer. */
    private static final long FAILS_WITHIN = TimeUnit.MILLISECONDS.toNanos(500);

    private final ClientSession session;
    private final HttpLink link;
    private final Retry retry = new Retry();
    /** Null while nothing is sent. */
    private ByteBuf body;

    private long acknowledged;

    Uplink(ClientSession session, HttpLink link) {
        this.session = session;
        this.link = link;
        link.whenLeft(this::left);
    }

    /** A stock server says in no other way that it did not take a frame, or could not send it on. */
    private void left() {
        if (!session.peer().severalSessions() && System.nanoTime() - acknowledged < FAILS_WITHIN) {
            session.lose(new HttunException(
                    "the server closed the connection behind a w request: what it acknowledged may not have arrived, because it"
                            + " denies the target or cannot reach it"));
        }
    }

    boolean isIdle() {
        return body == null;
    }

    /** @param sealed ownership passes */
    void send(ByteBuf sealed) {
        body = sealed;
        retry.begin();
        transmit();
    }

    private void transmit() {
        int length = body.readableBytes();
        ByteBuf head = session.heads()
                .write(PooledByteBufAllocator.DEFAULT, session.keys().writeSerial(), length);
        session.counters().requested();
        // The body stays as it is until it is acknowledged: a retry sends the same frame.
        long stall = PeerProtocol.stallMillis(session.timeouts().write(), length, false);
        link.request(head, body.retainedDuplicate(), stall, this);
    }

    @Override
    public void answered(int status, ByteBuf reply, boolean page, long comeAgain) {
        reply.release();
        Verdict verdict = StockVerdicts.written(status, page, comeAgain);
        switch (verdict) {
            case DONE -> {
                acknowledged = System.nanoTime();
                forget();
                session.acknowledged();
            }
            case LOST -> session.lose(new HttunException("the server refused a w request with status " + status));
            default ->
                again(
                        verdict,
                        comeAgain,
                        new HttunException(
                                page && comeAgain < 0
                                        ? "got a page as the answer to a w request"
                                        : "the server answers " + status + " to a w request again and again"));
        }
    }

    @Override
    public void failed(HttpLink.Failure failure, HttunException cause) {
        Verdict verdict = StockVerdicts.failed(failure);
        if (verdict == Verdict.LOST) {
            session.lose(cause);
        } else {
            again(verdict, -1, cause);
        }
    }

    private void again(Verdict verdict, long comeAgain, HttunException cause) {
        if (!retry.again()) {
            session.lose(cause);
            return;
        }
        ByteBuf paused = body;
        session.loop()
                .schedule(
                        () -> {
                            if (body == paused) {
                                transmit();
                            }
                        },
                        Retry.pause(verdict, comeAgain),
                        TimeUnit.MILLISECONDS);
    }

    private void forget() {
        body.release();
        body = null;
    }

    void close() {
        link.close();
        if (body != null) {
            forget();
        }
    }
}
