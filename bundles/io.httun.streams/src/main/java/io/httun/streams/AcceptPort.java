// SPDX-License-Identifier: Apache-2.0
package io.httun.streams;

import io.httun.api.relay.RelayOrigin;
import io.httun.api.tunnel.EventLoops;
import io.httun.toolkit.listen.ListenAddress;
import io.httun.toolkit.listen.ListeningSocket;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ServerChannelRecvByteBufAllocator;
import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A port that a channel's clients listen on. One connection is accepted for each stream that waits; the next ones stay in the kernel's backlog.
 * It is bound while there are streams, and for a minute afterwards, so that a client that comes back finds it. Thread-safe.
 */
final class AcceptPort {
    private static final Logger LOG = LoggerFactory.getLogger(AcceptPort.class);
    private static final int BACKLOG = 128;

    /** A stream that waits for a connection. */
    interface Waiting {
        /** On the acceptor's event loop: takes the connection, which is not registered yet. */
        void accepted(SocketChannel connection);

        /** On any thread: there is no such port. */
        void failed(boolean taken, String why);

        /** Whether it is a stream of this pipe. */
        boolean isIn(Channel pipe);
    }

    private final EventLoops loops;
    private final long keptSeconds;
    private final InetSocketAddress address;
    private final RelayOrigin owner;
    private final Consumer<AcceptPort> gone;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private final Deque<SocketChannel> parked = new ArrayDeque<>();
    private Channel server;
    private boolean closed;
    private int streams;
    private int generation;
    private long accepted;

    /**
     * @param keptSeconds how long it is bound without streams
     * @param gone told when the port is closed
     */
    AcceptPort(
            EventLoops loops,
            long keptSeconds,
            InetSocketAddress address,
            RelayOrigin owner,
            Consumer<AcceptPort> gone) {
        this.loops = loops;
        this.keptSeconds = keptSeconds;
        this.address = address;
        this.owner = owner;
        this.gone = gone;
        new Bootstrap()
                .group(loops.group().next())
                .channel(loops.serverSocketChannel())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.RECVBUF_ALLOCATOR, new ServerChannelRecvByteBufAllocator().maxMessagesPerRead(1))
                .handler(new Acceptor())
                .bind(address)
                .addListener((ChannelFutureListener) this::bound);
    }

    RelayOrigin owner() {
        return owner;
    }

    String address() {
        return ListenAddress.text(address);
    }

    synchronized int waiting() {
        return waiting.size();
    }

    /** Streams that wait or carry a connection. */
    synchronized int streams() {
        return streams;
    }

    synchronized long accepted() {
        return accepted;
    }

    private void bound(ChannelFuture end) {
        if (!end.isSuccess()) {
            String why = ListeningSocket.why(end.cause());
            LOG.info("A client cannot listen on {}: {}", address(), why);
            fail(ListeningSocket.isTaken(end.cause()), why);
            return;
        }
        synchronized (this) {
            server = end.channel();
            if (closed) {
                server.close();
                return;
            }
        }
        LOG.info("A client listens on {}", address());
        next();
    }

    private void fail(boolean taken, String why) {
        Deque<Waiting> left;
        synchronized (this) {
            closed = true;
            left = new ArrayDeque<>(waiting);
            waiting.clear();
        }
        gone.accept(this);
        left.forEach(stream -> stream.failed(taken, why));
    }

    /** A stream waits for a connection; {@link #ended} follows. Answers false where the port has just gone. */
    synchronized boolean add(Waiting stream) {
        if (closed) {
            return false;
        }
        streams++;
        generation++;
        putBack(stream);
        return true;
    }

    /** A stream waits again: what it was given could not be taken. */
    synchronized void putBack(Waiting stream) {
        waiting.add(stream);
        next();
    }

    /** A stream has ended, whether it had a connection or not. */
    synchronized void ended(Waiting stream) {
        waiting.remove(stream);
        streams--;
        if (streams == 0) {
            int now = ++generation;
            loops.group().schedule(() -> closeIfUnused(now), keptSeconds, TimeUnit.SECONDS);
        }
    }

    /** Refuses the streams of one pipe that wait, and with the last one the port closes; those with a connection go on. */
    void drain(Channel pipe) {
        List<Waiting> left;
        boolean last;
        synchronized (this) {
            left = waiting.stream().filter(stream -> stream.isIn(pipe)).toList();
            waiting.removeAll(left);
            last = !left.isEmpty() && waiting.isEmpty();
        }
        left.forEach(stream -> stream.failed(false, "the server is drained"));
        if (last) {
            close();
        }
    }

    private void closeIfUnused(int since) {
        synchronized (this) {
            if (since != generation) {
                return;
            }
        }
        close();
    }

    void close() {
        fail(false, "the port was closed");
        synchronized (this) {
            parked.forEach(connection -> connection.unsafe().closeForcibly());
            parked.clear();
            if (server != null) {
                server.close();
            }
        }
    }

    private synchronized void next() {
        if (waiting.isEmpty() || server == null || closed) {
            return;
        }
        SocketChannel connection = parked.poll();
        if (connection == null) {
            server.read();
        } else {
            give(waiting.poll(), connection);
        }
    }

    private void give(Waiting stream, SocketChannel connection) {
        accepted++;
        stream.accepted(connection);
    }

    private synchronized void take(SocketChannel connection) {
        if (closed) {
            connection.unsafe().closeForcibly();
        } else if (waiting.isEmpty()) {
            parked.add(connection);
        } else {
            give(waiting.poll(), connection);
        }
        next();
    }

    private final class Acceptor extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            take((SocketChannel) message);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable failure) {
            // Such as too many open files: the next stream that waits asks again.
            LOG.warn("{} cannot accept: {}", address(), failure.toString());
        }
    }
}
