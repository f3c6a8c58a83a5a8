// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.api.crypto.FrameCipher;
import io.httun.api.status.SessionStatus;
import io.httun.protocol.FrameSource;
import io.httun.protocol.Operation;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * A session on the stock wire: one message at a time to the server, one request at a time for messages from it. Confined to its event
 * loop, but for what {@link #status} reads.
 *
 * <pre>
 * OPEN ──end, lose──▶ DRAINING ──the last r answered, where the server needs that──▶ ENDED
 * </pre>
 */
final class ClientSession {
    /** Whoever made a session. */
    interface Ended {
        /** Told once that it has ended. */
        void ended(ClientSession session);
    }

    private enum Phase {
        OPEN,
        DRAINING,
        ENDED
    }

    private final ClientContext context;
    private final EventLoop loop;
    private final boolean turn;
    private final Ended ended;
    private final RequestHeads heads;
    private final Uplink uplink;
    private final Downlink downlink;
    private final Counters counters;
    private final CipherWait cipherWait = new CipherWait(this, this::cipherFound);
    private final String id =
            HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong(), 8);
    private final long since = System.nanoTime();
    private volatile long lastUse = since;
    private volatile Phase phase = Phase.OPEN;
    private final SessionKeys keys;
    private SessionOwner owner;
    /** What waits for a cipher. */
    private Operation heldRequest;

    private Operation heldOperation;
    private FrameSource heldSource;
    private boolean gathering;
    private boolean finished;

    /** @param turn whether this session holds the one turn that a stock server gives */
    ClientSession(
            ClientContext context,
            EventLoop loop,
            boolean turn,
            InitAttempt.Ready ready,
            SessionOwner owner,
            Ended ended) {
        this.context = context;
        this.loop = loop;
        this.turn = turn;
        this.owner = owner;
        this.ended = ended;
        this.heads = ready.heads();
        this.keys = ready.keys();
        this.counters = new Counters(context.counters());
        this.downlink = new Downlink(this, ready.link());
        this.uplink = new Uplink(
                this, new HttpLink(loop, context.dialer(), ready.link().url()));
    }

    EventLoop loop() {
        return loop;
    }

    boolean holdsTurn() {
        return turn;
    }

    SessionKeys keys() {
        return keys;
    }

    PeerProtocol peer() {
        return keys.peer();
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

    /** Goes on with what is held as soon as there is a cipher again. */
    void awaitCipher() {
        cipherWait.begin();
    }

    private void cipherFound() {
        downlink.resume();
        resume();
    }

    void owner(SessionOwner next) {
        owner = next;
    }

    boolean isOver() {
        return phase == Phase.DRAINING || phase == Phase.ENDED;
    }

    /** Whether {@link #send} must wait for {@link SessionOwner#acknowledged}. */
    boolean isSending() {
        return gathering || !uplink.isIdle() || heldSource != null;
    }

    /** Whether an answer is still to come. */
    boolean isAsking() {
        return !downlink.isIdle() || heldRequest != null;
    }

    /** Sends what the source has, as much as one request carries: now, or as soon as there is a cipher. */
    void send(Operation operation, FrameSource source) {
        if (isOver()) {
            return;
        }
        FrameCipher cipher = cipher();
        if (cipher == null) {
            heldOperation = operation;
            heldSource = source;
            awaitCipher();
            return;
        }
        ByteBuf body = gather(cipher, operation, source);
        if (body != null) {
            uplink.send(body);
        }
    }

    /** Null for nothing. */
    private ByteBuf gather(FrameCipher cipher, Operation operation, FrameSource source) {
        // Promises are told while a body is gathered, and what they do must not overtake it.
        gathering = true;
        ByteBuf body = null;
        try {
            body = keys.gather(cipher, operation, source);
        } catch (HttunException e) {
            lose(e);
        } finally {
            gathering = false;
        }
        if (body != null && isOver()) {
            body.release();
            return null;
        }
        return body;
    }

    /** Asks for the next message; exactly one answer comes. */
    void ask(Operation operation) {
        if (isOver()) {
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

    void acknowledged() {
        lastUse = System.nanoTime();
        owner.acknowledged();
    }

    void received(ByteBuf payload) {
        lastUse = System.nanoTime();
        owner.received(payload);
    }

    void answered(boolean empty) {
        if (!isOver()) {
            owner.answered(empty);
        }
    }

    private void resume() {
        if (isOver()) {
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
        if (!isOver()) {
            SessionOwner bereft = owner;
            end();
            bereft.lost(cause);
        }
    }

    /** Ends a session on which nothing is left to be done, so that another one may take its place at the server. */
    void finish() {
        finished = true;
        end();
    }

    boolean isFinished() {
        return finished;
    }

    /** Ends the session without telling its owner. */
    void end() {
        end(false);
    }

    /** Ends the session, waiting for nothing. */
    void stop(HttunException cause) {
        if (isOver()) {
            downlink.close();
            tell();
        } else {
            SessionOwner bereft = owner;
            end(true);
            bereft.lost(cause);
        }
    }

    private void end(boolean hurry) {
        if (isOver()) {
            return;
        }
        phase = Phase.DRAINING;
        uplink.close();
        keys.destroy();
        // A stock server gives the first data of its next session to an r that still waits for this one's, even when
        // nobody is there any more to read the answer: the next init must not come before that r is answered.
        boolean drains = !hurry && !peer().severalSessions();
        if (drains && downlink.drain(this::drained)) {
            return;
        }
        downlink.close();
        if (hurry) {
            tell();
        } else {
            drained();
        }
    }

    private void drained() {
        if (turn && downlink.isAstray()) {
            // It would get the first data of the next session.
            loop.schedule(this::tell, timeouts().stockRead(), TimeUnit.MILLISECONDS);
        } else {
            tell();
        }
    }

    private void tell() {
        if (phase != Phase.ENDED) {
            phase = Phase.ENDED;
            ended.ended(this);
        }
    }

    private String state() {
        return switch (phase) {
            case OPEN -> cipherWait.isWaiting() ? "waiting for a cipher" : "open";
            default -> "ending";
        };
    }

    SessionStatus status() {
        long now = System.nanoTime();
        return new SessionStatus(
                id,
                "client",
                context.settings().name(),
                state(),
                seconds(now - since),
                seconds(now - lastUse),
                seconds(now - since),
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
