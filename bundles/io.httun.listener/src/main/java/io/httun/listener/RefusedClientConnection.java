// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.relay.EndCause;
import io.httun.api.relay.RelayConnection;
import io.httun.api.status.ConnectionStatus;
import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Target;
import io.httun.toolkit.tunnel.BulkSockets;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.List;

/**
 * Stands in for the connection of a client that a limit refuses, so that the client gets the refusal in its own
 * protocol instead of a reset. Accounting already counts it as refused.
 */
record RefusedClientConnection(Channel client, Cause cause) implements RelayConnection {
    /** Time limit for the negotiation with such a client. */
    static final int SECONDS = 2;

    @Override
    public String id() {
        return "";
    }

    @Override
    public void user(String name) {}

    @Override
    public void via(String path) {}

    @Override
    public void open(Target wanted, Opening opening) {
        opening.refused(cause);
    }

    @Override
    public void connected(Target shown, Channel target) {
        target.close();
    }

    @Override
    public void wanted(Target target) {}

    @Override
    public void openDatagrams(Opening opening) {
        opening.refused(cause);
    }

    @Override
    public Future<Target> admit(Target wanted) {
        return client.eventLoop().newFailedFuture(new RefusedException(cause, "a connection limit is reached"));
    }

    @Override
    public List<String> filters() {
        return List.of();
    }

    @Override
    public void multiplexed() {}

    @Override
    public void refuse(EndCause why, String text) {}

    @Override
    public void relay(ChannelHandler negotiation, List<ByteBuf> early, boolean clientEnded) {
        early.forEach(ReferenceCountUtil::release);
        end(EndCause.of(cause), "no target is opened for a refused client");
    }

    @Override
    public void watch(Channel target) {
        target.close();
    }

    @Override
    public void end(EndCause why, String detail) {
        BulkSockets.reset(client);
    }

    @Override
    public ConnectionStatus status() {
        return new ConnectionStatus(
                "", "", "", "refused", 0, 0, 0, EndCause.of(cause).toString(), "");
    }
}
