// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol.pipe;

import io.httun.protocol.FrameException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.HashSet;
import java.util.Set;

/**
 * The client's end of a pipe: decides which requests go out, and turns their outcomes into a stream of bytes. After every call, its owner
 * hands on what {@link #read} returns, sends what {@link #next} returns, each until it is null, looks at {@link #isWritable}, and comes back
 * at {@link #wakeAt}. Keys and connections are the owner's affair: a pipe does not notice that they change. Confined to one thread, an
 * event loop.
 */
public final class PipeClientEnd extends DuplexEnd {
    private final Set<PipeExchange> inFlight = new HashSet<>();
    private final ReadRequests reads;
    private final Backoff writeBackoff = new Backoff();
    private int mostWrites;
    private int writes;
    private long lastAnswer;
    private boolean ended;

    /**
     * @param allocator of buffers for small writes
     * @param now nanoseconds
     */
    public PipeClientEnd(ByteBufAllocator allocator, PipeLimits limits, long now) {
        super(allocator, limits);
        this.reads = new ReadRequests(in, limits.exchanges(), now);
        this.mostWrites = limits.exchanges();
        this.lastAnswer = now;
    }

    /**
     * Sets how many requests may be in flight, at most {@link PipeLimits#exchanges} each: fewer where a proxy allows few
     * connections.
     */
    public void exchanges(int atMostWrites, int atMostReads) {
        mostWrites = Math.min(atMostWrites, limits.exchanges());
        reads.most(Math.min(atMostReads, limits.exchanges()));
        out.requests(mostWrites);
    }

    /** Sets the length in bytes of the largest body of a request, for a proxy that limits bodies. */
    public void largestBody(int length) {
        out.line().largestBody(length - LineEstimate.FRAMING);
    }

    // ---- requests ----

    /**
     * The next request that should go out now. It is in flight at once: make its body and send it, or say that it failed.
     *
     * @return null if there is none
     */
    public PipeExchange next(long now) {
        PipeExchange exchange = nextWrite(now);
        if (exchange == null && isOpen()) {
            exchange = reads.next(now);
        }
        if (exchange != null) {
            inFlight.add(exchange);
        }
        return exchange;
    }

    private PipeExchange nextWrite(long now) {
        if (!wantsWrite() || writeBackoff.isWaiting(now)) {
            return null;
        }
        PipeEnding ending = ending();
        int size = ending != null ? 1 : out.next(writes);
        if (size == 0) {
            return null;
        }
        PipeBody body = ending != null ? PipeBody.end(out, ending) : PipeBody.data(out, size, now);
        writes++;
        reads.dataMoved(now);
        return new PipeExchange.Write(body, now);
    }

    private boolean wantsWrite() {
        if (isClosed()) {
            return false;
        }
        boolean any = ending() != null ? !ended : out.buffer().sendable() > 0;
        return any && writes < (writeBackoff.isProbing() || ending() != null ? 1 : mostWrites);
    }

    /** Nanoseconds at which to ask {@link #next} again; {@link Long#MAX_VALUE} if only an event can change its answer. */
    public long wakeAt(long now) {
        long write = wantsWrite() && writeBackoff.isWaiting(now) ? writeBackoff.until() : Long.MAX_VALUE;
        long read = isOpen() ? reads.wakeAt(now) : Long.MAX_VALUE;
        return write == Long.MAX_VALUE || read != Long.MAX_VALUE && read - write < 0 ? read : write;
    }

    // ---- their outcomes ----

    /**
     * A frame of a reply to a request on {@code r}, with {@link io.httun.protocol.Operation#PIPE_FROM_SERVER}.
     *
     * @param payload ownership passes to the pipe, also when this throws
     * @throws FrameException if it is malformed, or beyond what a server may send; the pipe should be ended
     */
    public void received(PipeExchange.Read read, ByteBuf payload, long now) {
        try {
            long offset = PipeFrames.readReplyOffset(payload);
            int length = payload.readableBytes();
            int of = PipeEpoch.of(offset);
            checkReach(in.position(), offset, offset + length);
            read.proved = true;
            read.bytes += length;
            if (!isOpen()) {
                return;
            }
            if (of > epoch()) {
                begin(of);
            }
            if (length > 0 && of == epoch()) {
                reads.dataMoved(now);
                in.add(offset, payload.retain());
            }
        } finally {
            payload.release();
        }
    }

    /**
     * An exchange was answered with 200, and all frames of a reply on {@code r} went to {@link #received}. One without a frame
     * proves nothing and counts as failed. Calls for an exchange that is no longer in flight are ignored, also by
     * {@link #failed}.
     */
    public void answered(PipeExchange exchange, long now) {
        if (exchange instanceof PipeExchange.Read read && !read.proved) {
            failed(exchange, now);
            return;
        }
        if (!inFlight.remove(exchange)) {
            return;
        }
        lastAnswer = now;
        if (exchange instanceof PipeExchange.Write write) {
            writes--;
            writeBackoff.answered();
            PipeBody body = write.body();
            if (body.isEnd()) {
                ended = true;
                return;
            }
            out.landed(body.carried);
            out.buffer().acknowledge(body.carried);
            out.line().delivered(body.sample, body.carried.length(), now);
        } else if (exchange instanceof PipeExchange.Read read) {
            reads.answered(read, now);
        }
    }

    /** An exchange failed: its connection was closed, its time is over, or its status was not 200. */
    public void failed(PipeExchange exchange, long now) {
        if (!inFlight.remove(exchange)) {
            return;
        }
        if (exchange instanceof PipeExchange.Write write) {
            writes--;
            PipeBody body = write.body();
            out.landed(body.carried);
            out.buffer().lose(body.carried);
            if (writeBackoff.failed(write.began, now)) {
                out.line().failed();
            }
        } else if (exchange instanceof PipeExchange.Read read) {
            reads.failed(read, now);
        }
    }

    /** A network address of the host has changed: tries again now and measures anew. */
    public void lineChanged(long now) {
        writeBackoff.retryNow(now);
        out.line().reset();
        reads.lineChanged(now);
    }

    // ---- the end ----

    /** As {@link DuplexEnd#end}. Nothing is read any more; the end is sent until it is answered ({@link #isEnded}). */
    @Override
    public void end(PipeEnding reason) {
        super.end(reason);
        in.clear();
    }

    /** Whether the server has been told of the {@link #end}. */
    public boolean isEnded() {
        return ended;
    }

    @Override
    public void close() {
        inFlight.clear();
        super.close();
    }

    // ---- status ----

    /** Whether requests fail at the moment. */
    public boolean isReconnecting() {
        return writeBackoff.isFailing() || reads.isFailing();
    }

    /** Nanoseconds since a request was answered; the pipe should be given up after {@code resume.seconds}. */
    public long silence(long now) {
        return now - lastAnswer;
    }

    /** Requests on {@code w} that are in flight. */
    public int writesInFlight() {
        return writes;
    }

    /** Requests on {@code r} that are in flight. */
    public int readsInFlight() {
        return reads.inFlight();
    }
}
