// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.protocol.pipe.PacketPacer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;

/** One {@code w} request with packets, repeated until it is acknowledged or too old. Confined to the session's event loop. */
final class PacketWrite implements HttpLink.Exchange {
    private final ParallelPackets session;
    private final SessionKeys keys;
    private final ByteBuf body;
    private final long made;
    private LinkPool.Pooled pooled;
    private PacketPacer.Flight flight;
    private long began;

    /** @param body sealed; ownership passes */
    PacketWrite(ParallelPackets session, SessionKeys keys, ByteBuf body, long now) {
        this.session = session;
        this.keys = keys;
        this.body = body;
        this.made = now;
    }

    SessionKeys keys() {
        return keys;
    }

    long made() {
        return made;
    }

    long began() {
        return began;
    }

    int length() {
        return body.readableBytes();
    }

    PacketPacer.Flight flight() {
        return flight;
    }

    void send(LinkPool links, PacketPacer.Flight inFlight, long now) {
        flight = inFlight;
        began = now;
        session.counters().requested();
        pooled = links.take();
        ByteBuf head = session.heads().write(PooledByteBufAllocator.DEFAULT, keys.writeSerial(), length());
        long stall = PeerProtocol.stallMillis(session.timeouts().write(), length(), true);
        pooled.link().request(head, body.retainedDuplicate(), stall, this);
    }

    @Override
    public void answered(LinkReply reply) {
        reply.body().release();
        session.answeredOn(pooled);
        if (reply.isOk() && !reply.page()) {
            session.acknowledged(this);
        } else if (session.isRefusal(reply, keys)) {
            session.lose(new HttunException("the server refused a w request with status " + reply.status()));
        } else {
            session.failed(this, "the server answers " + reply.summary() + " to a w request");
        }
        session.pump();
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

    void release() {
        body.release();
    }
}
