// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.carried;

import io.httun.api.relay.RelayConnection;
import io.httun.api.relay.RelayOrigin;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Target;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Takes an inbound carried channel through the engine: gate, connector, relay. */
public final class InboundConnection extends ChannelInboundHandlerAdapter implements RelayConnection.Opening {
    private final CarriedChannel channel;
    private final RelayConnection connection;
    private final Runnable opened;
    private final Consumer<Cause> refused;

    private InboundConnection(
            CarriedChannel channel, RelayConnection connection, Runnable opened, Consumer<Cause> refused) {
        this.channel = channel;
        this.connection = connection;
        this.opened = opened;
        this.refused = refused;
    }

    /**
     * Connects the channel with a target.
     *
     * @param channel registered with its event loop, on which this is called
     * @param source for the limit per source
     * @param opened told when the target is there, before any of its bytes
     * @param refused told why not, {@link Cause#OVERLOADED} where a limit is reached; the channel is the caller's to close. Neither is
     *     told when the channel closes first
     */
    public static void open(
            RelayOrigin origin,
            CarriedChannel channel,
            String source,
            Target target,
            Runnable opened,
            Consumer<Cause> refused) {
        if (!channel.isOpen()) {
            return;
        }
        Optional<RelayConnection> booked = origin.accept(channel, source);
        if (booked.isEmpty()) {
            refused.accept(Cause.OVERLOADED);
            return;
        }
        InboundConnection inbound = new InboundConnection(channel, booked.get(), opened, refused);
        channel.pipeline().addLast(inbound);
        booked.get().open(target, inbound);
    }

    @Override
    public void opened(Channel target) {
        opened.run();
        if (channel.isOpen()) {
            connection.relay(this, List.of(), false);
        } else {
            // The client had ended it before there was a target.
            target.close();
        }
    }

    @Override
    public void refused(Cause cause) {
        refused.accept(cause);
    }

    /** The cause of a broken connection is known where it broke, and there is no listener yet. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
        context.close();
    }
}
