// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.crypto.FrameCipher;
import io.httun.api.tunnel.TunnelReply;
import io.httun.protocol.FrameBody;
import io.httun.protocol.FrameSource;
import io.httun.protocol.Operation;
import io.httun.protocol.SequenceType;
import io.httun.protocol.SequenceWindow;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/**
 * The server's replies of one session. A frame is sealed only after the one before was written, and kept until the client asks for
 * the next. So a reply that was lost on the way goes out again, bit for bit the same, and none is overtaken.
 */
final class SessionOutbox {
    private static final ByteBufAllocator ALLOCATOR = PooledByteBufAllocator.DEFAULT;

    private final Parts parts;
    private final Session session;
    private final SequenceWindow window;
    private final Pings pings = new Pings();
    private final ArrayDeque<PendingRead> waiting = new ArrayDeque<>();
    private SentReply last;
    private long nextSequence;
    private boolean lastHadData;
    private boolean ended;

    SessionOutbox(Parts parts, Session session, int windowLength) {
        this.parts = parts;
        this.session = session;
        this.window = new SequenceWindow(SequenceType.C, windowLength);
    }

    /** A request that was opened under the session's key. */
    CompletableFuture<TunnelReply> read(Operation operation, long sequence) {
        CompletableFuture<TunnelReply> future = new CompletableFuture<>();
        Afterwards afterwards = new Afterwards();
        synchronized (this) {
            admit(operation, sequence, future, afterwards);
        }
        afterwards.run();
        if (!future.isDone()) {
            future.whenComplete((reply, failure) -> {
                if (future.isCancelled()) {
                    cancelled(future);
                }
            });
        }
        return future;
    }

    private void admit(
            Operation operation, long sequence, CompletableFuture<TunnelReply> future, Afterwards afterwards) {
        if (ended) {
            afterwards.reply(future, TunnelReply.refused());
            return;
        }
        for (PendingRead same : waiting) {
            if (same.sequence() == sequence && same.operation() == operation) {
                if (same.join(future)) {
                    return;
                }
                afterwards.reply(future, TunnelReply.unavailable());
                return;
            }
        }
        if (last != null && last.answers(operation, sequence)) {
            if (last.mayRepeat()) {
                send(last, future, last.isUndelivered(), afterwards);
            } else {
                afterwards.reply(future, TunnelReply.unavailable());
            }
            return;
        }
        if (!window.take(sequence)) {
            parts.refusals().count(Refusals.Cause.WRONG, "repeated or foreign sequence number on r");
            afterwards.reply(future, session.channel().wrong());
            return;
        }
        if (last != null && !last.isOpen()) {
            last.forget();
        }
        PendingRead pending = new PendingRead(operation, sequence);
        pending.join(future);
        makeRoom(operation, afterwards);
        waiting.add(pending);
        lastHadData = false;
        fill(afterwards);
    }

    /** A client asks anew only after it has given the older request up. */
    private void makeRoom(Operation operation, Afterwards afterwards) {
        for (Iterator<PendingRead> each = waiting.iterator(); each.hasNext(); ) {
            PendingRead older = each.next();
            if (older.operation() == operation) {
                each.remove();
                afterwards.reply(older.waiting(), session.channel().nothing());
            }
        }
    }

    /** Answers the requests that wait with what there is. Any thread, without a lock. */
    void pump() {
        Afterwards afterwards = new Afterwards();
        synchronized (this) {
            fill(afterwards);
        }
        afterwards.run();
    }

    private void fill(Afterwards afterwards) {
        for (Iterator<PendingRead> each = waiting.iterator(); each.hasNext() && !ended; ) {
            PendingRead pending = each.next();
            if (last != null && last.isOpen()) {
                if (!last.isUndelivered()) {
                    return;
                }
                if (!last.isOf(pending.operation())) {
                    continue;
                }
                last.moveTo(pending.sequence());
            } else {
                ByteBuf frame = gather(pending.operation(), afterwards);
                if (frame == null) {
                    continue;
                }
                if (last != null) {
                    last.forget();
                }
                last = new SentReply(pending.operation(), pending.sequence(), frame, parts.queues());
            }
            each.remove();
            lastHadData = true;
            boolean first = true;
            for (CompletableFuture<TunnelReply> one : pending.waiting()) {
                send(last, one, first, afterwards);
                first = false;
            }
        }
    }

    /** A body with what there is; null for nothing. */
    private ByteBuf gather(Operation operation, Afterwards afterwards) {
        FrameCipher cipher = parts.cipher().get();
        if (cipher == null) {
            return null;
        }
        FrameSource source = source(operation);
        UnaryOperator<ByteBuf> sealer =
                frame -> session.seal(cipher, operation, SequenceType.A.with(nextSequence++), frame);
        String why;
        try {
            return FrameBody.single(ALLOCATOR, source, sealer);
        } catch (KeyUsedUpException e) {
            why = e.getMessage();
        } catch (RuntimeException e) {
            why = "sealing failed: " + e;
        }
        // The bytes have left their queue: only an end of the session tells the client of the gap.
        String lost = why;
        ended = true;
        afterwards.add(() -> session.channel().end(session, lost));
        return null;
    }

    private FrameSource source(Operation operation) {
        return switch (operation) {
            case L7_FROM_SERVER -> session.slot();
            case L3_FROM_SERVER -> session.l3().queue();
            default -> pings;
        };
    }

    private void send(SentReply reply, CompletableFuture<TunnelReply> to, boolean counts, Afterwards afterwards) {
        Delivery delivery = new Delivery(reply, counts);
        TunnelReply answer = session.channel().frame(reply.send(counts), delivery);
        afterwards.deliver(to, answer);
    }

    /**
     * The outcome of one attempt to write a reply. A client never repeats a request, so only the first attempt counts: the others may answer
     * a stranger.
     */
    private final class Delivery implements TunnelReply.Delivery {
        private final SentReply reply;
        private boolean due;

        Delivery(SentReply reply, boolean counts) {
            this.reply = reply;
            this.due = counts;
        }

        @Override
        public void written() {
            told(true);
        }

        @Override
        public void failed() {
            told(false);
        }

        private void told(boolean success) {
            synchronized (SessionOutbox.this) {
                if (!due) {
                    return;
                }
                due = false;
                reply.told(success);
                if (reply != last) {
                    return;
                }
            }
            pump();
        }
    }

    private void cancelled(CompletableFuture<TunnelReply> future) {
        Afterwards afterwards = new Afterwards();
        synchronized (this) {
            for (Iterator<PendingRead> each = waiting.iterator(); each.hasNext(); ) {
                PendingRead pending = each.next();
                int at = pending.waiting().indexOf(future);
                if (at < 0) {
                    continue;
                }
                pending.waiting().remove(at);
                // Without the first requester, the others may be strangers: they get no data.
                if (pending.waiting().isEmpty() || at == 0) {
                    each.remove();
                    afterwards.reply(pending.waiting(), session.channel().nothing());
                }
            }
        }
        afterwards.run();
    }

    /** Answers requests that have waited long enough. */
    void expire(long now) {
        Afterwards afterwards = new Afterwards();
        synchronized (this) {
            for (Iterator<PendingRead> each = waiting.iterator(); each.hasNext(); ) {
                PendingRead pending = each.next();
                if (pending.isOverdue(now)) {
                    each.remove();
                    // A client that has waited until now has not been idle.
                    session.used();
                    lastHadData = false;
                    afterwards.reply(pending.waiting(), session.channel().idle());
                }
            }
            fill(afterwards);
        }
        afterwards.run();
    }

    /** Keeps a payload that the client wants back. */
    void ping(ByteBuf payload) {
        synchronized (this) {
            if (ended) {
                payload.release();
                return;
            }
            pings.add(payload);
        }
        pump();
    }

    /** Whether a request is new. */
    synchronized boolean isNew(Operation operation, long sequence) {
        return window.accepts(sequence) && !ended;
    }

    /** Whether the last request got data and no other followed. */
    synchronized boolean isPaused() {
        return waiting.isEmpty() && lastHadData && !last.isUndelivered();
    }

    /** Whether the client waits for data right now. */
    synchronized boolean isAsked() {
        return !waiting.isEmpty();
    }

    void end() {
        Afterwards afterwards = new Afterwards();
        synchronized (this) {
            ended = true;
            waiting.forEach(pending -> afterwards.reply(pending.waiting(), TunnelReply.refused()));
            waiting.clear();
            pings.clear();
            if (last != null) {
                last.forget();
            }
        }
        afterwards.run();
    }
}
