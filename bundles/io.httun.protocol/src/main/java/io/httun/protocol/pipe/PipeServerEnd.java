// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol.pipe;

import io.httun.protocol.AntiReplayWindow;
import io.httun.protocol.FrameException;
import io.httun.protocol.SequenceType;
import io.httun.protocol.pipe.WaitingReads.Ask;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * The server's end of a pipe: takes requests as they arrive and says how they are answered. After every call, its owner answers what
 * {@link #next} returns until that is null, hands on what {@link #read} returns, looks at {@link #isWritable}, and comes back at
 * {@link #wakeAt}. It outlives the keys of its session. Not thread-safe: its owner has a lock.
 *
 * @param <X> what the owner knows a request by; compared by identity
 */
public final class PipeServerEnd<X> extends DuplexEnd {
    /** What becomes of a request on {@code w}. */
    public enum Verdict {
        /** Answer 200. */
        TAKEN,
        /** Taken; {@link #next} says when to answer. */
        HELD,
        /** Not taken, for want of memory: answer 503. */
        REFUSED
    }

    private record Held<X>(X request, long until) {}

    private final AntiReplayWindow numbers = new AntiReplayWindow(SequenceType.C);
    private final WaitingReads<X> asks = new WaitingReads<>();
    private final UnacknowledgedReplies replies = new UnacknowledgedReplies(out);
    private final GiveBackTimer giveBack = new GiveBackTimer();
    private final ArrayDeque<Held<X>> held = new ArrayDeque<>();
    private final ArrayDeque<PipeDue<X>> due = new ArrayDeque<>();
    /** A request may wait whose client does not know the epoch. */
    private boolean untold;

    /** @param allocator of buffers for small writes */
    public PipeServerEnd(ByteBufAllocator allocator, PipeLimits limits) {
        super(allocator, limits);
    }

    // ---- requests on w ----

    /**
     * A request on {@code w} arrived. All its frames are taken or none. Bytes that are here already are dropped, so a repeated
     * request does no harm; its numbers should be marked as taken unless the verdict is {@link Verdict#REFUSED}.
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
            int newest = readOffsets(datas, offsets);
            if (newest > epoch() && !isClosed()) {
                begin(newest);
            }
            if (isClosed() || !hasRoom(datas, offsets)) {
                return Verdict.REFUSED;
            }
            for (ByteBuf data : datas) {
                long offset = offsets[taken++];
                if (PipeEpoch.of(offset) == epoch()) {
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

    /** Leaves the data of each payload readable. Returns the newest epoch. */
    private int readOffsets(List<ByteBuf> datas, long[] offsets) {
        int newest = epoch();
        for (int i = 0; i < offsets.length; i++) {
            ByteBuf data = datas.get(i);
            offsets[i] = PipeFrames.readOffset(data);
            checkReach(in.next(), offsets[i], offsets[i] + data.readableBytes());
            newest = Math.max(newest, PipeEpoch.of(offsets[i]));
        }
        return newest;
    }

    private boolean hasRoom(List<ByteBuf> datas, long[] offsets) {
        long cost = 0;
        boolean gap = false;
        for (int i = 0; i < offsets.length; i++) {
            ByteBuf data = datas.get(i);
            long to = offsets[i] + data.readableBytes();
            gap |= offsets[i] <= in.next() && to > in.next();
            cost += to <= in.next() ? 0 : data.readableBytes() + ReorderBuffer.SEGMENT_COST;
        }
        // What fills the first gap is taken beyond the limit: the reader cannot make room without it.
        return cost == 0 || unread() + cost <= limits.buffer() || gap && in.unread() <= PipeLimits.SLOW_READER;
    }

    // ---- requests on r ----

    /**
     * A request on {@code r} arrived.
     *
     * @param number of its frame, without the type
     * @return false if it was here before, or the client says that it has failed: answer 503
     * @throws FrameException if the client cannot have received what it says; nothing has changed then
     */
    public boolean asked(X request, long number, PipeAsk ask, long now) {
        if (isClosed() || !numbers.accepts(SequenceType.C.with(number))) {
            return false;
        }
        int of = PipeEpoch.of(ask.received());
        if (of > epoch()) {
            if (ask.received() != PipeEpoch.start(of)) {
                throw new FrameException(
                        "peer has received " + ask.received() + " bytes of an epoch that begins, expected none");
            }
            begin(of);
        } else if (of == epoch() && out.buffer().acknowledgeBelow(ask.received())) {
            replies.acknowledged(now);
            giveBack.reset();
        }
        out.requests(ask.most());
        untold |= of < epoch();
        numbers.take(SequenceType.C.with(number));
        lose(ask.losses());
        if (asks.size() >= limits.exchanges()) {
            drop(asks.poll());
        }
        asks.add(new Ask<>(request, number, of, now));
        return true;
    }

    /** The client says that these requests have failed, whether they have arrived, are answered, or are still on their way. */
    private void lose(long[] losses) {
        boolean lost = false;
        for (long loss : losses) {
            numbers.take(SequenceType.C.with(loss));
            Ask<X> ask = asks.remove(loss);
            if (ask != null) {
                drop(ask);
            }
            lost |= replies.lose(loss);
        }
        if (lost) {
            out.line().failed();
        }
    }

    private void drop(Ask<X> ask) {
        due.add(new PipeDue.Dropped<>(ask.request()));
    }

    /** The requester has gone before its request was answered. */
    public void gone(X request) {
        asks.forget(request);
        held.removeIf(one -> one.request() == request);
        due.removeIf(one -> one.request() == request);
    }

    /** A reply could not be written: its bytes are queued again now, without waiting for the client to report the loss. */
    public void undelivered(long number) {
        replies.lose(number);
    }

    /** Requests on {@code r} that wait. */
    public int waiting() {
        return asks.size();
    }

    // ---- answers ----

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
            giveBack.stop();
            Ask<X> ask = asks.poll();
            if (ending() == null) {
                replies.add(ask.number(), body);
            }
            return new PipeDue.Reply<>(ask.request(), ask.number(), body);
        }
        if (isGiveBackDue(now)) {
            return idle(asks.poll());
        }
        Ask<X> expired = asks.pollExpired(now);
        return expired == null ? null : idle(expired);
    }

    /** Tells the epoch to a client that does not know it: with every request that it sent in an earlier one, so that a lost reply does no harm. */
    private PipeDue<X> news() {
        Ask<X> ask = ending() == null ? asks.pollBefore(epoch()) : null;
        untold = ask != null;
        return ask == null ? null : idle(ask);
    }

    private PipeBody body(long now) {
        if (ending() != null) {
            return PipeBody.end(out, ending());
        }
        int size = !replies.isFull() || out.buffer().isFirstLost() ? out.next(replies.size()) : 0;
        return size == 0 ? null : PipeBody.data(out, size, now);
    }

    private boolean isGiveBackDue(long now) {
        if (out.buffer().sendable() == 0) {
            giveBack.stop();
            return false;
        }
        return giveBack.isDue(roundTrip(), now);
    }

    private PipeDue<X> idle(Ask<X> ask) {
        return new PipeDue.Reply<>(ask.request(), ask.number(), PipeBody.idle(out));
    }

    /** Nanoseconds at which to ask {@link #next} again; {@link Long#MAX_VALUE} if only an event can change its answer. */
    public long wakeAt() {
        long read = asks.isEmpty() ? Long.MAX_VALUE : Math.min(asks.nextExpiry(), giveBack.at());
        return held.isEmpty() ? read : Math.min(read, held.peek().until());
    }

    // ---- epochs and the end ----

    @Override
    void begin(int next) {
        untold = true;
        giveBack.reset();
        replies.clear();
        super.begin(next);
    }

    /** Releases every buffer. {@link #next} then answers what waits. */
    @Override
    public void close() {
        super.close();
        asks.drain(this::drop);
        held.forEach(one -> due.add(new PipeDue.Taken<>(one.request())));
        held.clear();
    }
}
