// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.crypto.FrameCipher;
import io.httun.api.tunnel.TunnelReply;
import io.httun.protocol.FrameBody;
import io.httun.protocol.Operation;
import io.httun.protocol.PacketQueue;
import io.httun.protocol.SequenceType;
import io.httun.protocol.pipe.PacketPacer;
import io.httun.protocol.pipe.PipeLimits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Packets to the client of one session, in the replies to parallel requests. Requests come on any thread; the monitor guards the state, and
 * no request is answered while it is held.
 */
final class PacketReplies {
    private record Ask(CompletableFuture<TunnelReply> future, long since) {}

    /** A reply that the client has not acknowledged. @param end number of type A after that of its last frame */
    private record Sent(long end, PacketPacer.Flight flight, long at) {}

    /** Nanoseconds after which an unacknowledged reply counts as lost, or two round trips if that is longer. */
    private static final long ACKNOWLEDGED_WITHIN = TimeUnit.SECONDS.toNanos(1);

    private final Parts parts;
    private final Session session;
    private final PacketPacer pacer = new PacketPacer();
    private final TreeMap<Long, Ask> asks = new TreeMap<>();
    private final ArrayDeque<Sent> sent = new ArrayDeque<>();
    /** Sealed bodies that could not be written: they go first. */
    private final ArrayDeque<ByteBuf> undelivered = new ArrayDeque<>();

    private long nextSequence;
    private boolean planned;
    private boolean ended;

    PacketReplies(Parts parts, Session session) {
        this.parts = parts;
        this.session = session;
    }

    /** A request whose number is new. @param received every number of type A below it has arrived, or the client does not wait for it any more */
    CompletableFuture<TunnelReply> asked(long number, long received) {
        CompletableFuture<TunnelReply> future = new CompletableFuture<>();
        Afterwards afterwards = new Afterwards();
        synchronized (this) {
            if (ended) {
                afterwards.reply(future, TunnelReply.refused());
            } else {
                long now = System.nanoTime();
                acknowledge(received, now);
                if (asks.size() >= PipeLimits.MAX_EXCHANGES) {
                    afterwards.reply(asks.pollFirstEntry().getValue().future(), TunnelReply.unavailable());
                }
                asks.put(number, new Ask(future, now));
                fill(now, afterwards);
            }
        }
        afterwards.run();
        if (!future.isDone()) {
            future.whenComplete((reply, failure) -> {
                if (future.isCancelled()) {
                    gone(number, future);
                }
            });
        }
        return future;
    }

    private void acknowledge(long received, long now) {
        while (!sent.isEmpty() && sent.peek().end() <= received) {
            pacer.delivered(sent.poll().flight(), now);
        }
        session.l3().queue().patience(pacer.roundTrip());
    }

    private synchronized void gone(long number, CompletableFuture<TunnelReply> future) {
        Ask ask = asks.get(number);
        if (ask != null && ask.future() == future) {
            asks.remove(number);
        }
    }

    /** Answers the requests that wait with what there is. Any thread, without a lock. */
    void pump() {
        Afterwards afterwards = new Afterwards();
        synchronized (this) {
            fill(System.nanoTime(), afterwards);
        }
        afterwards.run();
    }

    private void fill(long now, Afterwards afterwards) {
        forgetOld(now);
        while (!ended && !asks.isEmpty()) {
            ByteBuf body = undelivered.isEmpty() ? gather(now, afterwards) : undelivered.poll();
            if (body == null) {
                return;
            }
            send(asks.pollFirstEntry().getValue(), body, afterwards);
        }
    }

    private void forgetOld(long now) {
        long patience = Math.max(ACKNOWLEDGED_WITHIN, 2 * pacer.roundTrip());
        boolean first = true;
        while (!sent.isEmpty() && now - sent.peek().at() > patience) {
            pacer.lost(sent.poll().flight(), first);
            first = false;
        }
    }

    /** A body with what may leave now; null for nothing. */
    private ByteBuf gather(long now, Afterwards afterwards) {
        PacketQueue queue = session.l3().queue();
        FrameCipher cipher = parts.cipher().get();
        int limit = cipher == null ? 0 : pacer.next(queue.waiting(), now);
        if (limit == 0) {
            plan(cipher == null ? Long.MAX_VALUE : pacer.wakeAt(queue.waiting()), now);
            return null;
        }
        try {
            ByteBuf body = FrameBody.batch(PooledByteBufAllocator.DEFAULT, limit, queue, frame -> seal(cipher, frame));
            if (body != null) {
                sent.add(new Sent(nextSequence, pacer.sent(body.readableBytes(), now), now));
            }
            return body;
        } catch (RuntimeException e) {
            ended = true;
            afterwards.add(() -> session.channel().end(session, "sealing failed: " + e.getMessage()));
            return null;
        }
    }

    private ByteBuf seal(FrameCipher cipher, ByteBuf frame) {
        return session.seal(cipher, Operation.L3_FROM_SERVER, SequenceType.A.with(nextSequence++), frame);
    }

    /** Packets wait a moment for others that leave with them. */
    private void plan(long at, long now) {
        if (at != Long.MAX_VALUE && !planned && !ended) {
            planned = true;
            session.loop().schedule(this::planned, Math.max(0, at - now), TimeUnit.NANOSECONDS);
        }
    }

    private void planned() {
        synchronized (this) {
            planned = false;
        }
        pump();
    }

    private void send(Ask ask, ByteBuf body, Afterwards afterwards) {
        int length = body.readableBytes();
        parts.queues().hold(length);
        Delivery delivery = new Delivery(body, length);
        TunnelReply answer = session.channel().frame(body.retainedDuplicate(), delivery);
        afterwards.deliver(ask.future(), answer);
    }

    /** A reply that could not be written goes out again, with the next request. */
    private final class Delivery implements TunnelReply.Delivery {
        private final int length;
        private ByteBuf body;

        Delivery(ByteBuf body, int length) {
            this.body = body;
            this.length = length;
        }

        @Override
        public void written() {
            told(false);
        }

        @Override
        public void failed() {
            if (told(true)) {
                pump();
            }
        }

        private boolean told(boolean again) {
            synchronized (PacketReplies.this) {
                if (body == null) {
                    return false;
                }
                parts.queues().hold(-length);
                if (again && !ended) {
                    undelivered.add(body);
                } else {
                    body.release();
                }
                body = null;
                return again;
            }
        }
    }

    /** Whether the client waits for packets right now. */
    synchronized boolean isAsked() {
        return !asks.isEmpty();
    }

    /** Answers requests that have waited long enough. */
    void expire(long now) {
        Afterwards afterwards = new Afterwards();
        synchronized (this) {
            for (Map.Entry<Long, Ask> oldest = asks.firstEntry();
                    oldest != null && now - oldest.getValue().since() >= PipeLimits.READ_WAIT;
                    oldest = asks.firstEntry()) {
                asks.pollFirstEntry();
                // A client that has waited until now has not been idle.
                session.used();
                afterwards.reply(oldest.getValue().future(), session.channel().idle());
            }
            fill(now, afterwards);
        }
        afterwards.run();
    }

    void end() {
        Afterwards afterwards = new Afterwards();
        synchronized (this) {
            ended = true;
            asks.values().forEach(ask -> afterwards.reply(ask.future(), TunnelReply.refused()));
            asks.clear();
            undelivered.forEach(ByteBuf::release);
            undelivered.clear();
        }
        afterwards.run();
    }
}
