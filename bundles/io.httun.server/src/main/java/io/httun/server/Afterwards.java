// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.tunnel.TunnelReply;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * What is to be done once a lock has been given back: whoever waits for a reply may do anything when it comes, so no
 * reply is given while a lock is held.
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

    /** A reply with a body: whoever has given up waiting gets none of it, and its {@link TunnelReply.Delivery} hears so. */
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
