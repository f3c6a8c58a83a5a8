// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.datagram;

import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.socket.DatagramPacket;
import java.net.SocketAddress;

/**
 * A channel of {@link DatagramPacket}s that travel in something else. It keeps none: what is written goes to the {@link Carrier} at once,
 * and datagrams that arrive while nothing is read are lost, as on a network. {@code autoRead} is off at first.
 */
public final class CarriedDatagrams extends AbstractChannel {
    private static final ChannelMetadata METADATA = new ChannelMetadata(true);

    /** Transports the datagrams. Called on the channel's event loop. */
    public interface Carrier {
        /** Takes a datagram or loses it; ownership passes. */
        void send(DatagramPacket packet);

        /** Everything that was written has been given to {@link #send}. */
        void flush();

        /** The channel is closed. Called once. */
        void closed();
    }

    private final ChannelConfig config = new DefaultChannelConfig(this).setAutoRead(false);
    private final Carrier carrier;
    private volatile boolean closed;
    private boolean readPending;

    public CarriedDatagrams(Carrier carrier) {
        super(null);
        this.carrier = carrier;
    }

    /** Hands over what arrived; ownership passes. {@link #receiveComplete} follows. On the event loop. */
    public void receive(DatagramPacket packet) {
        if (closed || !readPending && !config.isAutoRead()) {
            packet.release();
        } else {
            readPending = false;
            pipeline().fireChannelRead(packet);
        }
    }

    /** Nothing more has arrived at the moment. On the event loop. */
    public void receiveComplete() {
        if (!closed) {
            pipeline().fireChannelReadComplete();
        }
    }

    @Override
    protected void doBeginRead() {
        readPending = true;
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer in) {
        while (in.current() instanceof DatagramPacket packet) {
            carrier.send(packet.retain());
            in.remove();
        }
        carrier.flush();
    }

    @Override
    protected Object filterOutboundMessage(Object message) {
        if (message instanceof DatagramPacket) {
            return message;
        }
        throw new UnsupportedOperationException(
                "got a message of type " + message.getClass().getName() + ", expected a DatagramPacket");
    }

    @Override
    protected void doClose() {
        if (!closed) {
            closed = true;
            carrier.closed();
        }
    }

    @Override
    protected void doDisconnect() {
        doClose();
    }

    @Override
    protected void doBind(SocketAddress address) {
        throw new UnsupportedOperationException("this channel cannot be bound");
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
    public boolean isActive() {
        return !closed;
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
    protected SocketAddress remoteAddress0() {
        return LocalAddress.ANY;
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new AbstractUnsafe() {
            @Override
            public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
                safeSetFailure(promise, new UnsupportedOperationException("a datagram names its target"));
            }
        };
    }
}
