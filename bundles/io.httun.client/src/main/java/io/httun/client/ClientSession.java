// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.api.crypto.FrameCipher;
import io.httun.api.status.StatusSource.SessionStatus;
import io.httun.api.target.RefusedException;
import io.httun.protocol.BatchLimit;
import io.httun.protocol.FrameSource;
import io.httun.protocol.Operation;
import io.httun.protocol.PeerId;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.util.HexFormat;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * A session with the server: one message at a time to it, one request at a time for messages from it. Changes its key
 * before the key's life ends, unseen by its owner. Confined to its event loop, but for what {@link #status} reads.
 */
final class ClientSession {
    /** Told once that a session has ended. */
    interface Ended {
        /** @param normal both directions were closed in order, so that the slot may be used again */
        void ended(ClientSession session, boolean normal);
    }

    /** How often a session without a cipher looks for one. */
    private static final long LOOK_MILLIS = 20;

    private final ClientContext context;
    private final EventLoop loop;
    private final UUID slot;
    private final boolean turn;
    private final Ended ended;
    private final RequestHeads heads;
    private final Uplink uplink;
    private final Downlink downlink;
    private final Counters counters;
    private final BatchLimit limit;
    private final String id =
            HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong(), 8);
    private final long since = System.nanoTime();
    private volatile long lastUse = since;
    private long lastAnswer = since;
    private volatile String state = "open";
    private SessionKeys keys;
    private SessionOwner owner;
    private boolean over;
    private boolean hurry;
    private boolean told;
    private boolean rekeying;
    private boolean initialising;
    private Operation heldRequest;
    private Operation heldOperation;
    private FrameSource heldSource;
    private boolean gathering;
    private boolean awaitingCipher;
    private long cipherGone;

    /**
     * @param turn whether this session holds the one turn that a stock server gives
     * @param limit of the batches that it sends
     */
    ClientSession(
            ClientContext context,
            EventLoop loop,
            UUID slot,
            boolean turn,
            InitAttempt.Ready ready,
            BatchLimit limit,
            SessionOwner owner,
            Ended ended) {
        this.context = context;
        this.loop = loop;
        this.slot = slot;
        this.turn = turn;
        this.owner = owner;
        this.ended = ended;
        this.heads = ready.heads();
        this.keys = ready.keys();
        this.counters = new Counters(context.counters());
        this.limit = limit;
        long patience = timeouts().patience();
        this.downlink = new Downlink(this, ready.link(), new Retry(patience));
        this.uplink = new Uplink(
                this, new HttpLink(loop, context.dialer(), ready.link().url()), new Retry(patience));
    }

    EventLoop loop() {
        return loop;
    }

    UUID slot() {
        return slot;
    }

    boolean holdsTurn() {
        return turn;
    }

    SessionKeys keys() {
        return keys;
    }

    RequestHeads heads() {
        return heads;
    }

    Counters counters() {
        return counters;
    }

    Timeouts timeouts() {
        return context.settings().timeouts();
    }

    /** The cipher of the moment, for one body; null while there is none. */
    FrameCipher cipher() {
        return context.surroundings().cipher().get();
    }

    /** Goes on with what is held as soon as there is a cipher again, within the time that a message is retried. */
    void awaitCipher() {
        if (!awaitingCipher) {
            awaitingCipher = true;
            cipherGone = System.nanoTime();
            lookForCipher();
        }
    }

    private void lookForCipher() {
        if (over) {
            return;
        }
        if (cipher() != null) {
            awaitingCipher = false;
            state = rekeying ? "re-keying" : "open";
            downlink.resume();
            resume();
        } else if (System.nanoTime() - cipherGone
                > TimeUnit.MILLISECONDS.toNanos(timeouts().patience())) {
            lose(new HttunException("there is no cipher (FrameCipher): start a bundle io.httun.crypto"));
        } else {
            state = "waiting for a cipher";
            loop.schedule(this::lookForCipher, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /** Nanoseconds that sending takes at least. */
    long exchangeNanos() {
        return limit.floor();
    }

    void owner(SessionOwner next) {
        owner = next;
    }

    boolean isOver() {
        return over;
    }

    /** Whether the server surely had this session a moment ago: it answers every r within less than its time limit. */
    boolean isSound() {
        long quiet = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - lastAnswer);
        return !over && downlink.isWell() && quiet < timeouts().read();
    }

    /** Whether {@link #send} must wait for {@link SessionOwner#acknowledged}. */
    boolean isSending() {
        return gathering || !uplink.isIdle() || heldSource != null;
    }

    /** Whether an answer is still to come. */
    boolean isAsking() {
        return !downlink.isIdle() || heldRequest != null;
    }

    /** Sends what the source has, as much as one request carries: now, or as soon as the key allows. */
    void send(Operation operation, FrameSource source) {
        if (over) {
            return;
        }
        FrameCipher cipher = cipher();
        if (rekeying || cipher == null) {
            heldOperation = operation;
            heldSource = source;
            if (!rekeying) {
                awaitCipher();
            }
            return;
        }
        // Promises are told while a body is gathered, and what they do must not overtake it.
        gathering = true;
        ByteBuf body = null;
        try {
            body = keys.gather(cipher, operation, limit.limit(), source);
        } catch (HttunException e) {
            lose(e);
        } finally {
            gathering = false;
        }
        if (body == null) {
            return;
        }
        if (over) {
            body.release();
        } else {
            limit.began(body.readableBytes());
            uplink.send(body);
        }
    }

    /** Asks for the next message; exactly one answer comes. */
    void ask(Operation operation) {
        if (over) {
            return;
        }
        if (rekeying && !uplink.isBlocked()) {
            heldRequest = operation;
            return;
        }
        FrameCipher cipher = cipher();
        if (cipher == null) {
            heldRequest = operation;
            awaitCipher();
            return;
        }
        try {
            downlink.ask(cipher, operation);
        } catch (HttunException e) {
            lose(e);
        }
    }

    /** What is being sent was refused before: its target may take it only when somebody takes what it has to say. */
    void blocked() {
        if (heldRequest != null && !initialising) {
            Operation request = heldRequest;
            heldRequest = null;
            ask(request);
        }
    }

    void acknowledged() {
        lastUse = System.nanoTime();
        limit.ended();
        rekeyWhenDue();
        owner.acknowledged();
    }

    void received(ByteBuf payload) {
        lastUse = System.nanoTime();
        owner.received(payload);
    }

    void answered(boolean empty) {
        if (!over) {
            lastAnswer = System.nanoTime();
            rekeyWhenDue();
            owner.answered(empty);
        }
    }

    private void rekeyWhenDue() {
        rekeying |= keys.ours() && keys.isEnding();
        if (!rekeying || initialising || over || !uplink.isIdle() || !downlink.isIdle()) {
            return;
        }
        initialising = true;
        state = "re-keying";
        // The server hands what the old session carries to the new one of the same slot; one that has started anew must
        // not take what comes next for the beginning of a connection.
        UUID hello = keys.continues() ? PeerId.with(slot, PeerId.CONTINUES, true) : slot;
        InitAttempt.again(context, loop, hello, heads, downlink.link(), new InitAttempt.Then() {
            @Override
            public void ready(InitAttempt.Ready ready) {
                rekeyed(ready.keys());
            }

            @Override
            public void refused(RefusedException refusal) {
                lose(refusal);
            }
        });
    }

    private void rekeyed(SessionKeys fresh) {
        if (over) {
            fresh.destroy();
            return;
        }
        boolean sameServer = fresh.ours();
        downlink.forget();
        keys.destroy();
        keys = fresh;
        rekeying = false;
        initialising = false;
        state = "open";
        if (!sameServer) {
            lose(new HttunException("another server answered the init"));
            return;
        }
        resume();
    }

    private void resume() {
        if (rekeying || over) {
            return;
        }
        Operation request = heldRequest;
        FrameSource source = heldSource;
        heldRequest = null;
        heldSource = null;
        if (request != null) {
            ask(request);
        }
        if (source != null) {
            send(heldOperation, source);
        }
    }

    /** Ends the session and tells its owner. */
    void lose(HttunException cause) {
        if (over) {
            return;
        }
        SessionOwner bereft = owner;
        end(false);
        bereft.lost(cause);
    }

    /** Ends the session without telling its owner. */
    void end(boolean normal) {
        if (over) {
            return;
        }
        over = true;
        state = "ending";
        uplink.close();
        keys.destroy();
        // A stock server gives the first data of its next session to an r that still waits for this one's, even when
        // nobody is there any more to read the answer: the next init must not come before that r is answered.
        if (hurry || keys.ours() || !downlink.drain(() -> tell(normal))) {
            downlink.close();
            tell(normal);
        }
    }

    private void tell(boolean normal) {
        if (told) {
            return;
        }
        told = true;
        if (turn && !hurry && downlink.isAstray()) {
            // It would get the first data of the next session.
            loop.schedule(() -> ended.ended(this, normal), timeouts().stockRead(), TimeUnit.MILLISECONDS);
        } else {
            ended.ended(this, normal);
        }
    }

    /** Ends the session, waiting for nothing. */
    void stop(HttunException cause) {
        hurry = true;
        if (over) {
            downlink.close();
            tell(false);
        } else {
            lose(cause);
        }
    }

    SessionStatus status() {
        long now = System.nanoTime();
        return new SessionStatus(
                id,
                "client",
                context.settings().name(),
                state,
                seconds(now - since),
                seconds(now - lastUse),
                counters.framesIn.sum(),
                counters.framesOut.sum(),
                counters.bytesIn.sum(),
                counters.bytesOut.sum());
    }

    String id() {
        return id;
    }

    private static long seconds(long nanos) {
        return TimeUnit.NANOSECONDS.toSeconds(nanos);
    }
}
