// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;

/** The one HTTP connection of a direction: kept where the reply allows it, opened again where not. */
final class KeptConnection implements AutoCloseable {

    private final InetSocketAddress server;
    private StockHttpConnection current;
    private volatile boolean closed;

    KeptConnection(InetSocketAddress server) {
        this.server = server;
    }

    /** One request and its reply; whatever goes wrong ends the connection. */
    StockReply exchange(byte[] request, Duration timeout, boolean untilClose) throws IOException {
        Deadline deadline = Deadline.after(timeout);
        StockHttpConnection connection = connection(timeout);
        boolean keep = false;
        try {
            connection.send(request);
            StockReply reply = connection.readReply(deadline, untilClose);
            keep = reply.keepsConnection();
            return reply;
        } finally {
            if (!keep) {
                drop();
            }
        }
    }

    private synchronized StockHttpConnection connection(Duration timeout) throws IOException {
        if (closed) {
            throw new StockException("this session is closed");
        }
        if (current != null && current.isStale()) {
            drop();
        }
        if (current == null) {
            current = StockHttpConnection.open(server, timeout);
        }
        return current;
    }

    private synchronized void drop() throws IOException {
        if (current != null) {
            current.close();
            current = null;
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        drop();
    }
}
