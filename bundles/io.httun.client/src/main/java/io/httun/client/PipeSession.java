// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.api.crypto.FrameCipher;
import io.httun.api.status.SessionStatus;
import io.httun.api.stream.PipeSource;
import io.httun.protocol.pipe.PipeClientEnd;
import io.httun.protocol.pipe.PipeEnding;
import io.httun.protocol.pipe.PipeExchange;
import io.httun.protocol.pipe.PipeLimits;
import io.httun.toolkit.pipe.PipeChannel;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.local.LocalAddress;
import io.netty.util.concurrent.Future;
import java.util.HexFormat;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * The client's end of a pipe ({@code docs/wire.md}, "A pipe"): sends the requests that the logic asks for on a pool of connections, and keeps the
 * pipe while connections, addresses and keys change. Confined to its event loop, but for {@link #status} and {@link #state}.
 *
 * <pre>
 * OPEN --unused--> ENDING --told the server, or 2 s--> ENDED
 *   `--the server does not know it, silent for resume.seconds--^
 * </pre>
 *
 * While it is open, one channel after the other runs in it, each in an epoch of its own ({@code docs/wire.md}, "Epochs").
 */
final class PipeSession implements PipeChannel.End, PipeKeys.Pipe {
    private enum Phase {
        OPEN,
        ENDING,
        ENDED
    }

    /** How often a pipe without a cipher looks for one. */
    private static final long CIPHER_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /** For the server to be told of the end; it forgets a pipe by itself otherwise. */
    private static final long ENDING_SECONDS = 2;

    /** How long it is kept without a channel: for the next bundle of streams. */
    private static final long UNUSED_SECONDS = 60;

    private final ClientContext context;
    private final EventLoop loop;
    private final Pipes pipes;
    private final RequestHeads heads;
    private final LinkPool links;
    private final PipeKeys keys;
    private final PipeClientEnd end;
    private final Counters counters;
    private final AddressWatch addresses;
    private final String id =
            HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong(), 8);
    private final long since = System.nanoTime();
    private volatile Phase phase = Phase.OPEN;
    private volatile long lastAnswer = since;
    private volatile boolean reconnecting;
    private volatile String problem = "";
    /** Null between two epochs. */
    private PipeChannel channel;

    private int channelEpoch;
    private Future<?> unused;
    private boolean pumping;
    private boolean pumpAgain;
    private Future<?> wake;
    private long wakeAt = Long.MAX_VALUE;

    PipeSession(ClientContext context, EventLoop loop, Pipes pipes, UUID slot, InitAttempt.Ready ready) {
        this.context = context;
        this.loop = loop;
        this.pipes = pipes;
        this.heads = ready.heads();
        this.counters = new Counters(context.counters());
        this.links = new LinkPool(loop, context.dialer(), heads.url());
        links.add(ready.link());
        this.keys = new PipeKeys(context, loop, slot, heads, links, ready.keys(), this);
        this.end = new PipeClientEnd(PooledByteBufAllocator.DEFAULT, PipeLimits.DEFAULT, since);
        int each = settings().connections() / 2;
        end.exchanges(settings().connections() - each, each);
        this.addresses = new AddressWatch(loop, AddressWatch::ofHost, this::lineChanged);
    }

    private PipeSettings settings() {
        return context.settings().wayOut().pipes();
    }

    /** Whether nothing runs in it. */
    boolean isFree() {
        return phase == Phase.OPEN && channel == null;
    }

    /** The channel of what runs in it next; when it is registered, {@link #pump} begins to ask. It must be free. */
    PipeChannel attach() {
        if (unused != null) {
            unused.cancel(false);
        }
        channelEpoch = end.epoch();
        channel = new PipeChannel(new LocalAddress("httun-" + id), this);
        return channel;
    }

    EventLoop loop() {
        return loop;
    }

    String id() {
        return id;
    }

    // ---- requests ----

    void pump() {
        if (pumping) {
            pumpAgain = true;
            return;
        }
        pumping = true;
        do {
            pumpAgain = false;
            if (channel != null) {
                // First, so that the next request tells the server what has been read.
                channel.readable();
            }
            send();
            if (channel != null) {
                channel.writable();
            }
        } while (pumpAgain && phase != Phase.ENDED);
        pumping = false;
        if (phase == Phase.ENDED) {
            return;
        }
        reconnecting = end.isReconnecting();
        addresses.watch(reconnecting);
        long now = System.nanoTime();
        if (phase == Phase.ENDING && end.isEnded()) {
            over();
        } else if (end.silence(now) > TimeUnit.MILLISECONDS.toNanos(settings().resumeMillis())) {
            lose(new HttunException(
                    "the server was silent for " + settings().resumeMillis() / 1000 + " s (resume.seconds)"));
        } else {
            if (phase == Phase.OPEN) {
                keys.renewWhenDue(now);
            }
            arm(now);
        }
    }

    private void send() {
        FrameCipher cipher = context.surroundings().cipher().get();
        if (cipher == null || keys.isUsedUp()) {
            return;
        }
        PipeExchange next = phase == Phase.ENDED ? null : end.next(System.nanoTime());
        while (next != null) {
            try {
                new PipeRequest(this, next, keys.current()).send(cipher);
            } catch (HttunException e) {
                keys.usedUp();
                end.failed(next, System.nanoTime());
                return;
            }
            next = phase == Phase.ENDED ? null : end.next(System.nanoTime());
        }
    }

    /** With a used-up key there is nothing to be woken for: its successor's arrival does that. */
    private void arm(long now) {
        boolean sealable = context.surroundings().cipher().get() != null;
        long at = keys.isUsedUp() ? Long.MAX_VALUE : sealable ? end.wakeAt(now) : now + CIPHER_NANOS;
        if (at == Long.MAX_VALUE || wake != null && wakeAt - at <= 0) {
            return;
        }
        if (wake != null) {
            wake.cancel(false);
        }
        wakeAt = at;
        wake = loop.schedule(this::woken, Math.max(0, at - now), TimeUnit.NANOSECONDS);
    }

    /** The pause before the next attempt says nothing of a line that has just come. */
    private void lineChanged() {
        end.lineChanged(System.nanoTime());
        pump();
    }

    private void woken() {
        // It is not done before this returns.
        wake = null;
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
        return counters;
    }

    @Override
    public boolean isOver() {
        return phase == Phase.ENDED;
    }

    PipeKeys keys() {
        return keys;
    }

    void answered(PipeExchange exchange) {
        lastAnswer = System.nanoTime();
        end.answered(exchange, lastAnswer);
    }

    /** A frame with data, whose ownership passes. */
    void received(PipeExchange.Read read, ByteBuf payload) {
        end.received(read, payload, System.nanoTime());
        if (channel != null && end.epoch() != channelEpoch) {
            channel.fail(new HttunException("the server ended what ran in the pipe"));
        }
    }

    void failed(PipeExchange exchange, String why) {
        problem = why;
        end.failed(exchange, System.nanoTime());
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

    /** Ends the pipe and resets what runs in it. */
    @Override
    public void lose(HttunException cause) {
        if (phase != Phase.ENDED) {
            context.log()
                    .warn(
                            "pipe",
                            "Client {}: a pipe ends: {}",
                            context.settings().name(),
                            cause.getMessage());
            over();
            if (channel != null) {
                channel.fail(cause);
            }
        }
    }

    /** Ends the pipe, and what runs in it. */
    void finish() {
        if (phase != Phase.OPEN) {
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
        if (channel != null) {
            channel.close();
        }
        pump();
    }

    void finishIfFree() {
        if (isFree()) {
            finish();
        }
    }

    private void over() {
        phase = Phase.ENDED;
        if (wake != null) {
            wake.cancel(false);
        }
        if (unused != null) {
            unused.cancel(false);
        }
        addresses.watch(false);
        end.close();
        links.close();
        keys.destroy();
        pipes.ended(this);
    }

    // ---- the channel ----

    /** Whether the channel may read and write. What it writes while it fails, such as GOAWAY, is nothing for the epoch that the server began. */
    private boolean isCurrent() {
        return phase == Phase.OPEN && channelEpoch == end.epoch();
    }

    @Override
    public ByteBuf read() {
        return isCurrent() ? end.read() : null;
    }

    @Override
    public boolean isWritable() {
        return isCurrent() && end.isWritable();
    }

    @Override
    public void write(ByteBuf data) {
        if (isCurrent()) {
            end.write(data);
        } else {
            data.release();
        }
    }

    @Override
    public void moved() {
        if (phase != Phase.ENDED) {
            pump();
        }
    }

    @Override
    public void closed() {
        boolean drained = channel.hasAttr(PipeSource.DRAINS);
        channel = null;
        if (phase != Phase.OPEN) {
            return;
        }
        boolean begun = end.epoch() != channelEpoch || end.nextEpoch();
        if (begun && !drained && !pipes.areRetired()) {
            unused = loop.schedule(this::finishIfFree, UNUSED_SECONDS, TimeUnit.SECONDS);
            pump();
        } else {
            finish();
        }
    }

    // ---- status, any thread ----

    /** Open, or for how long the server has been silent. */
    String state() {
        return phase == Phase.OPEN && reconnecting
                ? "reconnecting for " + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - lastAnswer) + " s: "
                        + problem
                : phase == Phase.OPEN ? "open" : "ending";
    }

    SessionStatus status() {
        long now = System.nanoTime();
        return new SessionStatus(
                id,
                "client",
                context.settings().name(),
                state(),
                TimeUnit.NANOSECONDS.toSeconds(now - since),
                TimeUnit.NANOSECONDS.toSeconds(now - lastAnswer),
                TimeUnit.NANOSECONDS.toSeconds(now - keys.sinceNanos()),
                counters.framesIn.sum(),
                counters.framesOut.sum(),
                counters.bytesIn.sum(),
                counters.bytesOut.sum());
    }
}
