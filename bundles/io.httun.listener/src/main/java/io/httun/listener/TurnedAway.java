// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.relay.EndCause;
import io.httun.api.relay.RelayConnection;
import io.httun.api.status.StatusSource.ConnectionStatus;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Target;
import io.httun.api.tunnel.BulkSockets;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.ReferenceCountUtil;
import java.util.List;

/**
 * In place of a connection that there is no room for, so that its client hears of that in its own protocol, which a reset
 * would not tell. The books have it as refused already.
 */
record TurnedAway(Channel client, Cause cause) implements RelayConnection {
    /** Time that such a client has to say what it wants. */
    static final int SECONDS = 2;

    @Override
    public String id() {
        return "";
    }

    @Override
    public void user(String name) {
        // Nothing depends on it here.
    }

    @Override
    public void via(String path) {
        // Nothing is passed on.
    }

    @Override
    public void open(Target wanted, Opening opening) {
        opening.refused(cause);
    }

    @Override
    public void refuse(EndCause why, String text) {
        // It has been counted.
    }

    @Override
    public void relay(ChannelHandler negotiation, List<ByteBuf> early, boolean clientEnded) {
        early.forEach(ReferenceCountUtil::release);
        end(EndCause.of(cause), "there is no target");
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
