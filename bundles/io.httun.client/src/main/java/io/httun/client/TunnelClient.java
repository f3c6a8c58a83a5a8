// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.api.status.ChannelStatus;
import io.httun.api.status.ConnectionStatus;
import io.httun.api.status.SessionStatus;
import io.httun.api.stream.AcceptedStream;
import io.httun.api.stream.StreamConnector;
import io.httun.api.stream.StreamMultiplexer;
import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Target;
import io.httun.api.tunnel.ChannelTester.Progress;
import io.httun.toolkit.status.Trouble;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** One client without OSGi. A changed configuration makes a new one. */
final class TunnelClient {
    private final ClientContext context;
    private final SessionPool pool;
    private final Connections connections;
    private final Pipes pipes;
    private StreamMultiplexer multiplexer;
    private StreamConnector connector;
    private boolean closed;

    TunnelClient(ClientSettings settings, Surroundings surroundings) {
        this.context = ClientContext.of(settings, surroundings);
        this.pipes = new Pipes(context);
        this.pool = new SessionPool(context, pipes::offered);
        this.connections = new Connections(settings.name());
    }

    /** Checks whether the server can be used, before the first connection needs it. */
    void start() {
        EventLoop loop = context.surroundings().loops().group().next();
        ServerCheck check = new ServerCheck(loop, pool, () -> !pipes.failure().isEmpty());
        pipes.whenFailed(check::failed);
        check.start();
    }

    ClientContext context() {
        return context;
    }

    ClientSettings settings() {
        return context.settings();
    }

    /** Connects by a stream if the server has streams, otherwise in a session of its own. */
    Future<Channel> connect(Target target, EventLoop loop) {
        Optional<StreamConnector> streams = streams();
        if (streams.isEmpty()) {
            return lacksMultiplexer() ? loop.newFailedFuture(missing()) : connectBySession(target, loop);
        }
        Promise<Channel> promise = loop.newPromise();
        follow(streams.get().connect(target, loop), promise, failure -> {
            if (failure instanceof NoPipesException) {
                follow(connectBySession(target, loop), promise, promise::tryFailure);
            } else {
                promise.tryFailure(failure);
            }
        });
        return promise;
    }

    /** Whether the server probably has streams, and so resolves names and carries datagrams. */
    boolean hasStreams() {
        return streams().isPresent() || lacksMultiplexer();
    }

    /**
     * Whether the server has streams and only the bundle at this end is missing. A session of the stock wire is no substitute: it
     * cannot carry a reset to the target.
     */
    private synchronized boolean lacksMultiplexer() {
        return multiplexer == null && !closed && pipes.wereAccepted() && !pipes.areRefused();
    }

    private RefusedException missing() {
        return new RefusedException(
                Cause.UNAVAILABLE, "tunnel " + settings().name() + ": the bundle io.httun.streams is missing");
    }

    Future<Channel> openDatagrams(EventLoop loop) {
        return streams()
                .map(connector -> connector.openDatagrams(loop))
                .orElseGet(() -> loop.newFailedFuture(new RefusedException(
                        Cause.UNAVAILABLE, "tunnel " + settings().name() + ": the server carries no datagrams")));
    }

    Future<AcceptedStream> accept(InetSocketAddress listen, EventLoop loop) {
        return streams()
                .map(connector -> connector.accept(listen, loop))
                .orElseGet(() -> loop.newFailedFuture(new RefusedException(
                        Cause.UNAVAILABLE, "tunnel " + settings().name() + ": the server listens for no client")));
    }

    private static void follow(Future<Channel> step, Promise<Channel> promise, Consumer<Throwable> otherwise) {
        promise.addListener(end -> {
            if (end.isCancelled()) {
                step.cancel(false);
            }
        });
        step.addListener((FutureListener<Channel>) connected -> {
            if (!connected.isSuccess()) {
                otherwise.accept(connected.cause());
            } else if (!promise.trySuccess(connected.getNow())) {
                connected.getNow().close();
            }
        });
    }

    /** Empty if each connection needs a session of its own. */
    private synchronized Optional<StreamConnector> streams() {
        StreamMultiplexer now = closed ? null : context.surroundings().streams().get();
        if (now != multiplexer) {
            if (connector != null) {
                connector.close();
            }
            multiplexer = now;
            connector = now == null ? null : now.connector(settings().name(), pipes);
        }
        return connector == null || pipes.areRefused() || pool.hasOneSession()
                ? Optional.empty()
                : Optional.of(connector);
    }

    /** Resolves the name here: a stock server accepts only addresses. */
    private Future<Channel> connectBySession(Target target, EventLoop loop) {
        Promise<Channel> promise = loop.newPromise();
        if (!target.addresses().isEmpty()) {
            takeSession(target, loop, promise);
            return promise;
        }
        context.surroundings().resolver().resolve(target.host(), loop).addListener((FutureListener<List<InetAddress>>)
                resolved -> {
                    if (resolved.isSuccess() && !resolved.getNow().isEmpty()) {
                        takeSession(target.withAddresses(resolved.getNow()), loop, promise);
                    } else {
                        promise.tryFailure(new RefusedException(
                                Cause.UNRESOLVED,
                                "tunnel " + settings().name() + ": " + target.host() + " has no address"));
                    }
                });
        return promise;
    }

    private void takeSession(Target target, EventLoop loop, Promise<Channel> promise) {
        InetSocketAddress address = new InetSocketAddress(
                settings().family().order(target.addresses()).get(0), target.port());
        onLoop(
                loop,
                () -> pool.take(loop, new SessionTaker() {
                    @Override
                    public boolean isCancelled() {
                        return promise.isDone();
                    }

                    @Override
                    public void ready(ClientSession session) {
                        if (lacksMultiplexer()) {
                            session.finish();
                            promise.tryFailure(missing());
                        } else {
                            open(session, target, address, promise);
                        }
                    }

                    @Override
                    public void refused(RefusedException refusal) {
                        promise.tryFailure(refusal);
                    }
                }));
    }

    private void open(ClientSession session, Target target, InetSocketAddress address, Promise<Channel> promise) {
        TunnelChannel channel = new TunnelChannel(session, address);
        session.owner(channel);
        session.loop().register(channel).addListener(registered -> {
            if (registered.isSuccess()) {
                connections.opened(channel, target);
                if (promise.trySuccess(channel)) {
                    // The new owner adds its handlers before the first data can arrive.
                    channel.start();
                } else {
                    channel.close();
                }
            } else {
                session.finish();
                promise.tryFailure(
                        new RefusedException(Cause.FAILED, registered.cause().getMessage()));
            }
        });
    }

    /** Tests with streams if the server has streams, otherwise with the test operations in a session of its own. */
    Future<Void> test(Duration period, long count, Consumer<Progress> progress) {
        EventLoop loop = context.surroundings().loops().group().next();
        Promise<Void> promise = loop.newPromise();
        Runnable bySession = () -> {
            TestRun run = new TestRun(loop, period, count, progress, promise);
            onLoop(loop, () -> pool.take(loop, run));
        };
        streams()
                .ifPresentOrElse(
                        connector -> new StreamTest(loop, period, count, progress, promise).start(connector, bySession),
                        bySession);
        return promise;
    }

    private static void onLoop(EventLoop loop, Runnable work) {
        if (loop.inEventLoop()) {
            work.run();
        } else {
            loop.execute(work);
        }
    }

    /** Accepts no new connections; existing ones continue. */
    void retire() {
        pool.retire();
        pipes.retire();
        retireConnector();
    }

    boolean isIdle() {
        return pool.sessions().isEmpty() && pipes.sessions().isEmpty();
    }

    /** Resets every connection and closes every socket. Returns immediately; see {@link #isIdle}. */
    void close() {
        retire();
        closeStreams();
        HttunException cause = new HttunException("tunnel " + settings().name() + " has stopped");
        pool.sessions().forEach(session -> session.loop().execute(() -> session.stop(cause)));
        pipes.sessions().forEach(session -> session.loop().execute(session::finish));
    }

    private synchronized void retireConnector() {
        if (connector != null) {
            connector.retire();
        }
    }

    /** Releases the connector of the streams bundle, which otherwise keeps the classes of this bundle. */
    private synchronized void closeStreams() {
        closed = true;
        streams();
    }

    boolean closeSession(String id) {
        HttunException cause = new HttunException("the session was closed by the administrator");
        return pool.sessions().stream()
                        .filter(session -> session.id().equals(id))
                        .peek(session -> session.loop().execute(() -> session.lose(cause)))
                        .findFirst()
                        .isPresent()
                || pipes.sessions().stream()
                        .filter(session -> session.id().equals(id))
                        .peek(session -> session.loop().execute(() -> session.lose(cause)))
                        .findFirst()
                        .isPresent();
    }

    boolean closeConnection(String id) {
        return connections.close(id);
    }

    Stream<SessionStatus> sessions() {
        return Stream.concat(
                pool.sessions().stream().map(ClientSession::status),
                pipes.sessions().stream().map(PipeSession::status));
    }

    List<ConnectionStatus> openConnections() {
        return connections.open();
    }

    List<ConnectionStatus> closedConnections() {
        return connections.closed();
    }

    ChannelStatus status() {
        return status(state(), pool.sessions().size() + pipes.sessions().size());
    }

    private synchronized int streamCount() {
        return connector == null ? 0 : connector.streams();
    }

    /** Returns the state of the pipes, if there are any, otherwise that of the sessions. */
    private String state() {
        if (!pipes.failure().isEmpty() && pipes.sessions().isEmpty()) {
            return "unreachable: " + pipes.failure();
        }
        if (pipes.failure().contains(Trouble.DRAINING.what())) {
            return "takes no new connections: " + pipes.failure();
        }
        return pipes.sessions().stream()
                .map(PipeSession::state)
                .filter(state -> state.startsWith("reconnecting"))
                .findFirst()
                .orElseGet(() -> pipes.sessions().isEmpty() ? pool.state() : "connected");
    }

    ChannelStatus status(String state, int sessions) {
        Counters counters = context.counters();
        return new ChannelStatus(
                "client",
                settings().name(),
                settings().id(),
                state,
                sessions,
                connections.count() + streamCount(),
                counters.requests.sum(),
                counters.framesIn.sum(),
                counters.framesOut.sum(),
                counters.bytesIn.sum(),
                counters.bytesOut.sum(),
                counters.refused.sum(),
                context.path().text());
    }
}
