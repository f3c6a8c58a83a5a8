// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.crypto.FrameCipher;
import io.httun.protocol.pipe.Backoff;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/** The {@code r} requests of {@link ParallelPackets}: as many as the traffic needs. Confined to the session's event loop. */
final class PacketDownlink {
    /** While there is traffic, one request waits at the server while another one is on its way. */
    private static final int WAITING = 2;

    /** Bytes. A longer reply means that more requests would carry more. */
    private static final int FULL = 4 << 10;

    /** After this time without packets one waiting request is enough. */
    private static final long QUIET = TimeUnit.SECONDS.toNanos(30);

    private final ParallelPackets session;
    private final LinkPool links;
    private final IntSupplier most;
    private final Backoff backoff = new Backoff();
    private final Set<PacketRead> pending = new HashSet<>();
    private int wanted = WAITING;
    private long nextNumber;
    private long lastPacket;
    private long shortest = Long.MAX_VALUE;

    /** @param most requests at a time */
    PacketDownlink(ParallelPackets session, LinkPool links, IntSupplier most, long now) {
        this.session = session;
        this.links = links;
        this.most = most;
        this.lastPacket = now;
    }

    /** @throws io.httun.api.HttunException if the key is used up */
    void pump(FrameCipher cipher, PacketArrivals arrivals, long now) {
        while (maySend(now) && !backoff.isWaiting(now)) {
            PacketRead read = new PacketRead(session, arrivals, now);
            pending.add(read);
            boolean sent = false;
            try {
                read.send(cipher, links, nextNumber++);
                sent = true;
            } finally {
                if (!sent) {
                    pending.remove(read);
                }
            }
        }
    }

    private boolean maySend(long now) {
        int enough = backoff.isProbing() || now - lastPacket > QUIET ? 1 : wanted;
        return session.isOpen() && pending.size() < Math.min(enough, most.getAsInt());
    }

    /**
     * Returns whether the request was sent under the current key.
     *
     * @param length bytes of a reply with packets; 0 for a reply without
     */
    boolean answered(PacketRead read, int length, long now) {
        if (!pending.remove(read)) {
            return false;
        }
        backoff.answered();
        adapt(length, now - read.began(), now);
        return true;
    }

    /** A reply that did not wait at the server, or that carries much, shows that packets wait there. */
    private void adapt(int length, long took, long now) {
        if (length == 0) {
            wanted = Math.max(WAITING, wanted / 2);
            return;
        }
        lastPacket = now;
        shortest = Math.min(shortest, took);
        if (length >= FULL || took < shortest + shortest / 4) {
            wanted = Math.min(most.getAsInt(), wanted + 1);
        }
    }

    /** Returns whether the request was sent under the current key. */
    boolean failed(PacketRead read, long now) {
        if (!pending.remove(read)) {
            return false;
        }
        backoff.failed(read.began(), now);
        return true;
    }

    boolean isFailing() {
        return backoff.isFailing();
    }

    /** When to {@link #pump} again; {@link WakeTimer#NEVER} if an answer must come first. */
    long wakeAt(long now) {
        if (!maySend(now)) {
            return WakeTimer.NEVER;
        }
        return backoff.isWaiting(now) ? backoff.until() : now;
    }

    /** Stops waiting for the replies to the requests sent so far, which may still come. */
    void forget() {
        pending.clear();
    }
}
