// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.api.crypto.FrameCipher;
import io.httun.protocol.Frame;
import io.httun.protocol.FrameException;
import io.httun.protocol.Operation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;

/** One {@code r} request for packets. Confined to the session's event loop. */
final class PacketRead implements HttpLink.Exchange {
    private static final int OK = 200;
    private static final int WRONG = 400;
    private static final int REQUEST_TIMEOUT = 408;

    private final ParallelPackets session;
    private final PacketArrivals arrivals;
    private final long began;
    private LinkPool.Pooled pooled;

    PacketRead(ParallelPackets session, PacketArrivals arrivals, long now) {
        this.session = session;
        this.arrivals = arrivals;
        this.began = now;
    }

    PacketArrivals arrivals() {
        return arrivals;
    }

    long began() {
        return began;
    }

    /** @throws HttunException if the key is used up */
    void send(FrameCipher cipher, LinkPool links, long number) {
        SessionKeys keys = arrivals.keys();
        ByteBuf frame = Frame.allocate(PooledByteBufAllocator.DEFAULT, Long.BYTES);
        frame.writeLong(arrivals.received());
        byte[] message = RequestHeads.message(keys.sealRead(cipher, Operation.L3_FROM_SERVER, number, frame));
        session.counters().requested();
        pooled = links.take();
        ByteBuf head = session.heads().read(PooledByteBufAllocator.DEFAULT, keys.readSerial(), message);
        pooled.link().request(head, null, session.timeouts().read(), this);
    }

    @Override
    public void answered(int status, ByteBuf body, boolean page, long comeAgain) {
        try {
            pooled.giveBack();
            if (status == OK && body.isReadable()) {
                open(body);
            } else if (status == OK || status == REQUEST_TIMEOUT) {
                session.answered(this, 0);
            } else if (session.isRefusal(status, page, arrivals.keys())) {
                session.lose(new HttunException("the server refused an r request with status " + status
                        + (status == WRONG ? ": its channel carries no IP packets (tun.target at the server)" : "")));
            } else {
                session.failed(this, "the server answers " + status + (page ? " and a page" : "") + " to an r request");
            }
        } finally {
            body.release();
        }
        session.pump();
    }

    private void open(ByteBuf body) {
        FrameCipher cipher = session.cipher();
        int length = body.readableBytes();
        if (cipher == null) {
            session.failed(this, "there is no cipher");
            return;
        }
        try {
            arrivals.open(cipher, body, System.nanoTime());
            session.answered(this, length);
        } catch (FrameException e) {
            // A proxy's page, or a truncated body.
            session.failed(this, e.getMessage());
        } catch (HttunException e) {
            session.lose(e);
        }
    }

    @Override
    public void failed(HttpLink.Failure failure, HttunException cause) {
        pooled.giveBack();
        if (failure == HttpLink.Failure.LOGIN) {
            session.lose(cause);
        } else {
            session.failed(this, cause.getMessage());
        }
        session.pump();
    }
}
