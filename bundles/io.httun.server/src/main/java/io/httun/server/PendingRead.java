// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.tunnel.TunnelReply;
import io.httun.protocol.Operation;
import java.util.concurrent.CompletableFuture;

/** A request on {@code r} that waits for data, with its repetitions. */
final class PendingRead extends PendingRequest<CompletableFuture<TunnelReply>> {
    private static final int PATIENCE_SECONDS = 5;

    private final Operation operation;
    private final long sequence;

    PendingRead(Operation operation, long sequence) {
        super(PATIENCE_SECONDS);
        this.operation = operation;
        this.sequence = sequence;
    }

    Operation operation() {
        return operation;
    }

    long sequence() {
        return sequence;
    }
}
