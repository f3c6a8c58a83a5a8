// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.api.status.StatusSource.ChannelStatus;
import io.httun.api.status.StatusSource.ConnectionStatus;
import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Target;
import io.httun.api.tunnel.ChannelTester.Progress;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

/** One client as configured, without OSGi. When its configuration changes another one takes its place. */
final class TunnelClient {
    private final ClientContext context;
    private final SessionPool pool;
    private final Connections connections;

    TunnelClient(ClientSettings settings, Surroundings surroundings) {
        this.context = ClientContext.of(settings, surroundings);
        this.pool = new SessionPool(context);
        this.connections = new Connections(settings.name());
    }

    ClientContext context() {
        return context;
    }

    ClientSettings settings() {
        return context.settings();
    }

    Future<Channel> connect(Target target, EventLoop loop) {
        Promise<Channel> promise = loop.newPromise();
        if (target.addresses().isEmpty()) {
            return promise.setFailure(new RefusedException(
                    Cause.UNRESOLVED, "tunnel " + settings().name() + ": " + target.host() + " has no address"));
        }
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
                        open(session, target, address, promise);
                    }

                    @Override
                    public void refused(RefusedException refusal) {
                        promise.tryFailure(refusal);
                    }
                }));
        return promise;
    }

    private void open(ClientSession session, Target target, InetSocketAddress address, Promise<Channel> promise) {
        TunnelChannel channel = new TunnelChannel(session, address);
        session.owner(channel);
        session.loop().register(channel).addListener(registered -> {
            if (registered.isSuccess()) {
                connections.opened(channel, target);
                if (promise.trySuccess(channel)) {
                    // The new owner has its handlers in place before anything can come.
                    channel.start();
                } else {
                    channel.close();
                }
            } else {
                session.end(false);
                promise.tryFailure(
                        new RefusedException(Cause.FAILED, registered.cause().getMessage()));
            }
        });
    }

    Future<Void> test(Duration period, long count, Consumer<Progress> progress) {
        EventLoop loop = context.surroundings().loops().group().next();
        TestRun run = new TestRun(loop, period, count, progress);
        onLoop(loop, () -> pool.takeFresh(loop, run));
        return run.promise();
    }

    private static void onLoop(EventLoop loop, Runnable work) {
        if (loop.inEventLoop()) {
            work.run();
        } else {
            loop.execute(work);
        }
    }

    /** Takes no new connections; those there are run on. */
    void retire() {
        pool.retire();
    }

    boolean isIdle() {
        return pool.sessions().isEmpty();
    }

    /** Resets every connection and closes every socket. Returns at once; see {@link #isIdle}. */
    void close() {
        pool.retire();
        HttunException cause = new HttunException("tunnel " + settings().name() + " has stopped");
        pool.sessions().forEach(session -> session.loop().execute(() -> session.stop(cause)));
    }

    boolean closeSession(String id) {
        HttunException cause = new HttunException("the session was closed by the administrator");
        return pool.sessions().stream()
                .filter(session -> session.id().equals(id))
                .peek(session -> session.loop().execute(() -> session.lose(cause)))
                .findFirst()
                .isPresent();
    }

    boolean closeConnection(String id) {
        return connections.close(id);
    }

    Collection<ClientSession> sessions() {
        return pool.sessions();
    }

    List<ConnectionStatus> openConnections() {
        return connections.open();
    }

    List<ConnectionStatus> closedConnections() {
        return connections.closed();
    }

    ChannelStatus status() {
        return status(pool.state(), pool.sessions().size());
    }

    ChannelStatus status(String state, int sessions) {
        Counters counters = context.counters();
        return new ChannelStatus(
                "client",
                settings().name(),
                settings().id(),
                state,
                sessions,
                connections.count(),
                counters.requests.sum(),
                counters.framesIn.sum(),
                counters.framesOut.sum(),
                counters.bytesIn.sum(),
                counters.bytesOut.sum(),
                counters.refused.sum());
    }
}
