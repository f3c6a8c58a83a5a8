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
 * Fills frames with the bytes written to a connection, then with the close container. Confined to the channel's event loop.
 *
 * <pre>
 * OPEN ──close──▶ CLOSE_DUE ──framed after the last byte──▶ CLOSE_SENT ──acknowledged──▶ CLOSE_TAKEN
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
    /** The unsent bytes of a closed channel. */
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

    /** The written bytes; a closing channel's unsafe no longer has this buffer. */
    ChannelOutboundBuffer outbound() {
        return outbound;
    }

    /** The queue that takes over unsent bytes when the channel closes. */
    Deque<ByteBuf> tail() {
        return tail;
    }

    /** Handles the close of the channel: from now on bytes come from the tail. */
    void closed() {
        closed = true;
    }

    /** Sends the close container after all waiting bytes. */
    void close() {
        if (state == State.OPEN) {
            state = State.CLOSE_DUE;
        }
    }

    /** Handles an acknowledgement. @return whether the close was acknowledged */
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

    /** Whether bytes have been framed, which make the server connect to the target. */
    boolean hasBegun() {
        return begun;
    }

    boolean isEmpty() {
        return closed ? tail.isEmpty() : outbound.isEmpty();
    }

    boolean isCloseDue() {
        return state == State.CLOSE_DUE && isEmpty() && !stopped;
    }

    /** Stops sending. */
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
            // Only empty buffers were flushed; a container without data would mean close.
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
