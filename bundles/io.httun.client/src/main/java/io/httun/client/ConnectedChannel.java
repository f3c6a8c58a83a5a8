// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import java.net.SocketAddress;

/** What Netty wants to know of a connection that is no socket, and what such a one cannot do. */
abstract class ConnectedChannel extends AbstractChannel implements DuplexChannel {
    private static final ChannelMetadata METADATA = new ChannelMetadata(false);

    ConnectedChannel() {
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
    public ChannelMetadata metadata() {
        return METADATA;
    }

    @Override
    protected void doBind(SocketAddress address) {
        throw new UnsupportedOperationException("a tunnel channel cannot be bound");
    }

    @Override
    protected final void doDisconnect() throws Exception {
        doClose();
    }

    /** Made when it is connected already. */
    abstract class ConnectedUnsafe extends AbstractUnsafe {
        @Override
        public final void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
            safeSetFailure(promise, new UnsupportedOperationException("a tunnel channel is connected when it is made"));
        }
    }
}
