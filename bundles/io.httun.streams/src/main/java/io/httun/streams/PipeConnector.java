// SPDX-License-Identifier: Apache-2.0
package io.httun.streams;

import io.httun.api.status.PipeStatus;
import io.httun.api.status.StreamStatus;
import io.httun.api.stream.AcceptedStream;
import io.httun.api.stream.PipeSource;
import io.httun.api.stream.StreamConnector;
import io.httun.api.target.Admitted;
import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.RequestContext;
import io.httun.api.target.Target;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.ChannelGroupFuture;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The client's half: one pipe per event loop, so that a stream stays on the loop of its local connection. */
final class PipeConnector implements StreamConnector {
    /** How long a pipe without streams is kept ({@code wire/streams.md}). */
    private static final long IDLE_SECONDS = 300;

    private final String name;
    private final PipeSource source;
    private final Consumer<StreamConnector> closing;
    private final Map<EventLoop, Slot> slots = new ConcurrentHashMap<>();
    /** Pipes, those that drain among them. */
    private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);

    /** Ways for datagrams. */
    private final ChannelGroup ways = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);

    private final AtomicInteger streams = new AtomicInteger();
    private volatile boolean closed;

    /** The pipe of one event loop, to be used there only. */
    private final class Slot {
        private final EventLoop loop;
        private Future<ClientPipe> pipe;

        Slot(EventLoop loop) {
            this.loop = loop;
        }

        Future<ClientPipe> pipe() {
            boolean usable = pipe != null
                    && (!pipe.isDone() || pipe.isSuccess() && pipe.getNow().isOpen());
            if (!usable) {
                pipe = open();
            }
            return pipe;
        }

        private Future<ClientPipe> open() {
            Promise<ClientPipe> opening = loop.newPromise();
            source.open(loop).addListener((FutureListener<Channel>) opened -> {
                if (!opened.isSuccess()) {
                    opening.setFailure(opened.cause());
                } else if (closed) {
                    opened.getNow().close();
                    opening.setFailure(stopped());
                } else {
                    open.add(opened.getNow());
                    opening.setSuccess(new ClientPipe(opened.getNow(), IDLE_SECONDS));
                }
            });
            return opening;
        }

        void drain() {
            if (pipe != null) {
                pipe.addListener((FutureListener<ClientPipe>) opened -> {
                    if (opened.isSuccess()) {
                        opened.getNow().drain();
                    }
                });
            }
        }
    }

    PipeConnector(String name, PipeSource source, Consumer<StreamConnector> closing) {
        this.name = name;
        this.source = source;
        this.closing = closing;
    }

    @Override
    public boolean takesNames() {
        return true;
    }

    @Override
    public Future<Channel> connect(Target target, EventLoop loop) {
        Promise<Channel> promise = loop.newPromise();
        open(loop, new StreamRequest.Connection(target), requested -> {}, promise);
        return promise;
    }

    @Override
    public boolean takesDatagrams() {
        return true;
    }

    /** Needs no pipe before the first datagram. */
    @Override
    public Future<Channel> openDatagrams(EventLoop loop) {
        StreamDatagrams datagrams =
                new StreamDatagrams(loop, (request, requested, answered) -> open(loop, request, requested, answered));
        Promise<Channel> promise = loop.newPromise();
        loop.register(datagrams.channel()).addListener(registered -> {
            ways.add(datagrams.channel());
            if (closed) {
                datagrams.channel().close();
                promise.tryFailure(stopped());
            } else if (!promise.trySuccess(datagrams.channel())) {
                datagrams.channel().close();
            }
        });
        return promise;
    }

    @Override
    public Future<AcceptedStream> accept(InetSocketAddress listen, EventLoop loop) {
        Promise<AcceptedStream> result = loop.newPromise();
        Promise<Channel> answered = loop.newPromise();
        result.addListener(end -> {
            if (end.isCancelled()) {
                answered.cancel(false);
            }
        });
        answered.addListener((FutureListener<Channel>) answer -> {
            if (!answer.isSuccess()) {
                result.tryFailure(answer.cause());
            } else if (!result.trySuccess(new AcceptedStream(answer.getNow(), StreamAnswer.peer(answer.getNow())))) {
                answer.getNow().close();
            }
        });
        open(loop, new StreamRequest.Accept(listen), requested -> {}, answered);
        return result;
    }

    @Override
    public Future<Channel> echo(EventLoop loop) {
        Promise<Channel> promise = loop.newPromise();
        open(loop, new StreamRequest.Echo(), requested -> {}, promise);
        return promise;
    }

    private void open(EventLoop loop, StreamRequest request, Consumer<Channel> requested, Promise<Channel> promise) {
        if (loop.inEventLoop()) {
            openNow(loop, request, requested, promise);
        } else {
            loop.execute(() -> openNow(loop, request, requested, promise));
        }
    }

    /** The server resolves the name anew, so there is no need to wait for addresses that are still on their way here. */
    @Override
    public Future<Channel> connect(Admitted admitted, RequestContext context, EventLoop loop) {
        return connect(admitted.known(), context, loop);
    }

    private void openNow(EventLoop loop, StreamRequest request, Consumer<Channel> requested, Promise<Channel> promise) {
        if (closed) {
            promise.tryFailure(stopped());
            return;
        }
        streams.incrementAndGet();
        promise.addListener((FutureListener<Channel>) connected -> {
            if (connected.isSuccess()) {
                connected.getNow().closeFuture().addListener(end -> streams.decrementAndGet());
            } else {
                streams.decrementAndGet();
            }
        });
        slots.computeIfAbsent(loop, Slot::new).pipe().addListener((FutureListener<ClientPipe>) pipe -> {
            if (promise.isDone()) {
                return;
            }
            if (pipe.isSuccess()) {
                pipe.getNow().open(request, requested, promise);
            } else {
                promise.tryFailure(pipe.cause());
            }
        });
    }

    private RefusedException stopped() {
        return new RefusedException(Cause.UNAVAILABLE, "client " + name + ": streams have stopped");
    }

    Stream<PipeStatus> pipes() {
        return open.stream().map(pipe -> PipeStreams.pipe(name, "client", pipe));
    }

    Stream<StreamStatus> streamStatus() {
        return open.stream().flatMap(pipe -> PipeStreams.streams("client", pipe));
    }

    @Override
    public int streams() {
        return streams.get();
    }

    @Override
    public void retire() {
        slots.forEach((loop, slot) -> loop.execute(slot::drain));
        open.newCloseFuture().addListener(all -> closing.accept(this));
    }

    @Override
    public void close() {
        stop();
    }

    /** As {@link #close}; done when nothing is open any more. */
    ChannelGroupFuture stop() {
        closed = true;
        closing.accept(this);
        ways.close();
        return open.close();
    }
}
