// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;

/**
 * Puts the packets of parallel requests back into the order of their frame numbers ({@code docs/wire.md}, "Parallel
 * requests"). A packet waits for the ones before it for at most {@link #PATIENCE}; then the gap is skipped. A packet that
 * arrives after its gap was skipped leaves at once: reordering costs a flow less than loss. Used by one thread at a time.
 */
public final class PacketReorderQueue {
    /** Nanoseconds that a gap may hold packets: a few times the jitter of a line, well below the 200 ms of TCP's shortest time-out. */
    public static final long PATIENCE = 20_000_000;

    private record Waiting(ByteBuf packet, long since) {}

    private final int limit;
    private final ArrayDeque<ByteBuf> ready = new ArrayDeque<>();
    private final TreeMap<Long, Waiting> waiting = new TreeMap<>();
    private long next;
    private long gapSince;
    private int bytes;

    /** @param limit bytes that may wait for a gap; beyond it the gap is skipped at once */
    public PacketReorderQueue(int limit) {
        this.limit = limit;
    }

    /**
     * Adds the packet of a frame whose number was accepted.
     *
     * @param number 62 bits, without the type
     * @param packet ownership passes to the queue; an empty one says that this number carries no packet to wait for
     * @param now nanoseconds
     */
    public void add(long number, ByteBuf packet, long now) {
        if (number <= next) {
            leave(packet);
            if (number == next) {
                next++;
                release();
            }
            return;
        }
        Waiting same = waiting.put(number, new Waiting(packet, now));
        if (same != null) {
            bytes -= same.packet().readableBytes();
            same.packet().release();
        }
        bytes += packet.readableBytes();
        if (waiting.size() == 1) {
            gapSince = now;
        }
        while (bytes > limit) {
            skip();
        }
    }

    /**
     * The next packet in order.
     *
     * @return owned by the caller; null if there is none yet
     */
    public ByteBuf poll(long now) {
        while (ready.isEmpty() && !waiting.isEmpty() && wakeAt() - now <= 0) {
            skip();
        }
        return ready.poll();
    }

    /** Nanoseconds at which {@link #poll} should be called again; {@link Long#MAX_VALUE} while no packet waits for a gap. */
    public long wakeAt() {
        return waiting.isEmpty() ? Long.MAX_VALUE : gapSince + PATIENCE;
    }

    /** Takes what waits behind gaps without waiting any longer, as no packet of the gaps is expected any more. */
    public void skipGaps() {
        while (!waiting.isEmpty()) {
            skip();
        }
    }

    /** Every number below has come or was skipped. */
    public long next() {
        return next;
    }

    /** Goes on behind the first gap. */
    private void skip() {
        next = waiting.firstKey();
        release();
    }

    private void release() {
        boolean moved = false;
        for (Iterator<Map.Entry<Long, Waiting>> each = waiting.entrySet().iterator(); each.hasNext(); moved = true) {
            Map.Entry<Long, Waiting> entry = each.next();
            if (entry.getKey() != next) {
                break;
            }
            each.remove();
            next++;
            bytes -= entry.getValue().packet().readableBytes();
            leave(entry.getValue().packet());
        }
        if (moved && !waiting.isEmpty()) {
            gapSince = waiting.values().stream()
                    .mapToLong(Waiting::since)
                    .reduce((one, other) -> other - one < 0 ? other : one)
                    .getAsLong();
        }
    }

    private void leave(ByteBuf packet) {
        if (packet.isReadable()) {
            ready.add(packet);
        } else {
            packet.release();
        }
    }

    /** Bytes that wait for a gap. */
    public int waitingBytes() {
        return bytes;
    }

    /** Releases every packet. */
    public void clear() {
        ready.forEach(ByteBuf::release);
        ready.clear();
        waiting.values().forEach(each -> each.packet().release());
        waiting.clear();
        bytes = 0;
    }
}
