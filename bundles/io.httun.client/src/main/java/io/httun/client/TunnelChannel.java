// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.api.carried.ConnectedChannel;
import io.httun.protocol.FrameBody;
import io.httun.protocol.FrameException;
import io.httun.protocol.FrameSource;
import io.httun.protocol.L7Container;
import io.httun.protocol.Operation;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * A connection to a target whose bytes travel in a session's frames. Session and channel share one event loop. Closing
 * the channel leaves what it still holds to the session, which sends it and then closes in order; with
 * {@code SO_LINGER = 0} a server of ours is told of a reset instead.
 */
final class TunnelChannel extends ConnectedChannel implements SessionOwner, FrameSource {
    /** Bytes that may wait for the local side while more are asked for. */
    private static final int MAX_WAITING = 256 * 1024;

    /** Milliseconds for what a stock server sent before it took our close. */
    private static final long STOCK_GRACE = 100;

    private final TunnelChannelConfig config = new TunnelChannelConfig(this);
    private final ClientSession session;
    private final InetSocketAddress target;
    private final boolean ours;
    private final Deque<ByteBuf> inbound = new ArrayDeque<>();
    private final Deque<ByteBuf> tail = new ArrayDeque<>();
    private final ChannelOutboundBuffer outbound = unsafe().outboundBuffer();
    private volatile String cause = "closed here";
    private volatile boolean closed;
    private volatile boolean outputShutdown;
    private volatile boolean inputShutdown;
    private boolean readPending;
    private boolean delivering;
    private int inboundBytes;
    /** The server has sent its last byte. */
    private boolean serverDone;
    /** The close to the server is on its way, or arrived. */
    private boolean closeSent;

    private boolean closeTaken;
    /** The server must not take what it got for everything. */
    private boolean reset;
    /** The session is no longer this channel's. */
    private boolean detached;

    TunnelChannel(ClientSession session, InetSocketAddress target) {
        this.session = session;
        this.target = target;
        this.ours = session.keys().ours();
    }

    /** Begins to listen to the server; the channel is registered. */
    void start() {
        askMore();
    }

    ClientSession session() {
        return session;
    }

    String cause() {
        return cause;
    }

    // What the session tells

    @Override
    public void acknowledged() {
        if (reset && closeSent) {
            detach(true);
        } else if (closeSent && !closeTaken) {
            closeTaken = true;
            afterClose();
        }
        pump();
    }

    private void afterClose() {
        if (ours ? serverDone : closed) {
            detach(ours);
        } else if (ours) {
            askMore();
        } else {
            // A stock server has closed the target at our word. Only a reply already on its way may hold more: the
            // local side need not wait for the r that waits there, though the next session must.
            eventLoop().schedule(this::serverIsDone, STOCK_GRACE, TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void received(ByteBuf payload) {
        if (detached || payload.readableBytes() < L7Container.HEADER_LENGTH) {
            payload.release();
            session.lose(new FrameException("got a reply too short for an L7 container"));
            return;
        }
        int port = payload.getUnsignedShort(payload.readerIndex() + L7Container.HEADER_LENGTH - Short.BYTES);
        payload.skipBytes(L7Container.HEADER_LENGTH);
        int length = payload.readableBytes();
        session.counters().received(length);
        if (length == 0 || closed) {
            payload.release();
        } else {
            inbound.add(payload);
            inboundBytes += length;
        }
        if (length == 0 && ours && port == L7Container.RESET_PORT) {
            breakOff("reset by the target or the server");
        } else if (length == 0) {
            serverIsDone();
        }
    }

    @Override
    public void answered(boolean empty) {
        if (!empty) {
            askMore();
            deliver();
        } else if (!ours && closeTaken) {
            // A stock server has closed the target at our word, and has nothing left.
            serverIsDone();
        } else {
            askMore();
        }
    }

    private void serverIsDone() {
        if (detached) {
            return;
        }
        serverDone = true;
        if (!closed) {
            deliver();
        } else if (!ours || closeTaken) {
            detach(ours);
        }
    }

    @Override
    public void lost(HttunException why) {
        boolean complete = serverDone && !ours;
        detached = true;
        release(tail);
        if (complete) {
            deliver();
        } else if (!closed) {
            cause = why.getMessage();
            pipeline().fireExceptionCaught(why);
            unsafe().close(voidPromise());
        }
    }

    /** The target, or the server, has broken the connection off. */
    private void breakOff(String why) {
        serverDone = true;
        if (closed && closeTaken) {
            detach(true);
        } else if (closed) {
            beginReset();
            pump();
        } else {
            cause = why;
            reset = true;
            pipeline().fireExceptionCaught(new HttunException(why));
            unsafe().close(voidPromise());
        }
    }

    private void beginReset() {
        reset = true;
        closeSent = false;
        release(tail);
    }

    private void detach(boolean normal) {
        if (!detached) {
            detached = true;
            release(tail);
            session.end(normal);
        }
    }

    // From the server

    private void askMore() {
        boolean room = closed ? ours : inboundBytes < MAX_WAITING || readPending;
        if (room && !detached && !serverDone && !session.isAsking()) {
            session.ask(Operation.L7_FROM_SERVER);
        }
    }

    @Override
    protected void doBeginRead() {
        readPending = true;
        if (!delivering && (!inbound.isEmpty() || serverDone)) {
            eventLoop().execute(this::deliver);
        }
    }

    private void deliver() {
        if (delivering || closed) {
            return;
        }
        delivering = true;
        while (readPending && !inbound.isEmpty()) {
            readPending = false;
            ByteBuf next = inbound.poll();
            inboundBytes -= next.readableBytes();
            pipeline().fireChannelRead(next);
            pipeline().fireChannelReadComplete();
        }
        delivering = false;
        if (inbound.isEmpty() && serverDone && !inputShutdown && !closed) {
            endOfInput();
        }
        askMore();
    }

    private void endOfInput() {
        inputShutdown = true;
        if (!ours) {
            cause = "closed by the target or the server";
            detach(false);
            unsafe().close(voidPromise());
            return;
        }
        if (closeTaken) {
            detach(true);
        }
        if (config.isHalfClosure()) {
            pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
            pipeline().fireUserEventTriggered(ChannelInputShutdownReadComplete.INSTANCE);
        } else {
            cause = "closed by the target or the server";
            unsafe().close(voidPromise());
        }
    }

    // To the server

    /** Sends what waits, once the session is free. */
    private void pump() {
        if (detached || session.isSending()) {
            return;
        }
        if (closed) {
            sendWaiting();
        } else {
            ((TunnelUnsafe) unsafe()).flushWaiting();
        }
        // Nothing was flushed, so nobody has asked yet whether the close is due.
        if (isCloseDue() && !session.isSending()) {
            sendWaiting();
        }
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer in) {
        sendWaiting();
    }

    private void sendWaiting() {
        if (!detached && !session.isSending()) {
            session.send(Operation.L7_TO_SERVER, this);
        }
    }

    private boolean isCloseDue() {
        boolean last = closed ? tail.isEmpty() : outputShutdown && outbound.isEmpty();
        return last && !closeSent && !detached;
    }

    @Override
    public int waiting() {
        long bytes = closed
                ? tail.stream().mapToLong(ByteBuf::readableBytes).sum()
                : outbound.current() == null ? 0 : outbound.totalPendingWriteBytes();
        if (detached || bytes == 0 && !isCloseDue()) {
            return -1;
        }
        long frames = bytes / L7Container.MAX_DATA + 2;
        return (int) Math.min(FrameBody.MAX_BATCH, bytes + frames * (FrameBody.OVERHEAD + L7Container.HEADER_LENGTH));
    }

    @Override
    public boolean fill(ByteBuf frame) {
        int room = Math.min(FrameBody.room(frame) - L7Container.HEADER_LENGTH, L7Container.MAX_DATA);
        boolean data = closed ? !tail.isEmpty() : outbound.current() != null;
        if (detached || room < (data ? 1 : 0) || !data && !isCloseDue()) {
            return false;
        }
        L7Container.writeHeader(frame, target.getAddress(), reset ? L7Container.RESET_PORT : target.getPort());
        int start = frame.writerIndex();
        if (!data) {
            closeSent = true;
        } else if (closed) {
            fillFromTail(frame, room);
        } else {
            fillFromOutbound(frame, room);
        }
        if (data && frame.writerIndex() == start) {
            // Only empty buffers were flushed, and a container without data means close.
            return fill(frame.writerIndex(start - L7Container.HEADER_LENGTH));
        }
        session.counters().sent(frame.writerIndex() - start);
        return true;
    }

    private void fillFromOutbound(ByteBuf frame, int most) {
        int room = most;
        while (outbound.current() instanceof ByteBuf bytes) {
            int length = bytes.readableBytes();
            if (length > room) {
                bytes.readBytes(frame, room);
                outbound.progress(room);
                return;
            }
            room -= length;
            frame.writeBytes(bytes);
            outbound.remove();
        }
    }

    private void fillFromTail(ByteBuf frame, int most) {
        int room = most;
        while (room > 0 && !tail.isEmpty()) {
            ByteBuf bytes = tail.peek();
            int length = Math.min(room, bytes.readableBytes());
            bytes.readBytes(frame, length);
            room -= length;
            if (!bytes.isReadable()) {
                tail.poll().release();
            }
        }
    }

    // Closing

    /** Takes over what was written and not yet sent; it follows the channel's close. */
    private void keepTail() {
        if (!detached) {
            keep(outbound, tail);
        }
    }

    @Override
    protected void doClose() {
        closed = true;
        release(inbound);
        if (detached) {
            return;
        }
        if (serverDone && (!ours || closeTaken)) {
            detach(ours);
            return;
        }
        if (ours && (reset || config.isReset())) {
            beginReset();
        }
        if (closeTaken && !ours) {
            detach(false);
            return;
        }
        session.loop().schedule(() -> detach(false), session.timeouts().closing(), TimeUnit.MILLISECONDS);
        askMore();
        pump();
    }

    private final class TunnelUnsafe extends ConnectedUnsafe {
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
        return new TunnelUnsafe();
    }

    @Override
    public ChannelFuture shutdownOutput(ChannelPromise promise) {
        if (eventLoop().inEventLoop()) {
            if (!outputShutdown && !closed) {
                outputShutdown = true;
                outbound.addFlush();
                pump();
            }
            promise.trySuccess();
        } else {
            eventLoop().execute(() -> shutdownOutput(promise));
        }
        return promise;
    }

    @Override
    public boolean isInputShutdown() {
        return inputShutdown || closed;
    }

    @Override
    public boolean isOutputShutdown() {
        return outputShutdown || closed;
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
    protected boolean isCompatible(EventLoop loop) {
        return loop == session.loop();
    }

    @Override
    protected SocketAddress localAddress0() {
        return new LocalAddress("httun-" + session.id());
    }

    @Override
    protected SocketAddress remoteAddress0() {
        return target;
    }
}
