// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.relay.RelayConnection;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Target;
import io.httun.toolkit.config.BasicCredentials;
import io.httun.toolkit.tunnel.BulkSockets;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.List;
import java.util.Optional;

/** Takes a client's connection through the engine: accounting, filters, connector, relay. On the channel's event loop. */
final class L7Negotiation extends ChannelInboundHandlerAdapter implements RelayConnection.Opening {
    private final L7Channel channel;
    private final ServerChannel served;
    private final Target target;
    private RelayConnection connection;
    private boolean relaying;

    L7Negotiation(L7Channel channel, ServerChannel served, Target target) {
        this.channel = channel;
        this.served = served;
        this.target = target;
    }

    /** @param source address of the client; empty if unknown */
    void start(String source) {
        Optional<RelayConnection> accepted = served.origin().accept(channel, source);
        if (accepted.isEmpty()) {
            BulkSockets.reset(channel);
            return;
        }
        connection = accepted.get();
        connection.user(
                served.settings().credentials().map(BasicCredentials::user).orElse(""));
        channel.pipeline().addLast(this);
        connection.open(target, this);
    }

    /** Null before the connection is accepted, and if it is refused. */
    RelayConnection connection() {
        return connection;
    }

    /** Whether bytes from the client go to the target. */
    boolean isRelaying() {
        return relaying;
    }

    @Override
    public void opened(Channel opened) {
        relaying = true;
        connection.relay(this, List.of(), false);
    }

    @Override
    public void refused(Cause cause) {
        BulkSockets.reset(channel);
    }

    /** Nothing to report: whoever broke the connection knows why, and there is no target yet to reset. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
        context.close();
    }
}
