// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.api.crypto.FrameCipher;
import io.httun.api.status.SessionStatus;
import io.httun.protocol.pipe.PipeClientEnd;
import io.httun.protocol.pipe.PipeEnding;
import io.httun.protocol.pipe.PipeExchange;
import io.httun.protocol.pipe.PipeLimits;
import io.httun.toolkit.pipe.PipeChannel;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * The client's end of a pipe ({@code docs/wire.md}, "A pipe"): sends the requests of {@link PipeClientEnd} on a pool of connections, and keeps the
 * pipe while connections, addresses and keys change. Confined to its event loop, except {@link #status} and {@link #state}.
 *
 * <pre>
 * OPEN --unused--> ENDING --server told, or 2 s--> ENDED
 *   `--pipe unknown at the server, server silent for resume.seconds--^
 * </pre>
 */
final class PipeSession implements PipeKeys.Pipe {
    private enum Phase {
        OPEN,
        ENDING,
        ENDED
    }

    /** How often a pipe without a cipher looks for one. */
    private static final long CIPHER_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /** For the message to the server; a server that does not get it forgets the pipe later by itself. */
    private static final long ENDING_SECONDS = 2;

    private final ClientContext context;
    private final EventLoop loop;
    private final Pipes pipes;
    private final RequestHeads heads;
    private final LinkPool links;
    private final PipeKeys keys;
    private final PipeClientEnd end;
    private final SessionActivity activity;
    private final AddressWatch addresses;
    private final ClientPipeEpochs epochs;
    private final PumpLoop rounds = new PumpLoop(this::work, this::isOver);
    private final WakeTimer timer;
    private volatile Phase phase = Phase.OPEN;
    private volatile boolean reconnecting;
    private volatile String problem = "";

    PipeSession(ClientContext context, EventLoop loop, Pipes pipes, UUID slot, InitAttempt.Ready ready) {
        this.context = context;
        this.loop = loop;
        this.pipes = pipes;
        this.heads = ready.heads();
        this.activity = new SessionActivity(context, heads.url());
        this.links = new LinkPool(loop, context.dialer(), heads.url());
        links.add(ready.link());
        this.keys = new PipeKeys(context, loop, slot, heads, links, ready.keys(), this);
        this.end = new PipeClientEnd(PooledByteBufAllocator.DEFAULT, PipeLimits.DEFAULT, activity.since());
        limit();
        this.epochs = new ClientPipeEpochs(this, loop, end);
        this.timer = new WakeTimer(loop, this::pump);
        this.addresses = new AddressWatch(loop, AddressWatch::ofHost, this::addressesChanged);
    }

    private PipeSettings settings() {
        return context.settings().wayOut().pipes();
    }

    /** Whether it can take a channel. */
    boolean isFree() {
        return isOpen() && !epochs.hasChannel();
    }

    /** Returns the next channel; after its registration {@link #pump} starts the requests. The pipe must be free. */
    PipeChannel attach() {
        return epochs.attach(activity.id());
    }

    EventLoop loop() {
        return loop;
    }

    String id() {
        return activity.id();
    }

    /** Keeps to the limits of the path, which have changed. */
    void limitsChanged() {
        if (isOpen()) {
            limit();
            pump();
        }
    }

    private void limit() {
        int most = context.path().connections(pipes.sessions().size());
        int reads = most / 2;
        end.exchanges(most - reads, reads);
        end.largestBody(context.path().body());
    }

    // ---- requests ----

    void pump() {
        if (rounds.run() && !isOver()) {
            lookAhead();
        }
    }

    private void work() {
        // First, so that the next request tells the server what has been read.
        epochs.readable();
        send();
        epochs.writable();
    }

    private void lookAhead() {
        boolean failed = reconnecting;
        reconnecting = end.isReconnecting();
        if (failed && !reconnecting) {
            pipes.learner().recovered();
        }
        addresses.watch(reconnecting);
        long now = System.nanoTime();
        if (phase == Phase.ENDING && end.isEnded()) {
            over();
        } else if (end.silence(now) > TimeUnit.MILLISECONDS.toNanos(settings().resumeMillis())) {
            lose(new HttunException(
                    "the server was silent for " + settings().resumeMillis() / 1000 + " s (resume.seconds)"));
        } else {
            if (isOpen()) {
                keys.renewWhenDue(now);
            }
            timer.wakeAt(wakeAt(now), now);
        }
    }

    private void send() {
        FrameCipher cipher = context.surroundings().cipher().get();
        if (cipher == null || keys.isUsedUp()) {
            return;
        }
        PipeExchange next = isOver() ? null : end.next(System.nanoTime());
        while (next != null) {
            try {
                new PipeRequest(this, next, keys.current()).send(cipher);
            } catch (HttunException e) {
                keys.usedUp();
                end.failed(next, System.nanoTime());
                return;
            }
            next = isOver() ? null : end.next(System.nanoTime());
        }
    }

    private long wakeAt(long now) {
        if (keys.isUsedUp()) {
            // The next key wakes the pipe.
            return WakeTimer.NEVER;
        }
        boolean sealable = context.surroundings().cipher().get() != null;
        return sealable ? end.wakeAt(now) : now + CIPHER_NANOS;
    }

    /** Tries again at once: the backoff was for the former network. */
    private void addressesChanged() {
        end.lineChanged(System.nanoTime());
        pump();
    }

    // ---- for a request that is on its way ----

    ClientContext context() {
        return context;
    }

    RequestHeads heads() {
        return heads;
    }

    LinkPool links() {
        return links;
    }

    Counters counters() {
        return activity.counters();
    }

    @Override
    public boolean isOver() {
        return phase == Phase.ENDED;
    }

    boolean isOpen() {
        return phase == Phase.OPEN;
    }

    /** Whether it waits for another channel after its last one was closed. */
    boolean isKept() {
        return !pipes.areRetired();
    }

    PipeKeys keys() {
        return keys;
    }

    void answered(PipeExchange exchange) {
        long now = System.nanoTime();
        activity.used(now);
        end.answered(exchange, now);
        pipes.learner().answered();
    }

    /** A frame with data, whose ownership passes. */
    void received(PipeExchange.Read read, ByteBuf payload) {
        end.received(read, payload, System.nanoTime());
        epochs.failFormer();
    }

    void failed(PipeExchange exchange, String why) {
        problem = why;
        end.failed(exchange, System.nanoTime());
        pipes.learner().symptom();
    }

    /** The connection of an answered request was closed. */
    void closedAfterReply() {
        if (context.path().keepAlive()) {
            pipes.learner().symptom();
        }
    }

    void endedByServer(PipeEnding ending) {
        if (phase == Phase.ENDING) {
            over();
        } else {
            lose(new HttunException("the server ended the pipe: " + ending.text()));
        }
    }

    @Override
    public void rekeyed() {
        pump();
    }

    @Override
    public void rekeyRefused(String why) {
        problem = why;
        pump();
    }

    // ---- the end ----

    /** Ends the pipe and resets its channel. */
    @Override
    public void lose(HttunException cause) {
        if (!isOver()) {
            context.log()
                    .warn(
                            "pipe",
                            "Client {}: a pipe ends: {}",
                            context.settings().name(),
                            cause.getMessage());
            activity.ended(cause.getMessage());
            over();
            epochs.fail(cause);
        }
    }

    /** Closes the channel and tells the server the end of the pipe. */
    void finish() {
        if (!isOpen()) {
            return;
        }
        phase = Phase.ENDING;
        end.end(new PipeEnding(PipeEnding.Reason.DONE, "closed at the client"));
        loop.schedule(
                () -> {
                    if (phase == Phase.ENDING) {
                        over();
                    }
                },
                ENDING_SECONDS,
                TimeUnit.SECONDS);
        epochs.close();
        pump();
    }

    void finishIfFree() {
        if (isFree()) {
            finish();
        }
    }

    private void over() {
        phase = Phase.ENDED;
        activity.ended("done");
        timer.cancel();
        epochs.stopWaiting();
        addresses.watch(false);
        end.close();
        links.close();
        keys.destroy();
        pipes.ended(this);
    }

    // ---- status, any thread ----

    /** The phase; of an unreachable server also the time since its last answer and the problem. */
    String state() {
        if (!isOpen()) {
            return "ending";
        }
        return reconnecting
                ? "reconnecting for " + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - activity.lastUse()) + " s: "
                        + problem
                : "open";
    }

    SessionStatus status() {
        return activity.status(keys.current().peer().node(), state(), keys.sinceNanos());
    }
}
