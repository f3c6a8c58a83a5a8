// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes that wait in the queues of all connections. While they are few, each queue may hold what fills a batch; with many
 * connections each has to do with less.
 */
final class QueueBudget {
    private static final int SHARE = 8;

    private final long most;
    private final AtomicLong used = new AtomicLong();

    QueueBudget() {
        this(Runtime.getRuntime().maxMemory() / SHARE);
    }

    QueueBudget(long most) {
        this.most = most;
    }

    void use(int bytes) {
        used.addAndGet(bytes);
    }

    void free(int bytes) {
        used.addAndGet(-bytes);
    }

    boolean isAmple() {
        return used.get() < most;
    }
}
