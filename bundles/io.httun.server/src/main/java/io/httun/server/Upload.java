// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.tunnel.TunnelReply;
import io.httun.protocol.L7Container;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A frame on {@code w} that waits for its predecessors or for room, with the requests that carried it. Guarded by its
 * write side's lock.
 */
final class Upload {
    /** What a frame brings. Whoever holds it owns its bytes. */
    sealed interface Content {
        /** Bytes for a target, or the close of the connection to it. */
        record ForTarget(L7Container container) implements Content {
            @Override
            public void release() {
                container.data().release();
            }
        }

        /** Bytes that the client wants back. */
        record Ping(ByteBuf payload) implements Content {
            @Override
            public void release() {
                payload.release();
            }
        }

        /** Nothing that can be taken, but its number has been used. */
        record Wrong() implements Content {
            @Override
            public void release() {
                // holds nothing
            }
        }

        void release();
    }

    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(2);
    private static final int MAX_WAITING = 4;

    private final Content content;
    private final int size;
    private final long deadline = System.nanoTime() + PATIENCE;
    private final List<CompletableFuture<TunnelReply>> waiting = new ArrayList<>(1);

    Upload(Content content, int size) {
        this.content = content;
        this.size = size;
    }

    Content content() {
        return content;
    }

    int size() {
        return size;
    }

    boolean isOverdue(long now) {
        return now - deadline >= 0;
    }

    List<CompletableFuture<TunnelReply>> waiting() {
        return waiting;
    }

    /** Returns false if too many wait already. */
    boolean join(CompletableFuture<TunnelReply> one) {
        return waiting.size() < MAX_WAITING && waiting.add(one);
    }
}
