// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.protocol.FrameSource;
import io.httun.protocol.L7Container;
import io.netty.buffer.ByteBuf;

/**
 * The one L7 connection of a session ({@code wire/httun.md} section 5): made by the first container with data or by a
 * change of address. When the target has ended its output, the client's data for it is dropped; after the client's own close, data
 * makes a new connection.
 */
final class L7Slot implements FrameSource {
    private final QueueBudget budget;
    private final Session session;
    private L7Channel connection;
    private boolean ended;

    L7Slot(QueueBudget budget, Session session) {
        this.budget = budget;
        this.session = session;
    }

    /** Whether a container can be taken now; if not, the inbox is told when to ask again. */
    synchronized boolean hasRoom(L7Container container) {
        if (ended || connection == null || !container.data().isReadable()) {
            return true;
        }
        return isCurrent(container)
                ? connection.queues().hasRoom()
                : connection.queues().isDrained();
    }

    /** Takes a container, whose data belongs to the slot from now on. */
    synchronized void accept(L7Container container) {
        ByteBuf data = container.data();
        if (ended || !data.isReadable()) {
            data.release();
            if (!ended && connection != null) {
                connection.closeByClient();
                forgetWhenOver();
            }
            return;
        }
        if (connection == null || !isCurrent(container)) {
            if (connection != null) {
                connection.release();
            }
            connection = new L7Channel(budget, session, container.address(), container.port());
            connection.start();
        }
        connection.take(data);
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

    void endIfIdle(long now) {
        // Without this lock: the connection looks at the outbox, which calls this slot with its own lock held.
        L7Channel current = connection();
        if (current != null) {
            current.endIfIdle(now);
        }
    }

    private synchronized L7Channel connection() {
        return connection;
    }

    void end(String why) {
        L7Channel last;
        synchronized (this) {
            last = connection;
            connection = null;
            ended = true;
        }
        if (last != null) {
            last.abort(why);
        }
    }

    synchronized boolean isOpen() {
        return connection != null;
    }

    private boolean isCurrent(L7Container container) {
        return connection.queues().isFor(container) && !connection.queues().isClientClosed();
    }

    private void forgetWhenOver() {
        if (connection.queues().isOver()) {
            connection = null;
        }
    }
}
