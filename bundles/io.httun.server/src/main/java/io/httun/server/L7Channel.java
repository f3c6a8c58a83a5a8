// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.relay.EndCause;
import io.httun.api.relay.RelayConnection;
import io.httun.api.target.Target;
import io.httun.protocol.FrameSource;
import io.httun.toolkit.carried.CarriedChannelConfig;
import io.httun.toolkit.carried.ConnectedChannel;
import io.httun.toolkit.tunnel.BulkSockets;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's connection to a target, from the first container for it to its end, as a channel for the relay: what arrives in
 * frames is read from it, what is written to it waits in {@link L7Queues} until a reply carries it.
 */
final class L7Channel extends ConnectedChannel implements FrameSource {
    private static final Logger LOG = LoggerFactory.getLogger(L7Channel.class);

    /** Bytes written but not yet queued for the client: above the high mark the target is not read, below the low mark it is again. */
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(64 << 10, 128 << 10);

    private final CarriedChannelConfig config = new CarriedChannelConfig(this);
    private final ChannelOutboundBuffer outbound = unsafe().outboundBuffer();
    private final EventLoop loop;
    private final L7Queues queues;
    private final Session owner;
    private volatile long lastBytes = System.nanoTime();
    private volatile boolean closed;

    // Used on the loop only
    private L7Negotiation negotiation;
    private boolean readPending;
    private boolean delivering;
    private boolean inputShutdown;
    private boolean released;

    L7Channel(QueueBudget budget, Session owner, InetAddress address, int port) {
        this.owner = owner;
        this.loop = owner.loop();
        this.queues = new L7Queues(budget, address, port);
        config.setWriteBufferWaterMark(WATER_MARK);
    }

    void start() {
        String source = owner.peer();
        onLoop(() -> {
            loop.register(this);
            negotiation = new L7Negotiation(this, owner.channel(), Target.of(queues.address(), queues.port()));
            negotiation.start(source);
        });
    }

    // ---- from the client, any thread ----

    L7Queues queues() {
        return queues;
    }

    /** Takes bytes for the target; drops them once it cannot get them. */
    void take(ByteBuf data) {
        lastBytes = System.nanoTime();
        if (queues.take(data)) {
            onLoop(this::deliver);
        }
    }

    /** The client sends no more: the target's input ends after all bytes. */
    void closeByClient() {
        queues.closeByClient();
        onLoop(this::deliver);
    }

    /** Another connection replaces this one: bytes that were taken are still written. */
    void release() {
        queues.release();
        onLoop(() -> {
            released = true;
            flushWaiting();
            deliver();
        });
    }

    /** Ends at once, with a reset of the target, as the session has ended. */
    void abort(String why) {
        queues.abort();
        onLoop(() -> end(EndCause.CLIENT_FAILED, why));
    }

    /**
     * Ends the connection if nothing has happened on it for too long. Time in which one side does not take what the other has
     * sent does not count.
     */
    void endIfIdle(long now) {
        long idle = owner.channel().settings().idle().toNanos();
        SessionOutbox outbox = owner.outbox();
        boolean asked = outbox.isAsked() || owner.isPaused() || now - owner.lastUsed() < idle;
        if (queues.isBlocked()) {
            lastBytes = now;
        }
        boolean waitedFor = asked && queues.mayWait();
        if (now - lastBytes >= idle && !waitedFor) {
            onLoop(() -> {
                if (negotiation.isRelaying() && !config.isAutoRead()) {
                    // The target does not take what it was sent.
                    lastBytes = System.nanoTime();
                } else {
                    end(
                            EndCause.IDLE,
                            "idle for " + owner.channel().settings().idle().toSeconds() + " s");
                }
            });
        }
    }

    private void end(EndCause cause, String why) {
        RelayConnection connection = negotiation.connection();
        if (connection == null) {
            close();
        } else if (!closed) {
            connection.end(cause, why);
        }
    }

    // ---- to the client, any thread ----

    @Override
    public int waiting() {
        return queues.waiting();
    }

    @Override
    public boolean fill(ByteBuf frame) {
        L7Queues.Filled filled = queues.fill(frame);
        if (filled == L7Queues.Filled.NOTHING) {
            return false;
        }
        lastBytes = System.nanoTime();
        if (filled == L7Queues.Filled.WITH_END) {
            onLoop(this::deliver);
        } else if (filled == L7Queues.Filled.WITH_ROOM) {
            onLoop(this::flushWaiting);
        }
        return true;
    }

    // ---- to the relay, on the loop ----

    @Override
    protected void doBeginRead() {
        readPending = true;
        if (!delivering) {
            loop.execute(this::deliver);
        }
    }

    /** Hands the relay what it wants to read. */
    void deliver() {
        queues.delivering();
        if (delivering) {
            return;
        }
        delivering = true;
        while (readPending && !closed && deliverSome()) {
            pipeline().fireChannelReadComplete();
        }
        delivering = false;
        if (queues.isRoomDue()) {
            owner.inbox().pump();
        }
        if (!closed && negotiation.isRelaying() && queues.isInputEnded()) {
            endInput();
        }
    }

    private boolean deliverSome() {
        ByteBuf next = queues.poll();
        if (next == null) {
            return false;
        }
        readPending = false;
        lastBytes = System.nanoTime();
        int delivered = 0;
        while (next != null) {
            delivered += next.readableBytes();
            pipeline().fireChannelRead(next);
            // Small pieces share one flush, as long as the target can be written.
            next = delivered < BulkSockets.READ_BYTES && config.isAutoRead() && !closed ? queues.poll() : null;
        }
        return true;
    }

    private void endInput() {
        if (released) {
            close();
        } else if (!inputShutdown) {
            inputShutdown = true;
            pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        }
    }

    // ---- from the relay, on the loop ----

    @Override
    protected void doWrite(ChannelOutboundBuffer in) {
        boolean some = false;
        while (in.current() instanceof ByteBuf bytes) {
            boolean readable = bytes.isReadable();
            if (!queues.offer(bytes)) {
                break;
            }
            some |= readable;
            in.remove();
        }
        if (some) {
            lastBytes = System.nanoTime();
            owner.outbox().pump();
        }
    }

    private void flushWaiting() {
        if (!closed) {
            ((L7Unsafe) unsafe()).flushWaiting();
        }
    }

    @Override
    public ChannelFuture shutdownOutput(ChannelPromise promise) {
        queues.endOutput();
        promise.trySuccess();
        owner.outbox().pump();
        return promise;
    }

    /** When a close is orderly, the client still gets what was written before. */
    private void keepTail() {
        if (config.isAbort()) {
            return;
        }
        Deque<ByteBuf> tail = new ArrayDeque<>();
        keep(outbound, tail);
        queues.offerTail(tail);
    }

    @Override
    protected void doClose() {
        closed = true;
        queues.closed();
        owner.outbox().pump();
        owner.inbox().pump();
    }

    private final class L7Unsafe extends ConnectedUnsafe {
        void flushWaiting() {
            flush0();
        }

        @Override
        protected Executor prepareToClose() {
            keepTail();
            return null;
        }
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new L7Unsafe();
    }

    @Override
    public boolean isInputShutdown() {
        return inputShutdown || closed;
    }

    @Override
    public boolean isOutputShutdown() {
        return closed;
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    @Override
    protected boolean isCompatible(EventLoop any) {
        return any == loop;
    }

    @Override
    protected SocketAddress localAddress0() {
        return LocalAddress.ANY;
    }

    @Override
    protected SocketAddress remoteAddress0() {
        return new InetSocketAddress(queues.address(), queues.port());
    }

    private void onLoop(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            LOG.debug("The event loops have been shut down, and with them the channels of all targets", e);
        }
    }
}
