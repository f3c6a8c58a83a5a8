// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol.pipe;

import io.httun.protocol.AntiReplayWindow;
import io.httun.protocol.FrameException;
import io.httun.protocol.SequenceType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The server's end of a pipe ({@code docs/wire.md}, "A pipe"): takes requests as they arrive and says how they are answered.
 * It does no I/O and has no clock. Its owner, after every call, answers what {@link #next} returns until that is null, hands on
 * what {@link #read} returns, looks at {@link #isWritable}, and comes back at {@link #wakeAt}. It outlives the keys of its
 * session. Not thread-safe: to be used under its session's lock.
 *
 * @param <X> what the owner knows a request by; compared by identity
 */
public final class PipeServerEnd<X> implements AutoCloseable {
    /** What becomes of a request on {@code w}. */
    public enum Verdict {
        /** Answer 200. */
        TAKEN,
        /** Taken; {@link #next} says when to answer. */
        HELD,
        /** Not taken, for want of memory: answer 503. */
        REFUSED
    }

    /** Replies that are not acknowledged; beyond, nothing new leaves until the client tells what it has. */
    private static final int MAX_REPLIES = 4_096;

    /** Nanoseconds without news from the client, beyond two round trips, after which a request is given back; doubled each time. */
    private static final long GIVE_BACK = 10_000_000L;

    private static final long MOST_GIVE_BACK = 1_000_000_000L;

    private record Ask<X>(X request, int epoch, long since) {}

    private record Held<X>(X request, long until) {}

    private final int buffer;
    private final int exchanges;
    private final Outbound out;
    private final ReorderBuffer in = new ReorderBuffer();
    private final AntiReplayWindow numbers = new AntiReplayWindow(SequenceType.C);
    private final TreeMap<Long, Ask<X>> asks = new TreeMap<>();
    private final ArrayDeque<Held<X>> held = new ArrayDeque<>();
    private final ArrayDeque<PipeDue<X>> due = new ArrayDeque<>();
    /** Replies that are not acknowledged, by the numbers of their requests, in the order in which they left. */
    private final Map<Long, PipeBody> sent = new LinkedHashMap<>();

    private long nextExpiry = Long.MAX_VALUE;
    /** When a request is given back to a client that may have none left to tell what it has read; no time while nothing is held back. */
    private long giveBackAt = Long.MAX_VALUE;

    private long giveBackPause = GIVE_BACK;

    private int epoch;
    /** A request may wait whose client does not know the epoch. */
    private boolean untold;

    private PipeEnding ending;
    private boolean closed;

    /** @param allocator of buffers for small writes */
    public PipeServerEnd(ByteBufAllocator allocator, PipeLimits limits) {
        this.buffer = limits.buffer();
        this.exchanges = limits.exchanges();
        this.out = new Outbound(allocator, buffer);
    }

    /**
     * Appends bytes to the stream towards the client. They are taken whatever {@link #isWritable} says; a writer should heed
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

    /** Bytes that were written and that the client is not known to have. */
    public long unacknowledged() {
        return out.buffer().retained();
    }

    /** The next bytes of the stream from the client, in order. @return owned by the caller; null if there are none yet */
    public ByteBuf read() {
        return in.read();
    }

    /**
     * A request on {@code w} arrived. All its frames are taken or none. Bytes that are here already are dropped, so a repeated
     * request does no harm; its numbers should be marked as taken only when the verdict is not {@link Verdict#REFUSED}.
     *
     * @param payloads of its frames, with {@link io.httun.protocol.Operation#PIPE_TO_SERVER}; ownership passes to the pipe, also
     *     when this throws
     * @throws FrameException if one is malformed, or beyond what a client may send
     */
    public Verdict written(X request, Collection<ByteBuf> payloads, long now) {
        List<ByteBuf> datas = new ArrayList<>(payloads);
        int taken = 0;
        try {
            long[] offsets = new long[datas.size()];
            if (!fits(datas, offsets)) {
                return Verdict.REFUSED;
            }
            for (ByteBuf data : datas) {
                long offset = offsets[taken++];
                if (PipeEpoch.of(offset) == epoch) {
                    in.add(offset, data);
                } else {
                    data.release();
                }
            }
        } finally {
            datas.subList(taken, datas.size()).forEach(ByteBuf::release);
        }
        if (in.unread() <= PipeLimits.SLOW_READER) {
            return Verdict.TAKEN;
        }
        held.add(new Held<>(request, now + PipeLimits.WRITE_HOLD));
        return Verdict.HELD;
    }

    private boolean fits(List<ByteBuf> datas, long[] offsets) {
        int newest = epoch;
        for (int i = 0; i < offsets.length; i++) {
            offsets[i] = PipeFrames.readOffset(datas.get(i));
            int of = PipeEpoch.of(offsets[i]);
            long to = offsets[i] + datas.get(i).readableBytes();
            long most = Math.max(in.next(), PipeEpoch.start(of)) + buffer;
            if (to > most) {
                throw new FrameException("pipe data up to offset " + to + ", expected at most " + most);
            }
            newest = Math.max(newest, of);
        }
        if (newest > epoch && !closed) {
            begin(newest);
        }
        long cost = 0;
        boolean gap = false;
        for (int i = 0; i < offsets.length; i++) {
            ByteBuf data = datas.get(i);
            long to = offsets[i] + data.readableBytes();
            gap |= offsets[i] <= in.next() && to > in.next();
            cost += to <= in.next() ? 0 : data.readableBytes() + ReorderBuffer.SEGMENT_COST;
        }
        return !closed
                && (cost == 0
                        || in.unread() + in.behindGap() + cost <= buffer
                        || gap && in.unread() <= PipeLimits.SLOW_READER);
    }

    /**
     * A request on {@code r} arrived.
     *
     * @param number of its frame, without the type
     * @return false if it was here before, or the client says that it has failed: answer 503
     * @throws FrameException if the client cannot have received what it says; nothing has changed then
     */
    public boolean asked(X request, long number, PipeAsk ask, long now) {
        if (closed || !numbers.accepts(SequenceType.C.with(number))) {
            return false;
        }
        int of = PipeEpoch.of(ask.received());
        if (of > epoch) {
            if (ask.received() != PipeEpoch.start(of)) {
                throw new FrameException(
                        "peer has received " + ask.received() + " bytes of an epoch that begins, expected none");
            }
            begin(of);
        } else if (of == epoch && out.buffer().acknowledgeBelow(ask.received())) {
            landed(now);
            giveBackAt = Long.MAX_VALUE;
            giveBackPause = GIVE_BACK;
        }
        out.line().requests(ask.most());
        untold |= of < epoch;
        numbers.take(SequenceType.C.with(number));
        boolean lost = false;
        for (long loss : ask.losses()) {
            numbers.take(SequenceType.C.with(loss));
            drop(asks.remove(loss));
            lost |= lost(sent.remove(loss));
        }
        if (lost) {
            out.line().failed();
        }
        if (asks.size() >= exchanges) {
            drop(asks.pollFirstEntry().getValue());
        }
        asks.put(number, new Ask<>(request, of, now));
        nextExpiry = Math.min(nextExpiry, now + PipeLimits.READ_WAIT);
        return true;
    }

    /** Replies leave flight when the client has all their bytes. */
    private void landed(long now) {
        long base = out.buffer().base();
        for (Iterator<PipeBody> each = sent.values().iterator(); each.hasNext(); ) {
            PipeBody body = each.next();
            if (body.carried.isBelow(base)) {
                each.remove();
                out.landed(body.carried);
                out.line().delivered(body.sample, body.carried.length(), now);
            }
        }
    }

    private boolean lost(PipeBody body) {
        if (body == null) {
            return false;
        }
        out.landed(body.carried);
        out.buffer().lose(body.carried);
        return true;
    }

    private void drop(Ask<X> ask) {
        if (ask != null) {
            due.add(new PipeDue.Dropped<>(ask.request()));
        }
    }

    /** The requester has gone before its request was answered. */
    public void gone(X request) {
        asks.values().removeIf(ask -> ask.request() == request);
        held.removeIf(one -> one.request() == request);
        due.removeIf(one -> one.request() == request);
    }

    /** A reply could not be written: its bytes are queued again now, and not only when the client says so. */
    public void undelivered(long number) {
        lost(sent.remove(number));
    }

    /** The next answer that is due. @return null if there is none now */
    public PipeDue<X> next(long now) {
        if (!due.isEmpty()) {
            return due.poll();
        }
        Held<X> first = held.peek();
        if (first != null && (in.unread() <= PipeLimits.SLOW_READER / 2 || first.until() - now <= 0)) {
            return new PipeDue.Taken<>(held.poll().request());
        }
        PipeDue<X> news = untold ? news() : null;
        if (news != null) {
            return news;
        }
        if (asks.isEmpty()) {
            return null;
        }
        PipeBody body = body(now);
        if (body != null) {
            giveBackAt = Long.MAX_VALUE;
            Map.Entry<Long, Ask<X>> ask = asks.pollFirstEntry();
            if (ending == null) {
                sent.put(ask.getKey(), body);
            }
            return new PipeDue.Reply<>(ask.getValue().request(), ask.getKey(), body);
        }
        if (isGiveBackDue(now)) {
            Map.Entry<Long, Ask<X>> ask = asks.pollFirstEntry();
            return new PipeDue.Reply<>(ask.getValue().request(), ask.getKey(), PipeBody.idle(out));
        }
        return nextExpiry - now <= 0 ? expired(now) : null;
    }

    /** Tells the epoch to a client that does not know it: with every request that it sent in an earlier one, so that a lost reply does no harm. */
    private PipeDue<X> news() {
        for (Map.Entry<Long, Ask<X>> ask : asks.entrySet()) {
            if (ask.getValue().epoch() < epoch && ending == null) {
                asks.remove(ask.getKey());
                return new PipeDue.Reply<>(ask.getValue().request(), ask.getKey(), PipeBody.idle(out));
            }
        }
        untold = false;
        return null;
    }

    /**
     * Data waits until the client tells what it has read. It may have read after its last request, and have no other one: only a request
     * that is answered makes room for the next.
     */
    private boolean isGiveBackDue(long now) {
        if (out.buffer().sendable() == 0) {
            giveBackAt = Long.MAX_VALUE;
        } else if (giveBackAt == Long.MAX_VALUE) {
            giveBackAt = now + giveBackPause + 2 * out.line().roundTrip();
        } else if (giveBackAt - now <= 0) {
            giveBackAt = Long.MAX_VALUE;
            giveBackPause = Math.min(MOST_GIVE_BACK, 2 * giveBackPause);
            return true;
        }
        return false;
    }

    private PipeBody body(long now) {
        if (ending != null) {
            return PipeBody.end(out, ending);
        }
        int size = sent.size() < MAX_REPLIES || out.buffer().isFirstLost() ? out.next() : 0;
        return size == 0 ? null : PipeBody.data(out, size, now);
    }

    private PipeDue<X> expired(long now) {
        nextExpiry = Long.MAX_VALUE;
        PipeDue<X> reply = null;
        for (Iterator<Map.Entry<Long, Ask<X>>> each = asks.entrySet().iterator(); each.hasNext(); ) {
            Map.Entry<Long, Ask<X>> ask = each.next();
            long until = ask.getValue().since() + PipeLimits.READ_WAIT;
            if (reply == null && until - now <= 0) {
                reply = new PipeDue.Reply<>(ask.getValue().request(), ask.getKey(), PipeBody.idle(out));
                each.remove();
            } else {
                nextExpiry = Math.min(nextExpiry, until);
            }
        }
        return reply;
    }

    /** Nanoseconds at which to ask {@link #next} again; {@link Long#MAX_VALUE} if only an event can change its answer. */
    public long wakeAt() {
        long read = asks.isEmpty() ? Long.MAX_VALUE : Math.min(nextExpiry, giveBackAt);
        return held.isEmpty() ? read : Math.min(read, held.peek().until());
    }

    /**
     * The number of the epoch, from 0. A higher one than before a call of {@link #asked} or {@link #written} says that the client began it: what
     * ran in the pipe has ended, and what is read and written from now on belongs to what begins.
     */
    public int epoch() {
        return epoch;
    }

    /**
     * Begins the next epoch: drops what was written or received and has not arrived, and has the client do so, too.
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
        untold = true;
        giveBackAt = Long.MAX_VALUE;
        giveBackPause = GIVE_BACK;
        sent.values().forEach(body -> out.landed(body.carried));
        sent.clear();
        out.buffer().skipTo(PipeEpoch.start(next));
        in.skipTo(PipeEpoch.start(next));
    }

    /** Ends the pipe: every request on {@code r} is answered with this from now on. */
    public void end(PipeEnding reason) {
        if (ending == null) {
            ending = reason;
        }
    }

    /** Requests on {@code r} that wait. */
    public int waiting() {
        return asks.size();
    }

    /** The shortest round trip in nanoseconds, 0 while none is known. */
    public long roundTrip() {
        return out.line().roundTrip();
    }

    /** Bytes sent in replies that the client is not known to have. */
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

    /** Releases every buffer. {@link #next} then answers what waits. */
    @Override
    public void close() {
        closed = true;
        asks.values().forEach(this::drop);
        asks.clear();
        held.forEach(one -> due.add(new PipeDue.Taken<>(one.request())));
        held.clear();
        out.buffer().clear();
        in.clear();
    }
}
