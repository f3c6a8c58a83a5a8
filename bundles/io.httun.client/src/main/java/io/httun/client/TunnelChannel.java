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
import java.util.concurrent.TimeUnit;

/**
 * A connection to a target whose bytes travel in a session's frames. Session and channel share one event loop. Closing
 * the channel leaves what it still holds to the session, which sends it and then closes in order.
 *
 * <p>The two ends of a connection have a state each; {@link TunnelOutput} has that of the close to the server, {@link StockConnectionRules}
 * decide what follows from an event.
 *
 * <pre>
 * local   OPEN ──shutdownOutput──▶ OUTPUT_SHUT ──close──▶ CLOSED        (OPEN ──close──▶ CLOSED)
 * server  OPEN ──last byte came──▶ ENDED ──last byte read──▶ READ       (any ──session lost or given back──▶ DETACHED)
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
    /** The session is no longer this channel's. */
    private boolean detached;

    private boolean pauseWatched;
    private long lastProgress = System.nanoTime();

    TunnelChannel(ClientSession session, InetSocketAddress target) {
        this.session = session;
        this.target = target;
        this.output = new TunnelOutput(target, session.counters(), unsafe().outboundBuffer());
        this.rules = new StockConnectionRules(this);
    }

    /** Begins to listen to the server; the channel is registered. */
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

    /** Bytes that the local side has not read. */
    int heldBytes() {
        return input.bytes();
    }

    // What the session tells

    @Override
    public void acknowledged() {
        lastProgress = System.nanoTime();
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

    /** Nothing more comes from the server. */
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
            if (hasServerEnded()) {
                session.finish();
            } else {
                // The server may still write to the target what it has taken.
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
        } else if (isOpen() && !pauseWatched) {
            pauseWatched = true;
            watchPause();
        }
    }

    void askAnyway() {
        session.ask(Operation.L7_FROM_SERVER);
    }

    private void watchPause() {
        session.loop().schedule(this::lookAtPause, session.timeouts().keepAlive(), TimeUnit.MILLISECONDS);
    }

    private void lookAtPause() {
        if (detached || !isOpen() || hasServerEnded() || input.hasRoom()) {
            pauseWatched = false;
            return;
        }
        if (!session.isAsking()) {
            rules.stillPaused();
        }
        watchPause();
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

    /** Sends what waits, once the session is free. */
    private void pump() {
        if (detached || session.isSending()) {
            return;
        }
        if (isOpen()) {
            ((TunnelUnsafe) unsafe()).flushWaiting();
        } else {
            sendWaiting();
        }
        // Nothing was flushed, so nobody has asked yet whether the close is due.
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
            lastProgress = System.nanoTime();
            watchClosing();
            askMore();
            pump();
        }
    }

    /** What is left may take as long as the session sends it. */
    private void watchClosing() {
        long limit = session.timeouts().closing();
        long left = limit - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - lastProgress);
        session.loop().schedule(() -> lookAtClosing(limit), left > 0 ? left : limit, TimeUnit.MILLISECONDS);
    }

    private void lookAtClosing(long limit) {
        if (detached) {
            return;
        }
        boolean moved = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - lastProgress) < limit;
        // A session that sends gives up by itself when nothing is heard of the server.
        if (moved || session.isSending()) {
            watchClosing();
        } else {
            detach();
        }
    }

    private final class TunnelUnsafe extends ConnectedUnsafe {
        void flushWaiting() {
            flush0();
        }

        /** Takes over what was written and not yet sent; it follows the channel's close. */
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
