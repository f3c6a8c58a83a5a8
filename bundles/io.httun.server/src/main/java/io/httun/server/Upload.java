// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.tunnel.TunnelReply;
import io.httun.protocol.L7Container;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.CompletableFuture;

/**
 * A frame on {@code w} that waits for its predecessors or for room, with the requests that carried it. Guarded by its
 * inbox's lock.
 */
final class Upload extends PendingRequest<CompletableFuture<TunnelReply>> {
    /** The content of a frame. Its holder owns the bytes. */
    sealed interface Content {
        /** Bytes for a target, or the close of the connection to it. */
        record ForTarget(L7Container container) implements Content {
            @Override
            public void release() {
                container.data().release();
            }
        }

        /** An IP packet, not checked yet. */
        record Packet(ByteBuf packet) implements Content {
            @Override
            public void release() {
                packet.release();
            }
        }

        /** Bytes that the client wants back. */
        record Ping(ByteBuf payload) implements Content {
            @Override
            public void release() {
                payload.release();
            }
        }

        /** A wrong content: it is not taken, but its number is used. */
        record Wrong() implements Content {
            @Override
            public void release() {
                // holds nothing
            }
        }

        void release();
    }

    private static final int PATIENCE_SECONDS = 2;

    private final long number;
    private final Content content;
    private final int size;

    /**
     * @param number of its sequence type
     * @param content taken over
     * @param size of its payload in bytes
     */
    Upload(long number, Content content, int size) {
        super(PATIENCE_SECONDS);
        this.number = number;
        this.content = content;
        this.size = size;
    }

    long number() {
        return number;
    }

    Content content() {
        return content;
    }

    int size() {
        return size;
    }
}
