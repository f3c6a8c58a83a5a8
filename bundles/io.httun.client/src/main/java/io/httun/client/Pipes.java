// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.stream.PipeSource;
import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.protocol.PeerId;
import io.httun.toolkit.pipe.PipeChannel;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import io.netty.util.concurrent.Promise;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/** The pipes of one client, each in a session of its own. Thread-safe. */
final class Pipes implements PipeSource {
    private static final int CAPABILITIES = PeerId.SESSIONS | PeerId.BATCH | PeerId.PARALLEL | PeerId.PIPE;

    /** The server according to its last answer. */
    private enum Server {
        UNKNOWN,
        PIPES,
        NO_PIPES
    }

    private final ClientContext context;
    private final Set<PipeSession> sessions = ConcurrentHashMap.newKeySet();
    private volatile Server server = Server.UNKNOWN;
    private volatile boolean retired;
    /** The result of the init that finds out whether the server has pipes. */
    private Promise<Channel> probe;

    private volatile String failure = "";
    private volatile Runnable whenFailed = () -> {};
    private final PathLearner learner;

    Pipes(ClientContext context) {
        this.context = context;
        this.learner = PathLearner.of(context);
        context.path().whenLearnt(this::limitsChanged);
    }

    /** Whether the server has no pipes according to its last answer, or the configuration excludes them. */
    boolean areRefused() {
        WayOut way = context.settings().wayOut();
        return server == Server.NO_PIPES || !way.batches() || !way.pipes().enabled();
    }

    /** Whether the server has pipes according to its last answer. */
    boolean wereAccepted() {
        return server == Server.PIPES;
    }

    /** The server has answered the init of another session that it has pipes. */
    void offered() {
        failure = "";
        server = Server.PIPES;
    }

    @Override
    public Future<Channel> open(EventLoop loop) {
        Promise<Channel> promise = loop.newPromise();
        loop.execute(() -> open(loop, promise));
        return promise;
    }

    private void open(EventLoop loop, Promise<Channel> promise) {
        Optional<PipeSession> free = sessions.stream()
                .filter(session -> session.loop() == loop && session.isFree())
                .findFirst();
        if (retired) {
            promise.tryFailure(stopped());
        } else if (free.isPresent()) {
            attach(free.get(), promise);
        } else {
            begin(loop, promise);
        }
    }

    private void begin(EventLoop loop, Promise<Channel> promise) {
        Optional<Future<Channel>> other = probedBy(promise);
        if (other.isEmpty()) {
            init(loop, promise);
            return;
        }
        other.get().addListener((FutureListener<Channel>) probed -> loop.execute(() -> {
            if (probed.isSuccess() || probed.isCancelled()) {
                init(loop, promise);
            } else {
                promise.tryFailure(probed.cause());
            }
        }));
    }

    /**
     * While it is unknown whether the server has pipes, only one init at a time runs: on a stock server each init ends the session before
     * it, and that session's connection.
     *
     * @return the running init; empty if there is none, or it is this one
     */
    private synchronized Optional<Future<Channel>> probedBy(Promise<Channel> promise) {
        if (server != Server.UNKNOWN) {
            return Optional.empty();
        }
        if (probe != null && !probe.isDone()) {
            return Optional.of(probe);
        }
        probe = promise;
        return Optional.empty();
    }

    private void init(EventLoop loop, Promise<Channel> promise) {
        if (server == Server.NO_PIPES) {
            promise.tryFailure(new NoPipesException());
            return;
        }
        UUID slot = PeerId.of(CAPABILITIES, ThreadLocalRandom.current().nextLong());
        InitAttempt.start(context, loop, slot, new InitAttempt.Then() {
            @Override
            public void ready(InitAttempt.Ready ready) {
                opened(loop, slot, ready, promise);
            }

            @Override
            public void refused(RefusedException refusal) {
                failure = refusal.getMessage();
                context.counters().refused.increment();
                context.log().warn("init", "Client: {}", refusal.getMessage());
                promise.tryFailure(refusal);
                whenFailed.run();
            }
        });
    }

    private void opened(EventLoop loop, UUID slot, InitAttempt.Ready ready, Promise<Channel> promise) {
        failure = "";
        boolean pipes = ready.keys().peer().pipes();
        server = pipes ? Server.PIPES : Server.NO_PIPES;
        if (!pipes || retired || promise.isDone()) {
            ready.discard();
            promise.tryFailure(pipes ? stopped() : new NoPipesException());
            return;
        }
        PipeSession session = new PipeSession(context, loop, this, slot, ready);
        sessions.add(session);
        shareLimits();
        attach(session, promise);
    }

    private static void attach(PipeSession session, Promise<Channel> promise) {
        PipeChannel channel = session.attach();
        session.loop().register(channel).addListener(registered -> {
            if (registered.isSuccess() && promise.trySuccess(channel)) {
                session.pump();
            } else {
                channel.close();
            }
        });
    }

    private RefusedException stopped() {
        return new RefusedException(
                Cause.UNAVAILABLE, "tunnel " + context.settings().name() + " has stopped");
    }

    /** Opens no more pipes, and ends the unused ones. */
    void retire() {
        retired = true;
        learner.close();
        sessions.forEach(session -> session.loop().execute(session::finishIfFree));
    }

    boolean areRetired() {
        return retired;
    }

    void ended(PipeSession session) {
        sessions.remove(session);
        shareLimits();
    }

    /** The pipes share the connections that the path allows. */
    private void shareLimits() {
        if (context.path().isLimited()) {
            limitsChanged();
        }
    }

    private void limitsChanged() {
        sessions.forEach(session -> session.loop().execute(session::limitsChanged));
    }

    PathLearner learner() {
        return learner;
    }

    Collection<PipeSession> sessions() {
        return sessions;
    }

    /** Told of every init that fails. */
    void whenFailed(Runnable told) {
        whenFailed = told;
    }

    /** Why the last pipe could not be opened; empty if it could. */
    String failure() {
        return failure;
    }
}
