// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.protocol.FrameSource;
import io.httun.protocol.L7Container;
import io.netty.buffer.ByteBuf;
import java.util.Optional;

/**
 * The one L7 connection of a session ({@code wire/httun.md} section 5): made by the first container with data or by a
 * change of address. When the target has ended its output, a stock client's data for it is dropped and one of ours may
 * go on; after the client's own close, data makes a new connection.
 */
final class L7Slot implements FrameSource {
    private final Parts parts;
    private final Session session;
    private L7Connection connection;
    private boolean ended;

    L7Slot(Parts parts, Session session) {
        this.parts = parts;
        this.session = session;
    }

    /** Whether a container can be taken now; if not, the write side is told when to ask again. */
    synchronized boolean hasRoom(L7Container container) {
        if (ended || connection == null || !container.data().isReadable()) {
            return true;
        }
        return isCurrent(container) ? connection.hasRoom() : connection.isDrained();
    }

    /** Takes a container, whose data belongs to the slot from now on. */
    synchronized void accept(L7Container container) {
        ByteBuf data = container.data();
        if (ended || !data.isReadable()) {
            data.release();
            if (!ended && connection != null) {
                close(container);
            }
            return;
        }
        if (connection == null || !isCurrent(container)) {
            if (connection != null) {
                connection.release();
            }
            connection = new L7Connection(parts, session, RandomId.next(), container.address(), container.port());
            connection.start();
        }
        connection.write(data);
    }

    private void close(L7Container container) {
        if (session.isOurs() && container.isReset()) {
            connection.abort("reset by the client");
            connection = null;
        } else {
            connection.closeByClient();
            forgetWhenOver();
        }
    }

    @Override
    public synchronized int waiting() {
        return connection == null ? -1 : connection.waiting();
    }

    @Override
    public synchronized boolean fill(ByteBuf frame) {
        if (connection == null || !connection.fill(frame)) {
            return false;
        }
        forgetWhenOver();
        return true;
    }

    /** Gives the connection away and takes no more. */
    synchronized Optional<L7Connection> detach() {
        L7Connection detached = connection;
        connection = null;
        ended = true;
        return Optional.ofNullable(detached);
    }

    synchronized void adopt(L7Connection adopted) {
        connection = adopted;
        adopted.handTo(session);
    }

    void end(String why) {
        detach().ifPresent(detached -> detached.abort(why));
    }

    synchronized boolean isOpen() {
        return connection != null;
    }

    private boolean isCurrent(L7Container container) {
        return connection.isFor(container) && !connection.isClientClosed();
    }

    private void forgetWhenOver() {
        if (connection.isOver()) {
            connection = null;
        }
    }
}
