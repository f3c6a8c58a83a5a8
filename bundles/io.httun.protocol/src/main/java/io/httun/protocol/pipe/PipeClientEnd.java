// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol.pipe;

import io.httun.protocol.FrameException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The client's end of a pipe ({@code docs/wire.md}, "A pipe"): decides which requests go out, and turns their outcomes into a
 * stream of bytes. It does no I/O and has no clock. Its owner, after every call, hands on what {@link #read} returns, sends what
 * {@link #next} returns, each until it is null, looks at {@link #isWritable}, and comes back at {@link #wakeAt}. Keys and
 * connections are the owner's affair: a pipe does not notice that they change. Confined to one thread, an event loop.
 */
public final class PipeClientEnd implements AutoCloseable {
    /** Nanoseconds without data after which one waiting request is enough. */
    private static final long QUIET = TimeUnit.SECONDS.toNanos(30);

    /** Requests that wait at the server while there is data, so that one is there while the other is on its way. */
    private static final int WAITING = 2;

    /** One in so many requests is kept back for news: further news goes out while the first waits. */
    private static final int RESERVED_PART = 4;

    private static final long JITTER = TimeUnit.MILLISECONDS.toNanos(2);

    private final PipeLimits limits;
    private final Outbound out;
    private final ReorderBuffer in = new ReorderBuffer();
    private final Set<PipeExchange> inFlight = new HashSet<>();
    private final LossList losses = new LossList();
    private final Backoff writeBackoff = new Backoff();
    private final Backoff readBackoff = new Backoff();
    private int mostWrites;
    private int mostReads;
    private int writes;
    private int reads;
    private int wantedReads = WAITING;
    private long nextNumber;
    private int epoch;
    private long told;
    private long lastAsk;
    private long lastData;
    private long lastAnswer;
    private long shortestRead = Long.MAX_VALUE;
    private PipeEnding ending;
    private boolean ended;
    private boolean closed;

    /**
     * @param allocator of buffers for small writes
     * @param now nanoseconds
     */
    public PipeClientEnd(ByteBufAllocator allocator, PipeLimits limits, long now) {
        this.limits = limits;
        this.out = new Outbound(allocator, limits.buffer());
        this.mostWrites = limits.exchanges();
        this.mostReads = limits.exchanges();
        this.lastData = now;
        this.lastAnswer = now;
    }

    /**
     * Sets how many requests may be in flight, at most {@link PipeLimits#exchanges} each: fewer where a proxy allows few
     * connections.
     */
    public void exchanges(int atMostWrites, int atMostReads) {
        mostWrites = Math.min(atMostWrites, limits.exchanges());
        mostReads = Math.min(atMostReads, limits.exchanges());
        out.line().requests(mostWrites);
    }

    /**
     * Appends bytes to the stream towards the server. They are taken whatever {@link #isWritable} says; a writer should heed
     * it.
     *
     * @param data ownership passes to the pipe
     */
    public void write(ByteBuf data) {
        if (closed || ending != null) {
            data.release();
        } else {
            out.buffer().append(data);
        }
    }

    /** Whether more should be written. It has a hysteresis, and changes with any call. */
    public boolean isWritable() {
        return ending == null && !closed && out.isWritable();
    }

    /** Bytes that can be written before the pipe is not writable. */
    public long bytesBeforeUnwritable() {
        return isWritable() ? out.bytesBeforeUnwritable() : 0;
    }

    /** Bytes that were written and that the server is not known to have. */
    public long unacknowledged() {
        return out.buffer().retained();
    }

    /** The next bytes of the stream from the server, in order. @return owned by the caller; null if there are none yet */
    public ByteBuf read() {
        return in.read();
    }

    /**
     * The next request that should go out now. It is in flight at once: make its body and send it, or say that it failed.
     *
     * @return null if there is none
     */
    public PipeExchange next(long now) {
        if (closed) {
            return null;
        }
        PipeExchange exchange = nextWrite(now);
        if (exchange == null) {
            exchange = nextRead(now);
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
        int size = ending != null ? 1 : out.next();
        if (size == 0) {
            return null;
        }
        PipeBody body = ending != null ? PipeBody.end(out, ending) : PipeBody.data(out, size, now);
        writes++;
        lastData = now;
        return new PipeExchange.Write(body, now);
    }

    private boolean wantsWrite() {
        boolean any = ending != null ? !ended && !closed : out.buffer().sendable() > 0;
        return any && writes < (writeBackoff.isProbing() || ending != null ? 1 : mostWrites);
    }

    private PipeExchange nextRead(long now) {
        if (!wantsRead(now) || readBackoff.isWaiting(now)) {
            return null;
        }
        reads++;
        told = in.position();
        lastAsk = now;
        return new PipeExchange.Read(nextNumber++, in.position(), mostDataReads(), losses.list(), now);
    }

    private boolean wantsRead(long now) {
        if (closed || ending != null || losses.isFull()) {
            return false;
        }
        if (readBackoff.isProbing()) {
            return reads == 0;
        }
        // News for the server would otherwise wait until a request that waits is answered, and it may wait for the
        // news.
        boolean urgent = losses.isUrgent() || isUntold() && newsAt() - now <= 0;
        int wanted = urgent ? reads + 1 : now - lastData > QUIET ? 1 : wantedReads;
        return reads < Math.min(wanted, urgent ? mostReads : mostDataReads())
                || isEpochUntold() && reads <= mostReads && reads < limits.exchanges();
    }

    /** Whether the server may not know the epoch. All requests that may be in flight may wait there for data of the epoch before. */
    private boolean isEpochUntold() {
        return PipeEpoch.of(told) != epoch;
    }

    /** The other requests are kept back for news: these may all wait at the server until it has heard them. */
    private int mostDataReads() {
        return mostReads > WAITING ? mostReads - Math.max(1, mostReads / RESERVED_PART) : mostReads;
    }

    /** Whether the reader has bytes that no request has acknowledged. */
    private boolean isUntold() {
        return in.position() > told;
    }

    /** When they are worth a request of their own: after a round trip in which no other one went out. */
    private long newsAt() {
        return lastAsk + (shortestRead == Long.MAX_VALUE ? 5 * JITTER : Math.max(JITTER, shortestRead));
    }

    /** Nanoseconds at which to ask {@link #next} again; {@link Long#MAX_VALUE} if only an event can change its answer. */
    public long wakeAt(long now) {
        long write = wantsWrite() && writeBackoff.isWaiting(now) ? writeBackoff.until() : Long.MAX_VALUE;
        long read = Long.MAX_VALUE;
        if (wantsRead(now)) {
            read = readBackoff.isWaiting(now) ? readBackoff.until() : now;
        } else if (!closed
                && isUntold()
                && reads < mostReads
                && !readBackoff.isProbing()
                && ending == null
                && !losses.isFull()) {
            read = newsAt();
        }
        return write == Long.MAX_VALUE || read != Long.MAX_VALUE && read - write < 0 ? read : write;
    }

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
            long most = Math.max(in.position(), PipeEpoch.start(of)) + limits.buffer();
            if (offset + length > most) {
                throw new FrameException("pipe data up to offset " + (offset + length) + ", expected at most " + most);
            }
            read.proved = true;
            read.bytes += length;
            if (closed || ending != null) {
                return;
            }
            if (of > epoch) {
                begin(of);
            }
            if (length > 0 && of == epoch) {
                lastData = now;
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
            reads--;
            readBackoff.answered();
            readAnswered(read, now);
        }
    }

    private void readAnswered(PipeExchange.Read read, long now) {
        losses.known(read.losses);
        if (read.bytes == 0) {
            wantedReads = Math.max(WAITING, wantedReads / 2);
            return;
        }
        long took = now - read.began;
        shortestRead = Math.min(shortestRead, took);
        if (read.bytes < PipeLimits.SMALL) {
            return;
        }
        // The server bounds what is in flight, so that requests too many only wait there.
        wantedReads = Math.min(PipeLimits.MAX_EXCHANGES, wantedReads + 1);
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
            reads--;
            losses.add(read.number());
            losses.unknown(read.losses);
            readBackoff.failed(read.began, now);
        }
    }

    /** A network address of the host has changed: tries again now and measures anew. */
    public void lineChanged(long now) {
        writeBackoff.retryNow(now);
        readBackoff.retryNow(now);
        out.line().reset();
        shortestRead = Long.MAX_VALUE;
    }

    /**
     * The number of the epoch, from 0. A higher one than before a call of {@link #received} says that the server began it: what ran in the pipe
     * has ended, and what is read and written from now on belongs to what begins.
     */
    public int epoch() {
        return epoch;
    }

    /**
     * Begins the next epoch: drops what was written or received and has not arrived, and has the server do so, too.
     *
     * @return false if this one is the last: the pipe can only be ended
     */
    public boolean nextEpoch() {
        if (epoch == PipeEpoch.LAST) {
            return false;
        }
        begin(epoch + 1);
        return true;
    }

    private void begin(int next) {
        epoch = next;
        out.buffer().skipTo(PipeEpoch.start(next));
        in.skipTo(PipeEpoch.start(next));
    }

    /** Ends the pipe: nothing is sent any more but this, until it was answered ({@link #isEnded}), and nothing is read. */
    public void end(PipeEnding reason) {
        if (ending == null) {
            ending = reason;
            in.clear();
        }
    }

    /** Whether the server has been told of the {@link #end}. */
    public boolean isEnded() {
        return ended;
    }

    /** Whether requests fail at the moment. */
    public boolean isReconnecting() {
        return writeBackoff.isFailing() || readBackoff.isFailing();
    }

    /** Nanoseconds since a request was answered; the pipe should be given up after {@code resume.seconds}. */
    public long silence(long now) {
        return now - lastAnswer;
    }

    /** The shortest round trip in nanoseconds, 0 while none is known. */
    public long roundTrip() {
        return out.line().roundTrip();
    }

    /** Requests on {@code w} that are in flight. */
    public int writesInFlight() {
        return writes;
    }

    /** Requests on {@code r} that are in flight. */
    public int readsInFlight() {
        return reads;
    }

    /** Bytes that are in flight on {@code w}. */
    public long bytesInFlight() {
        return out.inFlight();
    }

    /** Bytes received that are kept, in order and behind gaps. */
    public long unread() {
        return in.unread() + in.behindGap();
    }

    long inFlightLimit() {
        return out.line().inFlight();
    }

    /** Releases every buffer. */
    @Override
    public void close() {
        closed = true;
        inFlight.clear();
        out.buffer().clear();
        in.clear();
    }
}
