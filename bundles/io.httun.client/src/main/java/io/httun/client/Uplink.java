// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.toolkit.status.ExchangeTimes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.concurrent.TimeUnit;

/**
 * The {@code w} requests of a session: in order, one at a time, on one kept connection. On two connections frames could overtake each
 * other in a stock server ({@code wire/httun.md} section 1). Confined to the session's event loop.
 */
final class Uplink implements HttpLink.Exchange {
    /** A stock server that could not forward an acknowledged frame closes the connection within this time; an idle proxy waits longer. */
    private static final long FAILS_WITHIN = TimeUnit.MILLISECONDS.toNanos(500);

    private final ClientSession session;
    private final HttpLink link;
    private final Retry retry = new Retry();
    /** Null unless a request is pending. */
    private ByteBuf body;

    private long acknowledged;
    private long began;

    Uplink(ClientSession session, HttpLink link) {
        this.session = session;
        this.link = link;
        link.whenLeft(this::left);
    }

    /** A stock server has no other sign that it dropped a frame or could not forward it. */
    private void left() {
        if (!session.peer().severalSessions() && System.nanoTime() - acknowledged < FAILS_WITHIN) {
            session.lose(new HttunException(
                    "the server closed the connection after a w request: what it acknowledged may not have arrived,"
                            + " because it denies the target or cannot reach it"));
        }
    }

    boolean isIdle() {
        return body == null;
    }

    /** Takes over the sealed body. */
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
        // The body is kept until it is acknowledged: a retry sends the same frame.
        long stall = PeerProtocol.stallMillis(session.timeouts().write(), length, false);
        began = ExchangeTimes.begin();
        link.request(head, body.retainedDuplicate(), stall, this);
    }

    @Override
    public void answered(LinkReply reply) {
        reply.body().release();
        int status = reply.status();
        Verdict verdict = StockVerdicts.written(reply);
        switch (verdict) {
            case DONE -> {
                acknowledged = System.nanoTime();
                ExchangeTimes.end(began);
                forget();
                session.acknowledged();
            }
            case LOST -> session.lose(new HttunException("the server refused a w request with status " + status));
            default ->
                again(
                        verdict,
                        reply.comeAgain(),
                        new HttunException(
                                reply.page() && reply.comeAgain() < 0
                                        ? "got a page as the answer to a w request"
                                        : "the server answers " + status + " to a w request repeatedly"));
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
