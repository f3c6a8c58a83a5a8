// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.api.crypto.FrameCipher;
import io.httun.protocol.Frame;
import io.httun.protocol.FrameException;
import io.httun.protocol.Operation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.handler.codec.http.HttpResponseStatus;

/** One {@code r} request for packets. Confined to the session's event loop. */
final class PacketRead implements HttpLink.Exchange {
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
    public void answered(LinkReply reply) {
        try {
            session.answeredOn(pooled);
            if (reply.isOk() && reply.body().isReadable()) {
                open(reply.body());
            } else if (reply.isOk() || reply.is(HttpResponseStatus.REQUEST_TIMEOUT)) {
                session.answered(this, 0);
            } else if (session.isRefusal(reply, arrivals.keys())) {
                session.lose(RefusedRead.of(reply, true));
            } else {
                session.failed(this, "the server answers " + reply.summary() + " to an r request");
            }
        } finally {
            reply.body().release();
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
