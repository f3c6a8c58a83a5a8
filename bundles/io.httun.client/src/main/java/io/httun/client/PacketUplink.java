// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.crypto.FrameCipher;
import io.httun.protocol.FrameBody;
import io.httun.protocol.FrameSource;
import io.httun.protocol.Operation;
import io.httun.protocol.pipe.Backoff;
import io.httun.protocol.pipe.PacketPacer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/** The {@code w} requests of {@link ParallelPackets}: paces them and repeats failed ones. Confined to the session's event loop. */
final class PacketUplink {
    /** TCP has retransmitted the packet by then. */
    private static final long TOO_OLD = TimeUnit.SECONDS.toNanos(2);

    private final ParallelPackets session;
    private final LinkPool links;
    private final FrameSource packets;
    private final IntSupplier most;
    private final IntSupplier largestBody;
    private final PacketPacer pacer = new PacketPacer();
    private final Backoff backoff = new Backoff();
    private final Set<PacketWrite> pending = new HashSet<>();
    private final Deque<PacketWrite> again = new ArrayDeque<>();

    /**
     * @param most requests at a time
     * @param largestBody in bytes
     */
    PacketUplink(
            ParallelPackets session, LinkPool links, FrameSource packets, IntSupplier most, IntSupplier largestBody) {
        this.session = session;
        this.links = links;
        this.packets = packets;
        this.most = most;
        this.largestBody = largestBody;
    }

    /** @throws io.httun.api.HttunException if the key is used up */
    void pump(FrameCipher cipher, SessionKeys keys, long now) {
        while (maySend() && !backoff.isWaiting(now)) {
            PacketWrite write = next(cipher, keys, now);
            if (write == null) {
                return;
            }
            pending.add(write);
            write.send(links, pacer.sent(write.length(), now), now);
        }
    }

    private boolean maySend() {
        return session.isOpen() && pending.size() < (backoff.isProbing() ? 1 : most.getAsInt());
    }

    private PacketWrite next(FrameCipher cipher, SessionKeys keys, long now) {
        while (!again.isEmpty()) {
            PacketWrite write = again.poll();
            if (write.keys() == keys && now - write.made() < TOO_OLD) {
                return write;
            }
            write.release();
        }
        int limit = Math.min(pacer.next(packets.waiting(), now), largestBody.getAsInt());
        ByteBuf body = limit == 0
                ? null
                : FrameBody.batch(
                        PooledByteBufAllocator.DEFAULT,
                        limit,
                        packets,
                        frame -> keys.sealWrite(cipher, Operation.L3_TO_SERVER, frame));
        return body == null ? null : new PacketWrite(session, keys, body, now);
    }

    /** Returns whether the session still waited for this answer; the request is the caller's then. */
    boolean acknowledged(PacketWrite write, long now) {
        if (!pending.remove(write)) {
            return false;
        }
        backoff.answered();
        pacer.delivered(write.flight(), now);
        return true;
    }

    /** Repeats the same frames: a server that already has them drops them. */
    boolean failed(PacketWrite write, long now) {
        if (!pending.remove(write)) {
            return false;
        }
        pacer.lost(write.flight(), backoff.failed(write.began(), now));
        again.add(write);
        return true;
    }

    /** In nanoseconds. */
    long roundTrip() {
        return pacer.roundTrip();
    }

    boolean isFailing() {
        return backoff.isFailing();
    }

    /** Whether every request has its answer. */
    boolean isIdle() {
        return pending.isEmpty();
    }

    /** When to {@link #pump} again; {@link WakeTimer#NEVER} if an answer must come first. */
    long wakeAt(long now) {
        if (!maySend()) {
            return WakeTimer.NEVER;
        } else if (backoff.isWaiting(now)) {
            return backoff.until();
        }
        return again.isEmpty() ? pacer.wakeAt(packets.waiting()) : now;
    }

    void close() {
        pending.forEach(PacketWrite::release);
        pending.clear();
        again.forEach(PacketWrite::release);
        again.clear();
    }
}
