// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.api.crypto.FrameCipher;
import io.httun.api.status.SessionStatus;
import io.httun.protocol.FrameSource;
import io.httun.protocol.Operation;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.util.concurrent.TimeUnit;

/**
 * A session on the stock wire: one {@code w} and one {@code r} at a time. Confined to its event loop, except {@link #id} and {@link #status}.
 *
 * <pre>
 * OPEN ──end, lose──▶ DRAINING ──last r answered, if the server needs that──▶ ENDED
 * </pre>
 */
final class ClientSession {
    /** The maker of a session. */
    interface Ended {
        /** Called once, at the end of the session. */
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
    private final SessionActivity activity;
    private final CipherWait cipherWait = new CipherWait(this);
    private volatile Phase phase = Phase.OPEN;
    private final SessionKeys keys;
    private SessionOwner owner;
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
        this.activity = new SessionActivity(context, heads.url());
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
        return activity.counters();
    }

    Timeouts timeouts() {
        return context.settings().timeouts();
    }

    /** The current cipher, for one body; null while there is none. */
    FrameCipher cipher() {
        return context.surroundings().cipher().get();
    }

    /** Resumes the {@code r} requests, and later what is held, as soon as there is a cipher again. */
    void awaitCipher() {
        cipherWait.begin();
    }

    /** A cipher is there again. */
    void resumeReplies() {
        downlink.resume();
    }

    void owner(SessionOwner next) {
        owner = next;
    }

    boolean isOver() {
        return phase == Phase.DRAINING || phase == Phase.ENDED;
    }

    /** Whether {@link #send} must wait for {@link SessionOwner#acknowledged}. */
    boolean isSending() {
        return gathering || !uplink.isIdle() || cipherWait.holdsSend();
    }

    /** Whether an answer is still to come. */
    boolean isAsking() {
        return !downlink.isIdle() || cipherWait.holdsAsk();
    }

    /** Sends what the source has, up to one full request: now, or as soon as there is a cipher. */
    void send(Operation operation, FrameSource source) {
        if (isOver()) {
            return;
        }
        FrameCipher cipher = cipher();
        if (cipher == null) {
            cipherWait.holdSend(operation, source);
            return;
        }
        ByteBuf body = gather(cipher, operation, source);
        if (body != null) {
            uplink.send(body);
        }
    }

    /** Returns null if there is nothing to send. */
    private ByteBuf gather(FrameCipher cipher, Operation operation, FrameSource source) {
        // Gathering completes promises, whose listeners may send: that must not overtake this body.
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

    /** Requests the next message; exactly one answer follows. */
    void ask(Operation operation) {
        if (isOver()) {
            return;
        }
        FrameCipher cipher = cipher();
        if (cipher == null) {
            cipherWait.holdAsk(operation);
            return;
        }
        try {
            downlink.ask(cipher, operation);
        } catch (HttunException e) {
            lose(e);
        }
    }

    void acknowledged() {
        activity.used(System.nanoTime());
        owner.acknowledged();
    }

    void received(ByteBuf payload) {
        activity.used(System.nanoTime());
        owner.received(payload);
    }

    void answered(boolean empty) {
        if (!isOver()) {
            owner.answered(empty);
        }
    }

    /** Ends the session and tells its owner. */
    void lose(HttunException cause) {
        if (!isOver()) {
            SessionOwner bereft = owner;
            activity.ended(cause.getMessage());
            end();
            bereft.lost(cause);
        }
    }

    /** Ends a session with nothing left to do, so that the next one may take its place at the server. */
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

    /** Ends the session without waiting for the server. */
    void stop(HttunException cause) {
        if (isOver()) {
            downlink.close();
            tell();
        } else {
            SessionOwner bereft = owner;
            activity.ended(cause.getMessage());
            end(true);
            bereft.lost(cause);
        }
    }

    private void end(boolean hurry) {
        if (isOver()) {
            return;
        }
        phase = Phase.DRAINING;
        activity.ended("done");
        uplink.close();
        keys.destroy();
        // A stock server answers an r that still waits for this session with the first data of the next session, even
        // on a closed connection: the next init must wait until that r is answered.
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
            // A lost r may still wait at the server and would get the first data of the next session.
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

    SessionStatus status() {
        String state = phase != Phase.OPEN ? "ending" : cipherWait.isWaiting() ? "waiting for a cipher" : "open";
        return activity.status(peer().node(), state, activity.since());
    }

    String id() {
        return activity.id();
    }
}
