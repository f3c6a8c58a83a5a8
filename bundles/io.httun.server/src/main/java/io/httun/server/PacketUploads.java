// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.tunnel.TunnelReply;
import io.httun.protocol.Frame;
import io.httun.protocol.PacketReorderQueue;
import io.httun.protocol.SequenceType;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Packets from the client of one session, put back into their order: requests come on any thread and in any order. One thread at a time
 * passes them on, without the monitor.
 */
final class PacketUploads {
    /** Bytes that may wait for a gap, which lasts at most 20 ms: enough for 400 MB/s. */
    private static final int MOST_WAITING = 8 << 20;

    private final Parts parts;
    private final Session session;
    private final PacketReorderQueue order = new PacketReorderQueue(MOST_WAITING);
    private int held;
    private boolean passing;
    private boolean planned;
    private boolean ended;

    PacketUploads(Parts parts, Session session) {
        this.parts = parts;
        this.session = session;
    }

    /** The frames of a request, of which some or all may be repeated; takes them over. */
    TunnelReply written(List<Frame> frames) {
        boolean full = parts.queues().isFull(parts.settings().get().queuesPercent());
        TunnelReply reply;
        synchronized (this) {
            boolean takes = !ended && !full;
            boolean refused = false;
            long now = System.nanoTime();
            for (Frame frame : frames) {
                boolean isNew = session.numbers().isNewWrite(frame.sequence());
                if (isNew && takes) {
                    session.numbers().takeWrite(frame.sequence());
                    order.add(SequenceType.number(frame.sequence()), frame.payload(), now);
                } else {
                    frame.payload().release();
                    refused |= isNew;
                }
            }
            reply = ended
                    ? TunnelReply.refused()
                    : refused ? TunnelReply.unavailable() : session.channel().nothing();
        }
        pass();
        return reply;
    }

    private void pass() {
        List<ByteBuf> packets = next(true);
        while (!packets.isEmpty()) {
            boolean passed = false;
            try {
                session.channel().l3().fromClient(session.l3(), packets);
                passed = true;
            } finally {
                if (!passed) {
                    stopPassing();
                }
            }
            packets = next(false);
        }
    }

    /** The packets that are in order. None while another thread passes packets on: it passes these on as well. */
    private synchronized List<ByteBuf> next(boolean begins) {
        if (begins && passing) {
            return List.of();
        }
        long now = System.nanoTime();
        List<ByteBuf> packets = new ArrayList<>();
        for (ByteBuf packet = order.poll(now); packet != null; packet = order.poll(now)) {
            packets.add(packet);
        }
        passing = !packets.isEmpty();
        account();
        if (!passing && !planned && order.wakeAt() != Long.MAX_VALUE) {
            planned = true;
            session.loop().schedule(this::gapOver, Math.max(0, order.wakeAt() - now), TimeUnit.NANOSECONDS);
        }
        return packets;
    }

    private synchronized void stopPassing() {
        passing = false;
    }

    private void gapOver() {
        synchronized (this) {
            planned = false;
        }
        pass();
    }

    private void account() {
        parts.queues().hold(order.waitingBytes() - held);
        held = order.waitingBytes();
    }

    synchronized void end() {
        ended = true;
        order.clear();
        account();
    }
}
