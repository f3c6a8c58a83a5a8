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
    private static final int OK = 200;
    private static final int REQUEST_TIMEOUT = 408;

    /** A stock server closes the connection by then when it could not do what it has acknowledged; a proxy with nothing to do waits longer. */
    private static final long FAILS_WITHIN = TimeUnit.MILLISECONDS.toNanos(500);

    private final ClientSession session;
    private final HttpLink link;
    private final Retry retry;
    private ByteBuf frame;
    private boolean refused;
    private boolean inFlight;
    private long acknowledged;

    Uplink(ClientSession session, HttpLink link, Retry retry) {
        this.session = session;
        this.link = link;
        this.retry = retry;
        link.whenLeft(this::left);
    }

    /** A stock server says in no other way that it did not take a frame, or could not send it on. */
    private void left() {
        if (!session.keys().ours() && System.nanoTime() - acknowledged < FAILS_WITHIN) {
            session.lose(new HttunException(
                    "the server closed the connection behind a w request: what it acknowledged may not have arrived"));
        }
    }

    boolean isIdle() {
        return frame == null;
    }

    /** Whether the server has what is being sent before it again, after it could not take it at first. */
    boolean isBlocked() {
        return refused && inFlight;
    }

    /** @param sealed ownership passes */
    void send(ByteBuf sealed) {
        frame = sealed;
        retry.begin();
        transmit();
    }

    private void transmit() {
        if (frame == null) {
            return;
        }
        ByteBuf head = session.heads()
                .write(PooledByteBufAllocator.DEFAULT, session.keys().writeSerial(), frame.readableBytes());
        session.counters().requested();
        // The body stays as it is until it is acknowledged: a retry sends the same one.
        inFlight = true;
        link.request(head, frame.retainedDuplicate(), session.timeouts().write(), this);
        if (isBlocked()) {
            session.blocked();
        }
    }

    @Override
    public void answered(int status, ByteBuf body, long comeAgain) {
        boolean page = body.isReadable();
        body.release();
        inFlight = false;
        boolean ours = session.keys().ours();
        if (status == OK && page) {
            // No server answers so: something before it did, and the frame may not have arrived.
            again(ours ? -1 : Retry.PAUSE, new HttunException("got a page as the answer to a w request"));
        } else if (status == OK) {
            forget();
            acknowledged = System.nanoTime();
            session.acknowledged();
        } else if (status == REQUEST_TIMEOUT) {
            again(ours ? -1 : 0, new HttunException("the server answered 408 to a w request again and again"));
        } else if (comeAgain >= 0 || ours && Retry.mayPass(status)) {
            refused = true;
            again(Math.max(Retry.PAUSE, comeAgain), new HttunException("the server answers " + status));
        } else {
            session.lose(new HttunException("the server refused a w request with status " + status));
        }
    }

    @Override
    public void failed(HttpLink.Failure failure, HttunException cause) {
        inFlight = false;
        boolean ours = session.keys().ours();
        if (ours ? failure != HttpLink.Failure.LOGIN : failure == HttpLink.Failure.NOT_SENT) {
            again(ours ? -1 : Retry.PAUSE, cause);
        } else {
            // A stock server that took the frame would refuse it as a replay.
            session.lose(cause);
        }
    }

    /** @param pause in milliseconds; negative for one that grows */
    private void again(long pause, HttunException cause) {
        if (!retry.again(session.keys().ours())) {
            session.lose(cause);
            return;
        }
        long millis = pause < 0 ? retry.pause() : pause;
        session.loop().schedule(this::transmit, millis, TimeUnit.MILLISECONDS);
    }

    private void forget() {
        refused = false;
        frame.release();
        frame = null;
    }

    void close() {
        link.close();
        if (frame != null) {
            forget();
        }
    }
}
