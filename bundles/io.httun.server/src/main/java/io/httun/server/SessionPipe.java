// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.tunnel.TunnelReply;
import io.httun.protocol.Frame;
import io.httun.protocol.SequenceType;
import io.httun.protocol.pipe.PipeAsk;
import io.httun.protocol.pipe.PipeEnding;
import io.httun.protocol.pipe.PipeLimits;
import io.httun.protocol.pipe.PipeServerEnd;
import io.httun.server.PipeReplies.Waiting;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The server's end of a pipe ({@code docs/wire.md}, "A pipe"), which goes on while its client changes keys, and with them sessions. Requests
 * come on any thread: the monitor guards the logic, and no callback runs while it is held. What runs in the pipe is on one event loop.
 */
final class SessionPipe {
    /** Seconds in which the client's requests, retries included, are told the end of the pipe. */
    private static final long ENDING_SECONDS = 5;

    private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Parts parts;
    private final EventLoop loop;
    private final PipeServerEnd<Waiting> end = new PipeServerEnd<>(PooledByteBufAllocator.DEFAULT, PipeLimits.DEFAULT);
    private final PipeReplies replies;
    private final ServerPipeEpochs epochs;
    private int held;
    private boolean planned;
    private boolean ending;
    private long wakeAt = Long.MAX_VALUE;
    private boolean over;

    SessionPipe(Parts parts, Session owner) {
        this.parts = parts;
        this.loop = owner.loop();
        this.replies = new PipeReplies(parts, end, owner, this::undelivered);
        this.epochs = new ServerPipeEpochs(parts, this, loop);
    }

    // ---- requests, any thread ----

    /** A request on {@code r} whose number is new. */
    CompletableFuture<TunnelReply> asked(Session session, long number, PipeAsk ask) {
        Waiting request = new Waiting(session, SequenceType.C.with(number), new CompletableFuture<>());
        Afterwards afterwards = new Afterwards();
        synchronized (this) {
            if (over) {
                afterwards.reply(request.future(), TunnelReply.refused());
            } else {
                replies.asked(request, number, ask, afterwards);
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
            if (over) {
                frames.forEach(frame -> frame.payload().release());
                afterwards.reply(request.future(), TunnelReply.refused());
            } else if (replies.written(request, frames, afterwards)) {
                plan();
            }
            pump(afterwards);
        }
        afterwards.run();
        return watched(request);
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
        replies.gone(request);
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
        replies.moveTo(next);
    }

    /** Has the client repeat, under its new key, the requests that wait under an old one. */
    void dropOld() {
        Afterwards afterwards = new Afterwards();
        synchronized (this) {
            replies.dropOld(afterwards);
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
        replies.pump(afterwards);
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

    private void look() {
        int epoch;
        boolean begins;
        Session last;
        synchronized (this) {
            planned = false;
            epoch = end.epoch();
            begins = !over && !ending && end.unread() > 0;
            last = replies.owner();
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
            last = replies.owner();
        }
        last.channel().sessions().end(last, "its pipe has ended");
    }

    /** The session has ended. */
    void end(String why) {
        Afterwards afterwards = new Afterwards();
        synchronized (this) {
            over = true;
            end.close();
            replies.refuseAll(afterwards);
            account();
        }
        afterwards.run();
        loop.execute(() -> epochs.fail(why));
    }
}
