// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.relay.RelayConnection;
import io.httun.api.relay.RelayOrigin;
import io.httun.api.status.Problem;
import io.httun.api.status.ReverseStatus;
import io.httun.api.stream.AcceptedStream;
import io.httun.api.stream.StreamAcceptor;
import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Target;
import io.httun.api.target.TargetConnector;
import io.httun.toolkit.listen.OpenDoor;
import io.httun.toolkit.tunnel.BulkSockets;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.NetUtil;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A port of the server whose connections go to a target at this side. A configured number of requests wait for
 * connections; a refused request is repeated after a pause that doubles. Thread-safe.
 */
final class ReversePort {
    private static final Logger LOG = LoggerFactory.getLogger(ReversePort.class);
    private static final long FIRST_PAUSE_MILLIS = 250;
    private static final long LONGEST_PAUSE_MILLIS = 15_000;
    /** A server refuses within a round trip, and says nothing when it listens. */
    private static final long REFUSED_WITHIN_MILLIS = 1_000;

    private static final String NOT_LISTENING = "not listening: ";

    private final ListenerParts parts;
    private final RelayOrigin origin;
    private final Supplier<StreamAcceptor> client;
    private final Set<Future<AcceptedStream>> waiting = new HashSet<>();
    private final OpenDoor door = new OpenDoor(LOG);
    private ReverseSettings settings;
    private int generation;
    private int pausing;
    private boolean stopped;
    private long pauseMillis = FIRST_PAUSE_MILLIS;
    private volatile String state = "starting";

    /**
     * @param client returns null while the client is not available
     * @param connector returns null while the connector is not available
     */
    ReversePort(
            ListenerParts parts,
            ReverseSettings settings,
            Supplier<StreamAcceptor> client,
            Supplier<TargetConnector> connector) {
        this.parts = parts;
        this.settings = settings;
        this.client = client;
        this.origin = parts.engine().open(settings.relay(), connector);
    }

    RelayOrigin origin() {
        return origin;
    }

    void start() {
        look();
        fill();
    }

    private void look() {
        door.change(
                "reverse " + settings.name(),
                settings.letsEveryoneIn(),
                settings.listenText(),
                "listen on 127.0.0.1 of the server, or configure filters with rules on source=");
    }

    List<Problem> problems() {
        return door.problems();
    }

    /** Applies new settings; open connections continue. */
    synchronized void change(ReverseSettings next) {
        boolean elsewhere = !next.listen().equals(settings.listen()) || next.waiting() != settings.waiting();
        settings = next;
        origin.change(next.relay());
        look();
        if (elsewhere) {
            renew();
        }
    }

    /** Repeats the waiting requests, as after a change of the client. */
    synchronized void renew() {
        generation++;
        pausing = 0;
        state = "starting";
        pauseMillis = FIRST_PAUSE_MILLIS;
        List<Future<AcceptedStream>> old = List.copyOf(waiting);
        waiting.clear();
        old.forEach(one -> one.cancel(false));
        fill();
    }

    private synchronized void fill() {
        while (!stopped && waiting.size() + pausing < settings.waiting()) {
            ask();
        }
    }

    private void ask() {
        EventLoop loop = parts.loops().group().next();
        StreamAcceptor acceptor = client.get();
        Future<AcceptedStream> one = acceptor == null
                ? loop.newFailedFuture(new RefusedException(Cause.UNAVAILABLE, "the client is not available"))
                : acceptor.accept(settings.listen(), loop);
        waiting.add(one);
        if (!one.isDone() && !state.startsWith(NOT_LISTENING)) {
            state = "waiting";
        }
        int mine = generation;
        one.addListener((FutureListener<AcceptedStream>) answer -> answered(mine, answer));
    }

    private void answered(int mine, Future<AcceptedStream> answer) {
        if (answer.isSuccess()) {
            take(answer.getNow());
        }
        synchronized (this) {
            waiting.remove(answer);
            if (mine != generation || stopped) {
                return;
            }
            if (!answer.isSuccess()) {
                failed(mine, String.valueOf(answer.cause().getMessage()));
                return;
            }
            pauseMillis = FIRST_PAUSE_MILLIS;
            state = "waiting";
        }
        fill();
    }

    private void failed(int mine, String why) {
        String now = NOT_LISTENING + why;
        if (!now.equals(state)) {
            LOG.warn("Reverse {}: {} at the server: {}", settings.name(), settings.listenText(), why);
        }
        state = now;
        pausing++;
        if (pausing == 1) {
            parts.loops().group().schedule(() -> again(mine), pauseMillis, TimeUnit.MILLISECONDS);
            pauseMillis = Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
        }
    }

    private void again(int mine) {
        synchronized (this) {
            if (mine != generation) {
                return;
            }
            pausing = 0;
        }
        fill();
        parts.loops().group().schedule(() -> notRefused(mine), REFUSED_WITHIN_MILLIS, TimeUnit.MILLISECONDS);
    }

    private synchronized void notRefused(int mine) {
        if (mine == generation && pausing == 0 && !waiting.isEmpty()) {
            state = "waiting";
        }
    }

    private void take(AcceptedStream stream) {
        String source = stream.peer()
                .map(peer -> NetUtil.toAddressString(peer.getAddress()))
                .orElse("");
        Optional<RelayConnection> accepted = origin.accept(stream.channel(), source);
        if (accepted.isEmpty()) {
            BulkSockets.reset(stream.channel());
            return;
        }
        Inbound inbound = new Inbound(stream.channel(), accepted.get());
        stream.channel().pipeline().addLast(inbound);
        accepted.get().open(target(), inbound);
    }

    private synchronized Target target() {
        return settings.target();
    }

    void stop() {
        synchronized (this) {
            stopped = true;
            List.copyOf(waiting).forEach(one -> one.cancel(false));
            waiting.clear();
        }
        origin.close();
    }

    synchronized ReverseStatus status() {
        return new ReverseStatus(
                settings.name(),
                "client",
                settings.listenText(),
                settings.target().toString(),
                state,
                waiting.size(),
                origin.open(),
                origin.accepted());
    }

    /** A connection that arrived at the server, until its target is connected. */
    private static final class Inbound extends ChannelInboundHandlerAdapter implements RelayConnection.Opening {
        private final Channel channel;
        private final RelayConnection connection;
        private final List<ByteBuf> early = new ArrayList<>();
        private boolean ended;

        Inbound(Channel channel, RelayConnection connection) {
            this.channel = channel;
            this.connection = connection;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof ByteBuf bytes) {
                early.add(bytes);
            } else {
                ReferenceCountUtil.release(message);
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            ended |= event instanceof ChannelInputShutdownEvent;
        }

        @Override
        public void opened(Channel target) {
            List<ByteBuf> first = List.copyOf(early);
            early.clear();
            connection.relay(this, first, ended);
        }

        /** The protocol has no refusal: the peer sees a reset. */
        @Override
        public void refused(Cause cause) {
            BulkSockets.reset(channel);
        }

        @Override
        public void handlerRemoved(ChannelHandlerContext ctx) {
            early.forEach(ByteBuf::release);
            early.clear();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable failure) {
            ctx.close();
        }
    }
}
