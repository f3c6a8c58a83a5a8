// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.status.StatusSource.ConnectionStatus;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The connections to targets that are open, and the last ones that ended. */
final class ConnectionLog {
    private static final int KEPT = 256;

    private final Set<L7Connection> open = ConcurrentHashMap.newKeySet();
    private final Deque<ConnectionStatus> closed = new ArrayDeque<>();

    void opened(L7Connection connection) {
        open.add(connection);
    }

    void closed(L7Connection connection) {
        if (!open.remove(connection)) {
            return;
        }
        ConnectionStatus status = connection.status();
        synchronized (closed) {
            closed.addFirst(status);
            if (closed.size() > KEPT) {
                closed.removeLast();
            }
        }
    }

    Collection<L7Connection> open() {
        return open;
    }

    List<ConnectionStatus> closed() {
        synchronized (closed) {
            return new ArrayList<>(closed);
        }
    }
}
