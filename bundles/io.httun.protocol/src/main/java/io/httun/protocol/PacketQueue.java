// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import java.util.function.IntConsumer;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * IP packets that wait for a request or a reply, in a queue for each flow (RFC 8290, FQ-CoDel): a flow that sends little
 * does not wait behind one that sends much, and what waits too long is dropped (RFC 8289), so that a sender slows down
 * before it has filled the queue. Packets of one flow stay in order. Thread-safe.
 */
public final class PacketQueue implements FrameSource {
    private static final int FLOWS = 256;

    private record Packet(ByteBuf bytes, long since) {}

    /** One flow's packets and the state of its CoDel. */
    private static final class Flow {
        final ArrayDeque<Packet> packets = new ArrayDeque<>();
        final CoDel codel = new CoDel();
        int bytes;
        int deficit;
        boolean listed;
    }

    private final ByteBufAllocator allocator;
    private final LongSupplier clock;
    private final IntSupplier most;
    private final IntConsumer dropped;
    private final Flow[] flows = new Flow[FLOWS];
    private final ArrayDeque<Flow> fresh = new ArrayDeque<>();
    private final ArrayDeque<Flow> old = new ArrayDeque<>();
    private Packet next;
    private int bytes;
    private int count;
    private int quantum = 1514;
    private long target = CoDel.TARGET;
    private boolean closed;

    /**
     * @param clock as {@link System#nanoTime}
     * @param most bytes that may wait at the moment
     * @param dropped told how many packets were dropped, with the queue's lock held
     */
    public PacketQueue(ByteBufAllocator allocator, LongSupplier clock, IntSupplier most, IntConsumer dropped) {
        this.allocator = allocator;
        this.clock = clock;
        this.most = most;
        this.dropped = dropped;
    }

    /** Sets the nanoseconds that packets wait in any case, because they leave at intervals: CoDel's target comes on top. */
    public synchronized void patience(long nanos) {
        target = CoDel.TARGET + nanos;
    }

    /** Adds a copy of a packet without defects. Beyond the limit, the longest queue loses its oldest packets. Drops it after {@link #close}. */
    public synchronized void add(byte[] packet, int offset, int length) {
        if (closed) {
            dropped.accept(1);
            return;
        }
        ByteBuf copy = allocator.heapBuffer(length, length).writeBytes(packet, offset, length);
        int hash = flow(packet, offset, length);
        Flow flow = flows[hash];
        if (flow == null) {
            flow = new Flow();
            flows[hash] = flow;
        }
        flow.packets.add(new Packet(copy, clock.getAsLong()));
        flow.bytes += length;
        bytes += length;
        count++;
        quantum = Math.max(quantum, length);
        if (!flow.listed) {
            flow.listed = true;
            flow.deficit = quantum;
            fresh.add(flow);
        }
        int limit = most.getAsInt();
        while (bytes > limit) {
            dropOldestOfLongest();
        }
    }

    /** Packets of a flow have the same addresses, protocol and ports; fragments only the same addresses and protocol. */
    private static int flow(byte[] packet, int offset, int length) {
        boolean v4 = IpPacket.isV4(packet, offset);
        int protocol = IpPacket.protocol(packet, offset);
        int header = IpPacket.headerLength(packet, offset);
        int hash = protocol;
        int addresses = IpPacket.sourceAt(packet, offset);
        for (int at = addresses; at < addresses + 2 * IpPacket.addressLength(packet, offset); at++) {
            hash = 31 * hash + packet[at];
        }
        boolean ports = protocol == IpPacket.TCP || protocol == IpPacket.UDP;
        boolean fragment = v4 && IpPacket.isV4Fragment(packet, offset);
        if (ports && !fragment && length >= header + 2 * Short.BYTES) {
            hash = 31 * hash + IpPacket.unsignedShort(packet, offset + header);
            hash = 31 * hash + IpPacket.unsignedShort(packet, offset + header + Short.BYTES);
        }
        hash *= 0x9E3779B9;
        return hash >>> Integer.SIZE - Byte.SIZE;
    }

    private void dropOldestOfLongest() {
        Flow longest = null;
        for (Flow flow : flows) {
            if (flow != null && (longest == null || flow.bytes > longest.bytes)) {
                longest = flow;
            }
        }
        if (longest == null || longest.packets.isEmpty()) {
            return;
        }
        drop(poll(longest));
    }

    private Packet poll(Flow flow) {
        Packet packet = flow.packets.poll();
        if (packet != null) {
            int length = packet.bytes().readableBytes();
            flow.bytes -= length;
            bytes -= length;
            count--;
        }
        return packet;
    }

    private void drop(Packet packet) {
        packet.bytes().release();
        dropped.accept(1);
    }

    @Override
    public synchronized int waiting() {
        int held = next == null ? 0 : next.bytes().readableBytes() + FrameBody.OVERHEAD;
        return count == 0 && next == null ? -1 : bytes + count * FrameBody.OVERHEAD + held;
    }

    @Override
    public synchronized boolean fill(ByteBuf frame) {
        if (next == null) {
            next = choose();
        }
        if (next == null || next.bytes().readableBytes() > FrameBody.room(frame)) {
            return false;
        }
        frame.writeBytes(next.bytes());
        next.bytes().release();
        next = null;
        return true;
    }

    /** The next packet by RFC 8290 section 4.2. */
    private Packet choose() {
        while (true) {
            boolean isFresh = !fresh.isEmpty();
            Flow flow = isFresh ? fresh.peek() : old.peek();
            if (flow == null) {
                return null;
            }
            if (flow.deficit <= 0) {
                flow.deficit += quantum;
                (isFresh ? fresh : old).poll();
                old.add(flow);
                continue;
            }
            Packet packet = pollInTime(flow);
            if (packet != null) {
                flow.deficit -= packet.bytes().readableBytes();
                return packet;
            }
            (isFresh ? fresh : old).poll();
            // Otherwise a flow could stay fresh by coming and going.
            if (isFresh && !old.isEmpty()) {
                old.add(flow);
            } else {
                flow.listed = false;
            }
        }
    }

    private Packet pollInTime(Flow flow) {
        long now = clock.getAsLong();
        while (true) {
            Packet packet = poll(flow);
            long waited = packet == null ? -1 : now - packet.since();
            if (!flow.codel.drops(waited, flow.bytes <= quantum, target, now)) {
                return packet;
            }
            drop(packet);
        }
    }

    /** Drops everything that waits. */
    public synchronized void clear() {
        if (next != null) {
            drop(next);
            next = null;
        }
        for (Flow flow : flows) {
            while (flow != null && !flow.packets.isEmpty()) {
                drop(poll(flow));
            }
        }
    }

    /** Drops every packet that waits or is added from now on: a producer that has not stopped yet must not leak any. */
    public synchronized void close() {
        closed = true;
        clear();
    }

    /** Packets that wait. */
    public synchronized int size() {
        return count + (next == null ? 0 : 1);
    }
}
