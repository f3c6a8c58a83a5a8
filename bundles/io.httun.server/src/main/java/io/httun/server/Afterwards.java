// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.tunnel.TunnelReply;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Steps to run once a lock has been released. A requester may do anything when its reply comes, so no reply is given while a
 * lock is held.
 */
final class Afterwards {
    private List<Runnable> steps = List.of();

    void add(Runnable step) {
        if (steps.isEmpty()) {
            steps = new ArrayList<>(4);
        }
        steps.add(step);
    }

    void reply(CompletableFuture<TunnelReply> waiting, TunnelReply reply) {
        add(() -> waiting.complete(reply));
    }

    /** A reply with a body. If the requester has given up, the body is released and its {@link TunnelReply.Delivery} has failed. */
    void deliver(CompletableFuture<TunnelReply> waiting, TunnelReply reply) {
        add(() -> {
            if (!waiting.complete(reply)) {
                reply.body().release();
                reply.delivery().failed();
            }
        });
    }

    void reply(List<CompletableFuture<TunnelReply>> waiting, TunnelReply reply) {
        waiting.forEach(one -> reply(one, reply));
    }

    void run() {
        steps.forEach(Runnable::run);
    }
}
