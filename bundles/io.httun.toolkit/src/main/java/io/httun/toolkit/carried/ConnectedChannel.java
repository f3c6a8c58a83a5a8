// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.carried;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import java.net.SocketAddress;
import java.util.Deque;

/** The parts of Netty's channel contract that only sockets have. Connected from its creation until it is closed. */
public abstract class ConnectedChannel extends AbstractChannel implements DuplexChannel {
    private static final ChannelMetadata METADATA = new ChannelMetadata(false);

    protected ConnectedChannel() {
        super(null);
    }

    @Override
    public ChannelFuture shutdownInput(ChannelPromise promise) {
        return promise.setFailure(new UnsupportedOperationException("close the channel instead"));
    }

    @Override
    public ChannelFuture shutdown(ChannelPromise promise) {
        return close(promise);
    }

    @Override
    public ChannelFuture shutdownOutput() {
        return shutdownOutput(newPromise());
    }

    @Override
    public ChannelFuture shutdownInput() {
        return shutdownInput(newPromise());
    }

    @Override
    public ChannelFuture shutdown() {
        return shutdown(newPromise());
    }

    @Override
    public boolean isShutdown() {
        return isInputShutdown() && isOutputShutdown();
    }

    @Override
    public final boolean isActive() {
        return isOpen();
    }

    @Override
    protected final Object filterOutboundMessage(Object message) throws Exception {
        if (isOutputShutdown()) {
            throw new ChannelOutputShutdownException("the output of this connection was shut down");
        }
        if (message instanceof ByteBuf) {
            return message;
        }
        throw new UnsupportedOperationException(
                "got a message of type " + message.getClass().getName() + ", expected a ByteBuf");
    }

    /** Moves what was written, flushed or not, to a queue that outlives the channel. To be called before it is closed. */
    protected static void keep(ChannelOutboundBuffer outbound, Deque<ByteBuf> tail) {
        outbound.addFlush();
        while (outbound.current() instanceof ByteBuf bytes) {
            if (bytes.isReadable()) {
                tail.add(bytes.retainedSlice());
            }
            outbound.remove();
        }
    }

    /** Gives up what waits in a queue. */
    protected static void release(Deque<ByteBuf> buffers) {
        buffers.forEach(ReferenceCountUtil::release);
        buffers.clear();
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return true;
    }

    @Override
    protected SocketAddress localAddress0() {
        return LocalAddress.ANY;
    }

    @Override
    protected void doBind(SocketAddress address) {
        throw new UnsupportedOperationException("this channel cannot be bound");
    }

    @Override
    protected final void doDisconnect() throws Exception {
        doClose();
    }

    /** Made when it is connected already. */
    protected abstract class ConnectedUnsafe extends AbstractUnsafe {
        @Override
        public final void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
            safeSetFailure(promise, new UnsupportedOperationException("this channel is connected when it is made"));
        }
    }
}
