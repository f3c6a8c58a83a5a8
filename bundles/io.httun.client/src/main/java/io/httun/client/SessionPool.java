// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.protocol.BatchLimit;
import io.httun.protocol.PeerId;
import io.netty.channel.EventLoop;
import java.util.Collection;
import java.util.Deque;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands out sessions: one at a time against a stock server, as many as allowed against ours. What the server is shows
 * in its answer to an init; until then, and after a failed init, one session at a time finds out. Thread-safe.
 */
final class SessionPool implements ClientSession.Ended {
    /** What is known of the server. */
    private enum Server {
        UNKNOWN,
        STOCK,
        OURS
    }

    /** A server of ours keeps 8 sessions that were not used yet; a new one is used as soon as it is there. */
    private static final int INITS = 4;

    /** How much longer than a small w a full batch may take, so that it stays far below the time limit. */
    private static final long BATCH_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final Logger LOG = LoggerFactory.getLogger(SessionPool.class);

    private final ClientContext context;
    private final ClientSettings.Limits limits;
    private final TurnGate gate;
    private final TurnGate inits;
    private final AtomicInteger count = new AtomicInteger();
    private final Set<ClientSession> sessions = ConcurrentHashMap.newKeySet();
    private final Deque<UUID> freeSlots = new ConcurrentLinkedDeque<>();
    private final Map<EventLoop, SpareSessions> spares = new ConcurrentHashMap<>();
    private volatile Server server = Server.UNKNOWN;
    private volatile String failure = "";
    private volatile boolean retired;

    SessionPool(ClientContext context) {
        this.context = context;
        this.limits = context.settings().limits();
        this.gate = new TurnGate("tunnel " + name() + ": a stock server carries one connection at a time,", 1);
        this.inits = new TurnGate("tunnel " + name() + ": sessions are opened a few at a time,", INITS);
    }

    /** Asks for a session on this loop, from its thread. */
    void take(EventLoop loop, SessionTaker taker) {
        if (retired) {
            taker.refused(new RefusedException(Cause.UNAVAILABLE, "tunnel " + name() + " has stopped"));
        } else if (server == Server.OURS) {
            takeOfMany(loop, taker);
        } else {
            int limit = server == Server.STOCK ? limits.queue() : limits.sessions();
            boolean waits =
                    gate.enter(loop, limit, limits.queueMillis(), turn -> go(loop, taker, turn), taker::refused);
            if (waits && server == Server.STOCK && context.throttle().permits("turn")) {
                LOG.info(
                        "Client {}: a stock server carries one connection at a time; {} wait for their turn",
                        name(),
                        gate.waiting());
            }
        }
    }

    /** As {@link #take}, but never a session on which something may be under way already. */
    void takeFresh(EventLoop loop, SessionTaker taker) {
        if (server == Server.OURS && !retired) {
            enterInits(loop, taker);
        } else {
            take(loop, taker);
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

    private void takeOfMany(EventLoop loop, SessionTaker taker) {
        ClientSession spare = sparesOf(loop).poll();
        if (spare == null) {
            enterInits(loop, taker);
        } else {
            taker.ready(spare);
            replenish(loop);
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
        UUID slot = free == null
                ? PeerId.of(
                        context.settings().wayOut().capabilities(),
                        ThreadLocalRandom.current().nextLong())
                : free;
        InitAttempt.start(context, loop, slot, new InitAttempt.Then() {
            @Override
            public void ready(InitAttempt.Ready ready) {
                opened(loop, taker, turn, slot, ready);
            }

            @Override
            public void refused(RefusedException refusal) {
                notOpened(taker, turn, refusal);
            }
        });
    }

    private void opened(EventLoop loop, SessionTaker taker, boolean turn, UUID slot, InitAttempt.Ready ready) {
        boolean ours = ready.keys().ours();
        server = ours ? Server.OURS : Server.STOCK;
        failure = "";
        if (retired || taker.isCancelled() || !ours && !turn) {
            ready.link().close();
            ready.keys().destroy();
            count.decrementAndGet();
            giveBack(turn, ours);
            if (!turn) {
                inits.leave();
            }
            if (!taker.isCancelled()) {
                // What was one of ours has become a stock server: wait for the turn.
                take(loop, taker);
            }
            return;
        }
        if (ours) {
            giveBack(turn, true);
        }
        ClientSession session = new ClientSession(
                context, loop, slot, turn && !ours, ready, new BatchLimit(BATCH_NANOS, System::nanoTime), null, this);
        sessions.add(session);
        taker.ready(session);
        if (!turn) {
            inits.leave();
        }
        if (ours) {
            replenish(loop);
        }
    }

    private void giveBack(boolean turn, boolean ours) {
        if (turn && ours) {
            gate.leaveOpen();
        } else if (turn) {
            gate.leave();
        }
    }

    private void notOpened(SessionTaker taker, boolean turn, RefusedException refusal) {
        count.decrementAndGet();
        failure = refusal.getMessage();
        context.counters().refused.increment();
        if (server == Server.OURS) {
            server = Server.UNKNOWN;
        }
        if (context.throttle().permits("init")) {
            LOG.warn("Client: {}", refusal.getMessage());
        }
        (turn ? gate : inits).leaveRefusing(refusal);
        taker.refused(refusal);
    }

    private SpareSessions sparesOf(EventLoop loop) {
        return spares.computeIfAbsent(
                loop, key -> new SpareSessions(context.settings().timeouts().spare()));
    }

    private void replenish(EventLoop loop) {
        SpareSessions own = sparesOf(loop);
        if (retired || own.isOpening() || own.size() >= limits.spare() || count.get() >= limits.sessions()) {
            return;
        }
        own.opening(true);
        enterInits(loop, new SessionTaker() {
            @Override
            public boolean isCancelled() {
                return false;
            }

            @Override
            public void ready(ClientSession session) {
                own.opening(false);
                if (session.keys().ours()) {
                    own.add(session);
                } else {
                    session.end(false);
                }
            }

            @Override
            public void refused(RefusedException refusal) {
                own.opening(false);
            }
        });
    }

    @Override
    public void ended(ClientSession session, boolean normal) {
        sessions.remove(session);
        count.decrementAndGet();
        if (normal) {
            freeSlots.push(session.slot());
        }
        if (session.holdsTurn()) {
            gate.leave();
        }
    }

    /** No new sessions; those in use run on. */
    void retire() {
        retired = true;
        RefusedException stopped = new RefusedException(Cause.UNAVAILABLE, "tunnel " + name() + " has stopped");
        gate.refuseWaiting(stopped);
        inits.refuseWaiting(stopped);
        spares.forEach((loop, own) -> loop.execute(own::endAll));
    }

    Collection<ClientSession> sessions() {
        return sessions;
    }

    /** Connected, idle, or unreachable with the cause. */
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
