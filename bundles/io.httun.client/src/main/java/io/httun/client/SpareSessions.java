// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.protocol.Operation;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/**
 * Initialised sessions that wait for a connection, each with one r waiting at the server, which keeps it alive. Confined
 * to one event loop.
 */
final class SpareSessions {
    private final Deque<ClientSession> spares = new ArrayDeque<>();
    private final long keepNanos;
    private long lastUse = System.nanoTime();
    private boolean opening;

    SpareSessions(long keepMillis) {
        this.keepNanos = TimeUnit.MILLISECONDS.toNanos(keepMillis);
    }

    /** Null if there is none that the server is sure to know: it, or this machine, may have been away. */
    ClientSession poll() {
        lastUse = System.nanoTime();
        ClientSession next = spares.poll();
        while (next != null && !next.isSound()) {
            next.end(false);
            next = spares.poll();
        }
        return next;
    }

    int size() {
        return spares.size();
    }

    boolean isOpening() {
        return opening;
    }

    void opening(boolean now) {
        opening = now;
    }

    void add(ClientSession session) {
        session.owner(new Parked(session));
        spares.add(session);
        session.ask(Operation.L7_FROM_SERVER);
    }

    void endAll() {
        new ArrayList<>(spares).forEach(session -> session.end(false));
        spares.clear();
    }

    private final class Parked implements SessionOwner {
        private final ClientSession session;

        Parked(ClientSession session) {
            this.session = session;
        }

        @Override
        public void acknowledged() {}

        @Override
        public void received(ByteBuf payload) {
            payload.release();
            session.lose(new HttunException("got data on a session that carries no connection"));
        }

        @Override
        public void answered(boolean empty) {
            if (System.nanoTime() - lastUse > keepNanos) {
                spares.remove(session);
                session.end(false);
            } else {
                session.ask(Operation.L7_FROM_SERVER);
            }
        }

        @Override
        public void lost(HttunException cause) {
            spares.remove(session);
        }
    }
}
