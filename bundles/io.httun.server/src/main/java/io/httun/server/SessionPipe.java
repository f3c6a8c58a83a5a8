// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.crypto.FrameCipher;
import io.httun.api.tunnel.TunnelReply;
import io.httun.protocol.Frame;
import io.httun.protocol.FrameBody;
import io.httun.protocol.Operation;
import io.httun.protocol.SequenceType;
import io.httun.protocol.pipe.PipeAsk;
import io.httun.protocol.pipe.PipeDue;
import io.httun.protocol.pipe.PipeEnding;
import io.httun.protocol.pipe.PipeLimits;
import io.httun.protocol.pipe.PipeServerEnd;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The server's end of a pipe ({@code docs/wire.md}, "A pipe"), which goes on while its client changes keys, and with them sessions. Requests
 * come on any thread: the monitor guards the logic, and no callback runs while it is held. What runs in the pipe is on one event loop.
 */
final class SessionPipe {
    /**
     * A request that waits for its answer.
     *
     * @param session under whose key it came; it seals the reply
     * @param sequence field of its first frame
     */
    private record Waiting(Session session, long sequence, CompletableFuture<TunnelReply> future) {}

    /** Seconds in which the client's requests, retries included, are told the end of the pipe. */
    private static final long ENDING_SECONDS = 5;

    private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Parts parts;
    private final EventLoop loop;
    private final PipeServerEnd<Waiting> end = new PipeServerEnd<>(PooledByteBufAllocator.DEFAULT, PipeLimits.DEFAULT);
    private final Set<Waiting> waiting = Collections.newSetFromMap(new IdentityHashMap<>());
    private final ServerPipeEpochs epochs;
    private Session owner;
    private int held;
    private boolean planned;
    private boolean ending;
    private long wakeAt = Long.MAX_VALUE;
    private boolean over;

    SessionPipe(Parts parts, Session owner) {
        this.parts = parts;
        this.owner = owner;
        this.loop = owner.loop();
        this.epochs = new ServerPipeEpochs(parts, this, loop);
    }

    // ---- requests, any thread ----

    /** A request on {@code r} whose number is new. */
    CompletableFuture<TunnelReply> asked(Session session, long number, PipeAsk ask) {
        Waiting request = new Waiting(session, SequenceType.C.with(number), new CompletableFuture<>());
        Afterwards afterwards = new Afterwards();
        synchronized (this) {
            if (over || session != owner || !end.asked(request, number, ask, System.nanoTime())) {
                afterwards.reply(request.future(), over ? TunnelReply.refused() : TunnelReply.unavailable());
            } else {
                waiting.add(request);
            }
            pump(afterwards);
        }
        afterwards.run();
        return watched(request);
    }

    /** The frames of a request on {@code w}; ownership of their payloads passes. */
    CompletableFuture<TunnelReply> written(Session session, List<Frame> frames) {
        Waiting request = new Waiting(session, frames.get(0).sequence(), new CompletableFuture<>());
        Afterwards afterwards = new Afterwards();
        synchronized (this) {
            take(request, frames, afterwards);
            pump(afterwards);
        }
        afterwards.run();
        return watched(request);
    }

    private void take(Waiting request, List<Frame> frames, Afterwards afterwards) {
        Session session = request.session();
        List<Frame> news = frames.stream()
                .filter(frame -> session.numbers().isNewWrite(frame.sequence()))
                .toList();
        frames.stream().filter(frame -> !news.contains(frame)).forEach(frame -> frame.payload()
                .release());
        boolean full = parts.queues().isFull(parts.settings().get().queuesPercent());
        if (over || session != owner || full && !news.isEmpty()) {
            news.forEach(frame -> frame.payload().release());
            afterwards.reply(request.future(), over ? TunnelReply.refused() : TunnelReply.unavailable());
            return;
        }
        PipeServerEnd.Verdict verdict = news.isEmpty()
                ? PipeServerEnd.Verdict.TAKEN
                : end.written(request, news.stream().map(Frame::payload).toList(), System.nanoTime());
        if (verdict == PipeServerEnd.Verdict.REFUSED) {
            afterwards.reply(request.future(), TunnelReply.unavailable());
            return;
        }
        news.forEach(frame -> session.numbers().takeWrite(frame.sequence()));
        if (verdict == PipeServerEnd.Verdict.HELD) {
            waiting.add(request);
        } else {
            receipt(request, parts.cipher().get(), afterwards);
        }
        plan();
    }

    private CompletableFuture<TunnelReply> watched(Waiting request) {
        if (!request.future().isDone()) {
            request.future().whenComplete((reply, failure) -> {
                if (request.future().isCancelled()) {
                    gone(request);
                }
            });
        }
        return request.future();
    }

    private synchronized void gone(Waiting request) {
        if (waiting.remove(request)) {
            end.gone(request);
        }
    }

    /** The client has said that the pipe ends. */
    void endedByClient(PipeEnding reason) {
        endPipe("ended by the client");
        loop.execute(() -> epochs.fail("the client ended the pipe: " + reason.text()));
    }

    /** Has the client open its next streams elsewhere. */
    void drain() {
        loop.execute(epochs::drain);
    }

    /** Resets what runs in it, and has the client know why. */
    void stop(String why) {
        endPipe(PipeEnding.Reason.STOPPING, why);
        loop.execute(() -> epochs.fail(why));
    }

    /** The client has a new key. */
    synchronized void moveTo(Session next) {
        owner = next;
    }

    /** Has the client repeat, under its new key, the requests that wait under an old one. */
    void dropOld() {
        Afterwards afterwards = new Afterwards();
        synchronized (this) {
            for (Waiting request : List.copyOf(waiting)) {
                if (request.session() != owner) {
                    waiting.remove(request);
                    end.gone(request);
                    afterwards.reply(request.future(), TunnelReply.unavailable());
                }
            }
        }
        afterwards.run();
    }

    /** Answers what is due. */
    void tick() {
        Afterwards afterwards = new Afterwards();
        synchronized (this) {
            pump(afterwards);
        }
        afterwards.run();
    }

    // ---- answers ----

    private void pump(Afterwards afterwards) {
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
        account();
        arm();
        if (end.isWritable()) {
            plan();
        }
    }

    /** Schedules the next answer, unless a tick of the server comes first. */
    private void arm() {
        long at = over ? Long.MAX_VALUE : end.wakeAt();
        long delay = at - System.nanoTime();
        if (at != Long.MAX_VALUE && delay < TICK_NANOS && (wakeAt == Long.MAX_VALUE || at - wakeAt < 0)) {
            wakeAt = at;
            loop.schedule(
                    () -> {
                        synchronized (this) {
                            wakeAt = Long.MAX_VALUE;
                        }
                        tick();
                    },
                    Math.max(0, delay),
                    TimeUnit.NANOSECONDS);
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
            Afterwards afterwards = new Afterwards();
            synchronized (SessionPipe.this) {
                end.undelivered(number);
                pump(afterwards);
            }
            afterwards.run();
        }
    }

    private void account() {
        int now = over ? 0 : (int) (end.unacknowledged() + end.unread());
        parts.queues().hold(now - held);
        held = now;
    }

    /** Has the channel look at both directions, once for many requests. */
    private void plan() {
        if (!planned) {
            planned = true;
            loop.execute(this::look);
        }
    }

    private void look() {
        int epoch;
        boolean begins;
        Session last;
        synchronized (this) {
            planned = false;
            epoch = end.epoch();
            begins = !over && !ending && end.unread() > 0;
            last = owner;
        }
        epochs.look(epoch, begins, last);
    }

    // ---- the bytes of an epoch, for what runs in it ----

    private boolean isCurrent(int epoch) {
        return !over && epoch == end.epoch();
    }

    /** @return owned by the caller; null if there is nothing to read, or the epoch is over */
    synchronized ByteBuf read(int epoch) {
        return isCurrent(epoch) ? end.read() : null;
    }

    synchronized boolean isWritable(int epoch) {
        return isCurrent(epoch) && end.isWritable();
    }

    /** Drops the bytes if the epoch is over. */
    synchronized void write(int epoch, ByteBuf data) {
        if (isCurrent(epoch)) {
            end.write(data);
        } else {
            data.release();
        }
    }

    /** What ran in an epoch has ended; the answers to the requests that wait tell the client. */
    void ended(int epoch) {
        Afterwards afterwards = new Afterwards();
        boolean last = false;
        synchronized (this) {
            if (!ending && isCurrent(epoch)) {
                last = !end.nextEpoch();
                pump(afterwards);
            }
        }
        afterwards.run();
        if (last) {
            endPipe("closed at the server");
        }
    }

    // ---- the end ----

    /** Tells the client with every request, until its session ends a little later. */
    private void endPipe(String why) {
        endPipe(PipeEnding.Reason.DONE, why);
    }

    private void endPipe(PipeEnding.Reason reason, String why) {
        Afterwards afterwards = new Afterwards();
        synchronized (this) {
            if (!over && !ending) {
                ending = true;
                end.end(new PipeEnding(reason, why));
                pump(afterwards);
                loop.schedule(this::endSession, ENDING_SECONDS, TimeUnit.SECONDS);
            }
        }
        afterwards.run();
    }

    private void endSession() {
        Session last;
        synchronized (this) {
            last = owner;
        }
        last.channel().sessions().end(last, "its pipe has ended");
    }

    /** The session has ended. */
    void end(String why) {
        Afterwards afterwards = new Afterwards();
        synchronized (this) {
            over = true;
            end.close();
            waiting.forEach(request -> afterwards.reply(request.future(), TunnelReply.refused()));
            waiting.clear();
            account();
        }
        afterwards.run();
        loop.execute(() -> epochs.fail(why));
    }
}
