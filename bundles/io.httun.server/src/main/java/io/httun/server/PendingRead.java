// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.tunnel.TunnelReply;
import io.httun.protocol.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A request on {@code r} that waits for data, with its repetitions. Guarded by its read side's lock. */
final class PendingRead {
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(5);
    private static final int MAX_WAITING = 4;

    private final Operation operation;
    private final long sequence;
    private final long deadline = System.nanoTime() + PATIENCE;
    private final List<CompletableFuture<TunnelReply>> waiting = new ArrayList<>(1);

    PendingRead(Operation operation, long sequence) {
        this.operation = operation;
        this.sequence = sequence;
    }

    Operation operation() {
        return operation;
    }

    long sequence() {
        return sequence;
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
