// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.api.status.SessionStatus;
import io.httun.protocol.Operation;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;

/** Packets on the stock wire: one request of each direction at a time. */
final class StockPackets implements PacketCarrier, SessionOwner, ClientSession.Ended {
    private final ClientSession session;
    private final User user;

    StockPackets(ClientContext context, EventLoop loop, InitAttempt.Ready ready, User user) {
        this.user = user;
        this.session = new ClientSession(context, loop, false, ready, this, this);
    }

    @Override
    public void start() {
        session.ask(Operation.L3_FROM_SERVER);
        pump();
    }

    @Override
    public void pump() {
        if (!session.isOver() && !session.isSending() && user.outgoing().waiting() >= 0) {
            session.send(Operation.L3_TO_SERVER, user.outgoing());
        }
    }

    @Override
    public void acknowledged() {
        pump();
    }

    @Override
    public void received(ByteBuf payload) {
        user.arrived(payload);
    }

    @Override
    public void answered(boolean empty) {
        user.answered(() -> session.ask(Operation.L3_FROM_SERVER));
    }

    @Override
    public void lost(HttunException cause) {
        user.lost(cause);
    }

    @Override
    public void ended(ClientSession which) {
        user.ended();
    }

    @Override
    public void lose(HttunException cause) {
        session.lose(cause);
    }

    @Override
    public void stop(HttunException cause) {
        session.stop(cause);
    }

    @Override
    public Counters counters() {
        return session.counters();
    }

    @Override
    public String id() {
        return session.id();
    }

    @Override
    public SessionStatus status() {
        return session.status();
    }
}
