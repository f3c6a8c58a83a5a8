// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.protocol.FrameBody;
import io.httun.protocol.FrameSource;
import io.httun.protocol.L7Container;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelOutboundBuffer;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Fills frames with what was written to a connection, and behind it with the close container. Confined to the channel's event loop.
 *
 * <pre>
 * OPEN ──close──▶ CLOSE_DUE ──framed behind the last byte──▶ CLOSE_SENT ──acknowledged──▶ CLOSE_TAKEN
 * </pre>
 */
final class TunnelOutput implements FrameSource {
    private enum State {
        OPEN,
        CLOSE_DUE,
        CLOSE_SENT,
        CLOSE_TAKEN
    }

    private final InetSocketAddress target;
    private final Counters counters;
    private final ChannelOutboundBuffer outbound;
    /** What was not yet sent when the channel was closed. */
    private final Deque<ByteBuf> tail = new ArrayDeque<>();

    private State state = State.OPEN;
    private boolean closed;
    private boolean begun;
    private boolean stopped;

    TunnelOutput(InetSocketAddress target, Counters counters, ChannelOutboundBuffer outbound) {
        this.target = target;
        this.counters = counters;
        this.outbound = outbound;
    }

    /** What was written; the channel's unsafe has none any more while it closes. */
    ChannelOutboundBuffer outbound() {
        return outbound;
    }

    /** Where what was written goes when the channel closes. */
    Deque<ByteBuf> tail() {
        return tail;
    }

    /** The channel is closed: from now on bytes come from the tail. */
    void closed() {
        closed = true;
    }

    /** The server has to hear of the end, behind everything that waits. */
    void close() {
        if (state == State.OPEN) {
            state = State.CLOSE_DUE;
        }
    }

    /** What was sent has been taken. @return whether that was the close */
    boolean acknowledged() {
        if (state != State.CLOSE_SENT) {
            return false;
        }
        state = State.CLOSE_TAKEN;
        return true;
    }

    boolean isCloseTaken() {
        return state == State.CLOSE_TAKEN;
    }

    /** Whether bytes have been framed, so that the server has a target. */
    boolean hasBegun() {
        return begun;
    }

    boolean isEmpty() {
        return closed ? tail.isEmpty() : outbound.isEmpty();
    }

    boolean isCloseDue() {
        return state == State.CLOSE_DUE && isEmpty() && !stopped;
    }

    /** Nothing more is sent. */
    void stop() {
        stopped = true;
        releaseTail();
    }

    private void releaseTail() {
        tail.forEach(ByteBuf::release);
        tail.clear();
    }

    @Override
    public int waiting() {
        long bytes = closed
                ? tail.stream().mapToLong(ByteBuf::readableBytes).sum()
                : outbound.current() == null ? 0 : outbound.totalPendingWriteBytes();
        if (stopped || bytes == 0 && !isCloseDue()) {
            return -1;
        }
        long frames = bytes / L7Container.MAX_DATA + 2;
        return (int) Math.min(FrameBody.MAX_BATCH, bytes + frames * (FrameBody.OVERHEAD + L7Container.HEADER_LENGTH));
    }

    @Override
    public boolean fill(ByteBuf frame) {
        int room = Math.min(FrameBody.room(frame) - L7Container.HEADER_LENGTH, L7Container.MAX_DATA);
        boolean data = closed ? !tail.isEmpty() : outbound.current() != null;
        if (stopped || room < (data ? 1 : 0) || !data && !isCloseDue()) {
            return false;
        }
        L7Container.writeHeader(frame, target.getAddress(), target.getPort());
        int start = frame.writerIndex();
        if (!data) {
            state = State.CLOSE_SENT;
        } else if (closed) {
            fillFromTail(frame, room);
        } else {
            fillFromOutbound(frame, room);
        }
        if (data && frame.writerIndex() == start) {
            // Only empty buffers were flushed, and a container without data means close.
            return fill(frame.writerIndex(start - L7Container.HEADER_LENGTH));
        }
        begun |= data;
        counters.sent(frame.writerIndex() - start);
        return true;
    }

    private void fillFromOutbound(ByteBuf frame, int most) {
        int room = most;
        while (outbound.current() instanceof ByteBuf bytes) {
            int length = bytes.readableBytes();
            if (length > room) {
                bytes.readBytes(frame, room);
                outbound.progress(room);
                return;
            }
            room -= length;
            frame.writeBytes(bytes);
            outbound.remove();
        }
    }

    private void fillFromTail(ByteBuf frame, int most) {
        int room = most;
        while (room > 0 && !tail.isEmpty()) {
            ByteBuf bytes = tail.peek();
            int length = Math.min(room, bytes.readableBytes());
            bytes.readBytes(frame, length);
            room -= length;
            if (!bytes.isReadable()) {
                tail.poll().release();
            }
        }
    }
}
