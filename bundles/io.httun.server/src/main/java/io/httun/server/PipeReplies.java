// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.crypto.FrameCipher;
import io.httun.api.tunnel.TunnelReply;
import io.httun.protocol.Frame;
import io.httun.protocol.FrameBody;
import io.httun.protocol.Operation;
import io.httun.protocol.pipe.PipeAsk;
import io.httun.protocol.pipe.PipeDue;
import io.httun.protocol.pipe.PipeServerEnd;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;

/** The requests of a pipe that wait for their reply, and the replies. Guarded by the monitor of its {@link SessionPipe}. */
final class PipeReplies {
    /**
     * A request that waits for its reply.
     *
     * @param session under whose key it came; it seals the reply
     * @param sequence field of its first frame
     */
    record Waiting(Session session, long sequence, CompletableFuture<TunnelReply> future) {}

    private final Parts parts;
    private final PipeServerEnd<Waiting> end;
    private final LongConsumer undelivered;
    private final Set<Waiting> waiting = Collections.newSetFromMap(new IdentityHashMap<>());
    private Session owner;

    /** @param undelivered gets the number of a reply that could not be written; any thread, without the monitor */
    PipeReplies(Parts parts, PipeServerEnd<Waiting> end, Session owner, LongConsumer undelivered) {
        this.parts = parts;
        this.end = end;
        this.owner = owner;
        this.undelivered = undelivered;
    }

    /** The session under whose key requests are accepted. */
    Session owner() {
        return owner;
    }

    void moveTo(Session next) {
        owner = next;
    }

    /** A request on {@code r} whose number is new. */
    void asked(Waiting request, long number, PipeAsk ask, Afterwards afterwards) {
        if (request.session() == owner && end.asked(request, number, ask, System.nanoTime())) {
            waiting.add(request);
        } else {
            afterwards.reply(request.future(), TunnelReply.unavailable());
        }
    }

    /** The frames of a request on {@code w}; ownership of their payloads passes. Returns whether they are taken. */
    boolean written(Waiting request, List<Frame> frames, Afterwards afterwards) {
        Session session = request.session();
        List<Frame> news = frames.stream()
                .filter(frame -> session.numbers().isNewWrite(frame.sequence()))
                .toList();
        frames.stream().filter(frame -> !news.contains(frame)).forEach(frame -> frame.payload()
                .release());
        boolean full = parts.queues().isFull(parts.settings().get().queuesPercent());
        if (session != owner || full && !news.isEmpty()) {
            news.forEach(frame -> frame.payload().release());
            afterwards.reply(request.future(), TunnelReply.unavailable());
            return false;
        }
        PipeServerEnd.Verdict verdict = news.isEmpty()
                ? PipeServerEnd.Verdict.TAKEN
                : end.written(request, news.stream().map(Frame::payload).toList(), System.nanoTime());
        if (verdict == PipeServerEnd.Verdict.REFUSED) {
            afterwards.reply(request.future(), TunnelReply.unavailable());
            return false;
        }
        news.forEach(frame -> session.numbers().takeWrite(frame.sequence()));
        if (verdict == PipeServerEnd.Verdict.HELD) {
            waiting.add(request);
        } else {
            receipt(request, parts.cipher().get(), afterwards);
        }
        return true;
    }

    /** The requester has gone. */
    void gone(Waiting request) {
        if (waiting.remove(request)) {
            end.gone(request);
        }
    }

    /** Has the client repeat, under its new key, the requests that wait under an old one. */
    void dropOld(Afterwards afterwards) {
        for (Waiting request : List.copyOf(waiting)) {
            if (request.session() != owner) {
                gone(request);
                afterwards.reply(request.future(), TunnelReply.unavailable());
            }
        }
    }

    void refuseAll(Afterwards afterwards) {
        waiting.forEach(request -> afterwards.reply(request.future(), TunnelReply.refused()));
        waiting.clear();
    }

    /** Gives the replies that are due. */
    void pump(Afterwards afterwards) {
        FrameCipher cipher = parts.cipher().get();
        // Without a cipher requests wait: nothing may leave the queue that cannot be sealed.
        PipeDue<Waiting> due = cipher == null ? null : end.next(System.nanoTime());
        while (due != null) {
            Waiting request = due.request();
            waiting.remove(request);
            if (due instanceof PipeDue.Reply<Waiting> reply) {
                reply(cipher, reply, afterwards);
            } else if (due instanceof PipeDue.Taken) {
                receipt(request, cipher, afterwards);
            } else {
                afterwards.reply(request.future(), TunnelReply.unavailable());
            }
            due = end.next(System.nanoTime());
        }
    }

    private static void receipt(Waiting request, FrameCipher cipher, Afterwards afterwards) {
        afterwards.deliver(
                request.future(),
                PipeReceipt.of(request.session(), Operation.PIPE_TO_SERVER, request.sequence(), cipher));
    }

    private void reply(FrameCipher cipher, PipeDue.Reply<Waiting> reply, Afterwards afterwards) {
        Waiting request = reply.request();
        // The key of a former session was destroyed with it: the client asks again under the new one.
        ByteBuf body = request.session() == owner ? sealed(cipher, reply) : null;
        if (body == null) {
            end.undelivered(reply.number());
            afterwards.reply(request.future(), TunnelReply.unavailable());
            return;
        }
        TunnelReply answer = request.session().channel().frame(body, new Delivery(reply.number()));
        afterwards.deliver(request.future(), answer);
    }

    /** @return null if the key is used up, or a provider fails: the client asks again, under its next key */
    private ByteBuf sealed(FrameCipher cipher, PipeDue.Reply<Waiting> reply) {
        try {
            return FrameBody.batch(
                    PooledByteBufAllocator.DEFAULT,
                    reply.body().limit(),
                    reply.body(),
                    new PipeReplySealer(reply.request().session(), cipher, reply));
        } catch (RuntimeException e) {
            parts.refusals().count(Refusals.Cause.INTERNAL, "sealing failed: " + e.getMessage());
            return null;
        }
    }

    private final class Delivery implements TunnelReply.Delivery {
        private final long number;

        Delivery(long number) {
            this.number = number;
        }

        @Override
        public void written() {
            // The client says in its next requests what it has.
        }

        @Override
        public void failed() {
            undelivered.accept(number);
        }
    }
}
