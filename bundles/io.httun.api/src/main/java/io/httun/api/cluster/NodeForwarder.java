// SPDX-License-Identifier: Apache-2.0
package io.httun.api.cluster;

import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Carries requests to the server that has their sessions. Thread-safe; never blocks. */
public interface NodeForwarder {
    /** Reaches nobody. */
    NodeForwarder NONE = new NodeForwarder() {
        @Override
        public boolean reaches(int node) {
            return false;
        }

        @Override
        public CompletableFuture<Optional<TunnelReply>> forward(int node, TunnelRequest request) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
    };

    /** Whether another member has this number now. */
    boolean reaches(int node);

    /**
     * Has another member answer.
     *
     * @param node its number
     * @param request whose body stays the caller's, and is not changed until the reply is there
     * @return completes on any thread, never exceptionally: with the reply as it came, to be told of its delivery; empty if that member is
     *     gone, or has gone before it answered. Cancelled by a caller that does not wait any more
     */
    CompletableFuture<Optional<TunnelReply>> forward(int node, TunnelRequest request);
}
