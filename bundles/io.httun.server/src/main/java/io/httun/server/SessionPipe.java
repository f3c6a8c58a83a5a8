// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.HttunException;
import io.httun.api.crypto.FrameCipher;
import io.httun.api.stream.StreamMultiplexer;
import io.httun.api.stream.StreamOrigin;
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
import io.httun.toolkit.pipe.PipeChannel;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.local.LocalAddress;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The server's end of a pipe ({@code docs/wire.md}, "A pipe"), over all sessions by which its client changes keys. Requests come on any thread; the
 * monitor guards the logic, and nothing is called while it is held. The channels of its epochs, one after the other, live on one event loop.
 */
final class SessionPipe {
    /** A request that waits, the session under whose key it came, which seals the reply, and the sequence field of its first frame. */
    private record Waiting(Session session, long sequence, CompletableFuture<TunnelReply> future) {}

    /** For the client's requests to hear of the end, retries included. */
    private static final long ENDING_SECONDS = 5;

    private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Parts parts;
    private final EventLoop loop;
    private final PipeServerEnd<Waiting> end = new PipeServerEnd<>(PooledByteBufAllocator.DEFAULT, PipeLimits.DEFAULT);
    private final Set<Waiting> waiting = Collections.newSetFromMap(new IdentityHashMap<>());
    private Session owner;
    private int held;
    private boolean planned;
    private boolean ending;
    private long wakeAt = Long.MAX_VALUE;
    private boolean over;
    /** On the event loop. */
    private Epoch served;

    SessionPipe(Parts parts, Session owner) {
        this.parts = parts;
        this.owner = owner;
        this.loop = owner.loop();
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
        loop.execute(() -> failServed("the client ended the pipe: " + reason.text()));
    }

    /** Has the client open its next streams elsewhere. */
    void drain() {
        loop.execute(this::drainServed);
    }

    private void drainServed() {
        StreamMultiplexer streams = parts.streams().get();
        if (served != null && streams != null) {
            streams.drain(served.channel);
        }
    }

    /** Resets what runs in it, and has the client know why. */
    void stop(String why) {
        endPipe(PipeEnding.Reason.STOPPING, why);
        loop.execute(() -> failServed(why));
    }

    /** The client has a new key. */
    synchronized void moveTo(Session next) {
        owner = next;
    }

    /** Has what waits under an old key asked again under the new one. */
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

    /** Time passes. */
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

    /** What is due later than a tick of the server waits for that. */
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
        Session session = request.session();
        if (session != owner) {
            // Its key was destroyed with the session: the client asks again under the new one.
            end.undelivered(reply.number());
            afterwards.reply(request.future(), TunnelReply.unavailable());
            return;
        }
        ByteBuf body;
        try {
            body = FrameBody.batch(
                    PooledByteBufAllocator.DEFAULT,
                    reply.body().limit(),
                    reply.body(),
                    new PipeReplySealer(session, cipher, reply));
        } catch (RuntimeException e) {
            // A used-up key, or a provider that fails: the client asks again, under its next key.
            end.undelivered(reply.number());
            parts.refusals().count(Refusals.Cause.INTERNAL, "sealing failed: " + e.getMessage());
            afterwards.reply(request.future(), TunnelReply.unavailable());
            return;
        }
        TunnelReply.Delivery delivery = new TunnelReply.Delivery() {
            @Override
            public void written() {
                // The client says in its next requests what it has.
            }

            @Override
            public void failed() {
                undelivered(reply.number());
            }
        };
        TunnelReply answer = session.channel().frame(body, delivery);
        afterwards.deliver(request.future(), answer);
    }

    private void undelivered(long number) {
        Afterwards afterwards = new Afterwards();
        synchronized (this) {
            end.undelivered(number);
            pump(afterwards);
        }
        afterwards.run();
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

    // ---- what runs in the pipe, on its event loop ----

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
        if (served != null && served.number != epoch) {
            failServed("the client began anew in the pipe");
        }
        if (served == null && begins) {
            serve(epoch, last);
        }
        if (served != null) {
            served.channel.readable();
        }
        if (served != null) {
            served.channel.writable();
        }
    }

    /** Without a multiplexer the client is told that what it began has ended, and can refuse its users at once. */
    private void serve(int epoch, Session last) {
        StreamMultiplexer streams = parts.streams().get();
        if (streams == null) {
            ended(epoch);
            return;
        }
        ChannelSettings settings = last.channel().settings();
        StreamOrigin origin =
                new StreamOrigin(last.channel().origin(), last.peer(), settings.reverse(), settings.test());
        Epoch next = new Epoch(epoch, last.id());
        served = next;
        loop.register(next.channel).addListener(registered -> {
            if (registered.isSuccess()) {
                streams.serve(next.channel, origin);
                if (parts.drain().isOn()) {
                    streams.drain(next.channel);
                }
            } else {
                next.channel.close();
            }
        });
    }

    /** One epoch of the pipe as a channel. What another thread's request has made an old one neither reads nor writes any more. */
    private final class Epoch implements PipeChannel.End {
        private final int number;
        private final PipeChannel channel;

        Epoch(int number, String id) {
            this.number = number;
            this.channel = new PipeChannel(new LocalAddress("httun-" + id), this);
        }

        private boolean isCurrent() {
            return !over && number == end.epoch();
        }

        @Override
        public ByteBuf read() {
            synchronized (SessionPipe.this) {
                return isCurrent() ? end.read() : null;
            }
        }

        @Override
        public boolean isWritable() {
            synchronized (SessionPipe.this) {
                return isCurrent() && end.isWritable();
            }
        }

        @Override
        public void write(ByteBuf data) {
            synchronized (SessionPipe.this) {
                if (isCurrent()) {
                    end.write(data);
                } else {
                    data.release();
                }
            }
        }

        @Override
        public void moved() {
            tick();
        }

        @Override
        public void closed() {
            if (served == this) {
                served = null;
            }
            ended(number);
        }
    }

    private void failServed(String why) {
        if (served != null) {
            served.channel.fail(new HttunException(why));
        }
    }

    /** What ran in an epoch has ended; the client hears of it in the answers to the requests that wait. */
    private void ended(int epoch) {
        Afterwards afterwards = new Afterwards();
        boolean last = false;
        synchronized (this) {
            if (!over && !ending && epoch == end.epoch()) {
                last = !end.nextEpoch();
                pump(afterwards);
            }
        }
        afterwards.run();
        if (last) {
            endPipe("closed at the server");
        }
    }

    /** The client hears of it with every request, until its session ends a little later. */
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
        loop.execute(() -> failServed(why));
    }
}
