// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol.pipe;

import io.httun.protocol.FrameException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * What both ends of a pipe have in common ({@code docs/wire.md}, "A pipe"): a stream of bytes in each direction, cut into epochs, until the
 * pipe is ended or closed. An end does no I/O and has no clock.
 */
public abstract sealed class DuplexEnd implements AutoCloseable permits PipeClientEnd, PipeServerEnd {
    final PipeLimits limits;
    final Outbound out;
    final ReorderBuffer in = new ReorderBuffer();
    private int epoch;
    private PipeEnding ending;
    private boolean closed;

    /** @param allocator of buffers for small writes */
    DuplexEnd(ByteBufAllocator allocator, PipeLimits limits) {
        this.limits = limits;
        this.out = new Outbound(allocator, limits.buffer());
    }

    /**
     * Appends bytes to the stream towards the peer. They are taken whatever {@link #isWritable} says; a writer should heed it.
     *
     * @param data ownership passes to the pipe
     */
    public final void write(ByteBuf data) {
        if (isOpen()) {
            out.buffer().append(data);
        } else {
            data.release();
        }
    }

    /** Whether more should be written. It has a hysteresis, and changes with any call. */
    public final boolean isWritable() {
        return isOpen() && out.isWritable();
    }

    /** Bytes that can be written before the pipe is not writable. */
    public final long bytesBeforeUnwritable() {
        return isWritable() ? out.bytesBeforeUnwritable() : 0;
    }

    /** Bytes that were written and that the peer has not acknowledged. */
    public final long unacknowledged() {
        return out.buffer().retained();
    }

    /** The next bytes of the stream from the peer, in order. @return owned by the caller; null if there are none yet */
    public final ByteBuf read() {
        return in.read();
    }

    /** Bytes received that are kept, in order and behind gaps. */
    public final long unread() {
        return in.unread() + in.behindGap();
    }

    /** Bytes sent that are neither acknowledged nor lost. */
    public final long bytesInFlight() {
        return out.inFlight();
    }

    /** The shortest round trip in nanoseconds, 0 while none is known. */
    public final long roundTrip() {
        return out.line().roundTrip();
    }

    final long inFlightLimit() {
        return out.line().inFlight();
    }

    /** @throws FrameException if data reaches further than a peer may send that knows {@code acknowledged} */
    final void checkReach(long acknowledged, long from, long to) {
        long most = Math.max(acknowledged, PipeEpoch.start(PipeEpoch.of(from))) + limits.buffer();
        if (to > most) {
            throw new FrameException("pipe data up to offset " + to + ", expected at most " + most);
        }
    }

    /**
     * The number of the epoch, from 0. When a call that takes what the peer sent raises it, the peer has begun that epoch: what ran in the
     * pipe has ended, and what is read and written from now on belongs to the new epoch.
     */
    public final int epoch() {
        return epoch;
    }

    /**
     * Begins the next epoch: drops what was written or received and has not arrived, and has the peer do so, too.
     *
     * @return false if this one is the last: the pipe can only be ended
     */
    public final boolean nextEpoch() {
        if (epoch == PipeEpoch.LAST) {
            return false;
        }
        begin(epoch + 1);
        return true;
    }

    void begin(int next) {
        epoch = next;
        out.buffer().skipTo(PipeEpoch.start(next));
        in.skipTo(PipeEpoch.start(next));
    }

    /** Ends the pipe: the peer is told the reason, and nothing else from now on. The first reason counts. */
    public void end(PipeEnding reason) {
        if (ending == null) {
            ending = reason;
        }
    }

    /** Why the pipe ends; null while it goes on. */
    final PipeEnding ending() {
        return ending;
    }

    final boolean isClosed() {
        return closed;
    }

    /** Whether the pipe is neither ended nor closed. */
    final boolean isOpen() {
        return ending == null && !closed;
    }

    /** Releases every buffer. */
    @Override
    public void close() {
        closed = true;
        out.buffer().clear();
        in.clear();
    }
}
