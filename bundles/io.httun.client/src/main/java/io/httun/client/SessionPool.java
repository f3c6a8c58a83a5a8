// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.protocol.PeerId;
import io.netty.channel.EventLoop;
import java.util.Collection;
import java.util.Deque;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Hands out sessions on the stock wire: one at a time with a stock server, up to a limit with a server that serves several. The answer to
 * an init shows which one it is; until then, and after a failed init, sessions are opened one at a time. Thread-safe.
 */
final class SessionPool implements ClientSession.Ended {
    /** The server according to its last answer. */
    private enum Server {
        UNKNOWN,
        ONE_SESSION,
        SEVERAL_SESSIONS
    }

    /** A server of ours keeps 8 unused sessions; a new session is used as soon as it is open. */
    private static final int INITS = 4;

    private final ClientContext context;
    private final Runnable pipesOffered;
    private final ClientSettings.Limits limits;
    private final TurnGate gate;
    private final TurnGate inits;
    private final AtomicInteger count = new AtomicInteger();
    /** Each with its UUID. After a finished session, a later one takes its UUID over, and the server forgets the finished one. */
    private final Map<ClientSession, UUID> sessions = new ConcurrentHashMap<>();

    private final Deque<UUID> freeSlots = new ConcurrentLinkedDeque<>();
    private volatile Server server = Server.UNKNOWN;
    private volatile String failure = "";
    private volatile boolean retired;
    private volatile Runnable whenFailed = () -> {};

    SessionPool(ClientContext context) {
        this(context, () -> {});
    }

    /** @param pipesOffered called when the server supports pipes, in which connections need no session of their own */
    SessionPool(ClientContext context, Runnable pipesOffered) {
        this.context = context;
        this.pipesOffered = pipesOffered;
        this.limits = context.settings().limits();
        this.gate = new TurnGate("tunnel " + name() + ": a stock server carries one connection at a time,", 1);
        this.inits = new TurnGate("tunnel " + name() + ": sessions are opened a few at a time,", INITS);
    }

    /** Requests a session on this loop; called on its thread. */
    void take(EventLoop loop, SessionTaker taker) {
        if (retired) {
            taker.refused(new RefusedException(Cause.UNAVAILABLE, "tunnel " + name() + " has stopped"));
        } else if (server == Server.SEVERAL_SESSIONS) {
            enterInits(loop, taker);
        } else {
            int limit = server == Server.ONE_SESSION ? limits.queue() : limits.sessions();
            boolean waits =
                    gate.enter(loop, limit, limits.queueMillis(), turn -> go(loop, taker, turn), taker::refused);
            if (waits && server == Server.ONE_SESSION) {
                context.log()
                        .info(
                                "turn",
                                "Client {}: a stock server carries one connection at a time; {} wait for their turn",
                                name(),
                                gate.waiting());
            }
        }
    }

    private void go(EventLoop loop, SessionTaker taker, boolean turn) {
        if (turn && !retired && !taker.isCancelled()) {
            open(loop, taker, true);
            return;
        }
        if (turn) {
            gate.leave();
        }
        if (!taker.isCancelled()) {
            take(loop, taker);
        }
    }

    private void enterInits(EventLoop loop, SessionTaker taker) {
        inits.enter(
                loop,
                limits.sessions(),
                context.settings().timeouts().opening(),
                turn -> {
                    if (!turn || retired || taker.isCancelled()) {
                        if (turn) {
                            inits.leave();
                        }
                        if (!taker.isCancelled()) {
                            take(loop, taker);
                        }
                    } else {
                        open(loop, taker, false);
                    }
                },
                taker::refused);
    }

    private void open(EventLoop loop, SessionTaker taker, boolean turn) {
        if (count.incrementAndGet() > limits.sessions()) {
            count.decrementAndGet();
            (turn ? gate : inits).leave();
            taker.refused(new RefusedException(
                    Cause.OVERLOADED,
                    "tunnel " + name() + ": " + limits.sessions() + " sessions are open (sessions.max)"));
            return;
        }
        UUID free = freeSlots.poll();
        UUID slot = free == null ? PeerId.of(0, ThreadLocalRandom.current().nextLong()) : free;
        InitAttempt.start(context, loop, slot, new InitAttempt.Then() {
            @Override
            public void ready(InitAttempt.Ready ready) {
                opened(loop, taker, turn, slot, ready);
            }

            @Override
            public void refused(RefusedException refusal) {
                freeSlots.push(slot);
                notOpened(taker, turn, refusal);
            }
        });
    }

    private void opened(EventLoop loop, SessionTaker taker, boolean turn, UUID slot, InitAttempt.Ready ready) {
        boolean several = ready.keys().peer().severalSessions();
        if (ready.offersPipes()) {
            pipesOffered.run();
        }
        server = several ? Server.SEVERAL_SESSIONS : Server.ONE_SESSION;
        failure = "";
        if (retired || taker.isCancelled() || !several && !turn) {
            ready.discard();
            freeSlots.push(slot);
            count.decrementAndGet();
            giveBack(turn, several);
            if (!turn) {
                inits.leave();
            }
            if (!taker.isCancelled()) {
                // The server has been replaced by a stock one: wait for the turn.
                take(loop, taker);
            }
            return;
        }
        if (several) {
            giveBack(turn, true);
        }
        ClientSession session = new ClientSession(context, loop, turn && !several, ready, null, this);
        sessions.put(session, slot);
        taker.ready(session);
        if (!turn) {
            inits.leave();
        }
    }

    private void giveBack(boolean turn, boolean several) {
        if (turn && several) {
            gate.leaveOpen();
        } else if (turn) {
            gate.leave();
        }
    }

    private void notOpened(SessionTaker taker, boolean turn, RefusedException refusal) {
        count.decrementAndGet();
        failure = refusal.getMessage();
        context.counters().refused.increment();
        if (server == Server.SEVERAL_SESSIONS) {
            server = Server.UNKNOWN;
        }
        context.log().warn("init", "Client: {}", refusal.getMessage());
        (turn ? gate : inits).leaveRefusing(refusal);
        taker.refused(refusal);
        whenFailed.run();
    }

    @Override
    public void ended(ClientSession session) {
        UUID slot = sessions.remove(session);
        if (session.isFinished()) {
            freeSlots.push(slot);
        }
        count.decrementAndGet();
        if (session.holdsTurn()) {
            gate.leave();
        }
    }

    /** Opens no new sessions; those in use continue. */
    void retire() {
        retired = true;
        RefusedException stopped = new RefusedException(Cause.UNAVAILABLE, "tunnel " + name() + " has stopped");
        gate.refuseWaiting(stopped);
        inits.refuseWaiting(stopped);
    }

    Collection<ClientSession> sessions() {
        return sessions.keySet();
    }

    /** Sets the listener for failed inits. */
    void whenFailed(Runnable told) {
        whenFailed = told;
    }

    /** Whether the server is probably a stock one, where an init ends the existing session. */
    boolean hasOneSession() {
        return server == Server.ONE_SESSION;
    }

    boolean isRetired() {
        return retired;
    }

    /** Whether the last init failed. */
    boolean isFailing() {
        return !failure.isEmpty();
    }

    /** Returns connected, idle, or unreachable with the cause. */
    String state() {
        if (!failure.isEmpty()) {
            return "unreachable: " + failure;
        }
        return sessions.isEmpty() ? "idle" : "connected";
    }

    private String name() {
        return context.settings().name();
    }
}
