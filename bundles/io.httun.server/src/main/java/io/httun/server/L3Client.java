// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.tun.TunDrop;
import io.httun.protocol.PacketQueue;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** A client of an L3 channel, whatever session it has at the moment, with the packets that wait for it. */
final class L3Client {
    /** Nanoseconds without a request for packets after which another client may take the addresses of this one. */
    private static final long SILENT = TimeUnit.SECONDS.toNanos(2);

    private final UUID uuid;
    private final PacketQueue queue;
    private volatile Session session;
    private volatile IpAddress lastSource;

    L3Client(L3Switch owner, Session session) {
        this.uuid = session.client();
        this.session = session;
        this.queue = new PacketQueue(
                PooledByteBufAllocator.DEFAULT,
                System::nanoTime,
                owner::queueLimit,
                dropped -> owner.drop(TunDrop.QUEUE, dropped));
    }

    UUID uuid() {
        return uuid;
    }

    PacketQueue queue() {
        return queue;
    }

    Session session() {
        return session;
    }

    void session(Session next) {
        session = next;
    }

    /** The last source address that was found to be this client's: it need not be looked up again. */
    IpAddress lastSource() {
        return lastSource;
    }

    void lastSource(IpAddress address) {
        lastSource = address;
    }

    boolean isSilent() {
        return !session.isAskedForPackets() && System.nanoTime() - session.lastUsed() > SILENT;
    }
}
