// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.protocol.FrameException;
import io.httun.protocol.L7Container;
import io.httun.protocol.Operation;
import io.httun.toolkit.carried.ConnectedChannel;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.local.LocalAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.Executor;

/**
 * A connection to a target whose bytes travel in a session's frames. Session and channel share one event loop. A closed
 * channel leaves unsent bytes to the session, which sends them and then closes in order.
 *
 * <p>Each end of the connection has a state; {@link TunnelOutput} has the state of the close to the server, and
 * {@link StockConnectionRules} decide what follows from an event.
 *
 * <pre>
 * local   OPEN ──shutdownOutput──▶ OUTPUT_SHUT ──close──▶ CLOSED        (OPEN ──close──▶ CLOSED)
 * server  OPEN ──last byte received──▶ ENDED ──last byte read──▶ READ   (any ──session lost or given back──▶ detached)
 * </pre>
 */
final class TunnelChannel extends ConnectedChannel implements SessionOwner {
    private enum Local {
        OPEN,
        OUTPUT_SHUT,
        CLOSED
    }

    private enum Server {
        OPEN,
        ENDED,
        READ
    }

    private final TunnelChannelConfig config = new TunnelChannelConfig(this);
    private final ClientSession session;
    private final InetSocketAddress target;
    private final StockConnectionRules rules;
    private final TunnelInput input = new TunnelInput();
    private final TunnelOutput output;
    private volatile String cause = "closed here";
    private volatile Local local = Local.OPEN;
    private volatile Server server = Server.OPEN;
    private final TunnelTimers timers;
    /** Whether the session no longer belongs to this channel. */
    private boolean detached;

    TunnelChannel(ClientSession session, InetSocketAddress target) {
        this.session = session;
        this.target = target;
        this.output = new TunnelOutput(target, session.counters(), unsafe().outboundBuffer());
        this.rules = new StockConnectionRules(this);
        this.timers = new TunnelTimers(this);
    }

    /** Starts the requests to the server; the channel is registered. */
    void start() {
        rules.started();
        askMore();
    }

    ClientSession session() {
        return session;
    }

    TunnelOutput output() {
        return output;
    }

    String cause() {
        return cause;
    }

    boolean isDetached() {
        return detached;
    }

    boolean hasServerEnded() {
        return server != Server.OPEN;
    }

    /** Number of bytes that the local side has not read. */
    int heldBytes() {
        return input.bytes();
    }

    // What the session tells

    @Override
    public void acknowledged() {
        timers.progress();
        rules.moved();
        if (output.acknowledged()) {
            rules.closeTaken();
        }
        pump();
    }

    @Override
    public void received(ByteBuf payload) {
        if (detached || payload.readableBytes() < L7Container.HEADER_LENGTH) {
            payload.release();
            session.lose(new FrameException("got a reply too short for an L7 container"));
            return;
        }
        payload.skipBytes(L7Container.HEADER_LENGTH);
        int length = payload.readableBytes();
        session.counters().received(length);
        rules.moved();
        if (length > 0 && isOpen()) {
            input.add(payload);
            return;
        }
        payload.release();
        if (length == 0) {
            serverIsDone();
        }
    }

    @Override
    public void answered(boolean empty) {
        if (empty) {
            rules.nothingCame();
        } else {
            askMore();
            deliver();
        }
    }

    /** The server sends no more. */
    void serverIsDone() {
        if (detached) {
            return;
        }
        if (server == Server.OPEN) {
            server = Server.ENDED;
        }
        rules.serverEnded();
        deliver();
    }

    @Override
    public void lost(HttunException why) {
        boolean complete = rules.isComplete();
        detached = true;
        output.stop();
        if (complete) {
            deliver();
        } else if (isOpen()) {
            cause = why.getMessage();
            pipeline().fireExceptionCaught(why);
            unsafe().close(voidPromise());
        }
    }

    /** Resets the local side. */
    void fail(String why) {
        cause = why;
        config.setOption(ChannelOption.SO_LINGER, 0);
        pipeline().fireExceptionCaught(new HttunException(why));
        unsafe().close(voidPromise());
    }

    void detach() {
        if (!detached) {
            detached = true;
            output.stop();
            if (hasServerEnded() || !output.hasBegun()) {
                session.finish();
            } else {
                // The server may still write acknowledged bytes to the target.
                session.end();
            }
        }
    }

    // From the server

    void askMore() {
        if (detached || hasServerEnded() || session.isAsking()) {
            return;
        }
        if (rules.mayAsk(input.hasRoom())) {
            askAnyway();
        } else if (isOpen()) {
            timers.watchPause();
        }
    }

    void askAnyway() {
        session.ask(Operation.L7_FROM_SERVER);
    }

    /** Whether only the local side's pause holds the requests back. */
    boolean isPaused() {
        return !detached && isOpen() && !hasServerEnded() && !input.hasRoom();
    }

    void stillPaused() {
        if (!session.isAsking()) {
            rules.stillPaused();
        }
    }

    @Override
    protected void doBeginRead() {
        if (input.want() && (!input.isEmpty() || hasServerEnded())) {
            eventLoop().execute(this::deliver);
        }
    }

    private void deliver() {
        if (!isOpen() || !input.deliver(pipeline())) {
            return;
        }
        if (input.isEmpty() && server == Server.ENDED && isOpen()) {
            endOfInput();
        }
        askMore();
    }

    private void endOfInput() {
        server = Server.READ;
        detach();
        cause = "closed by the target or the server";
        unsafe().close(voidPromise());
    }

    // To the server

    void sendClose() {
        output.close();
        pump();
    }

    /** Sends the waiting bytes if the session is free. */
    private void pump() {
        if (detached || session.isSending()) {
            return;
        }
        if (isOpen()) {
            ((TunnelUnsafe) unsafe()).flushWaiting();
        } else {
            sendWaiting();
        }
        // Without a flush the close that is due has not been sent yet.
        if (output.isCloseDue() && !session.isSending()) {
            sendWaiting();
        }
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer in) {
        sendWaiting();
    }

    private void sendWaiting() {
        if (!detached && !session.isSending()) {
            session.send(Operation.L7_TO_SERVER, output);
        }
    }

    // Closing

    @Override
    protected void doClose() {
        local = Local.CLOSED;
        input.release();
        output.closed();
        if (detached) {
            return;
        }
        rules.closedHere();
        if (!detached) {
            timers.watchClosing();
            askMore();
            pump();
        }
    }

    private final class TunnelUnsafe extends ConnectedUnsafe {
        void flushWaiting() {
            flush0();
        }

        /** Takes over unsent bytes before the close drops them. */
        @Override
        protected Executor prepareToClose() {
            if (!detached) {
                keep(output.outbound(), output.tail());
            }
            return null;
        }
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new TunnelUnsafe();
    }

    @Override
    public ChannelFuture shutdownOutput(ChannelPromise promise) {
        if (!eventLoop().inEventLoop()) {
            eventLoop().execute(() -> shutdownOutput(promise));
            return promise;
        }
        if (local == Local.OPEN) {
            local = Local.OUTPUT_SHUT;
            output.outbound().addFlush();
            rules.outputShut();
            pump();
        }
        promise.trySuccess();
        return promise;
    }

    @Override
    public boolean isInputShutdown() {
        return server == Server.READ || !isOpen();
    }

    @Override
    public boolean isOutputShutdown() {
        return local != Local.OPEN;
    }

    @Override
    public TunnelChannelConfig config() {
        return config;
    }

    @Override
    public boolean isOpen() {
        return local != Local.CLOSED;
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
