// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.netty.util.internal.PlatformDependent;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes that wait in the queues of all connections. While they are few, each queue may hold what fills a batch; with many
 * connections each has to do with less, and when they are too many, no client gets a first session.
 */
final class QueueBudget {
    private static final int SHARE = 8;
    private static final int PERCENT = 100;

    private final long ample;
    private final long memory;
    private final AtomicLong used = new AtomicLong();
    private final AtomicLong held = new AtomicLong();

    QueueBudget() {
        this(
                Runtime.getRuntime().maxMemory() / SHARE,
                Math.min(Runtime.getRuntime().maxMemory(), PlatformDependent.maxDirectMemory()));
    }

    /** @param memory where what waits may lie: some of it on the heap, some outside */
    QueueBudget(long ample, long memory) {
        this.ample = ample;
        this.memory = memory;
    }

    void use(int bytes) {
        used.addAndGet(bytes);
    }

    void free(int bytes) {
        used.addAndGet(-bytes);
    }

    /**
     * Bytes that wait elsewhere than in a queue: for a frame that is missing, or for their delivery to be known.
     *
     * @param bytes negative for fewer
     */
    void hold(int bytes) {
        held.addAndGet(bytes);
    }

    /** All of it. */
    long waiting() {
        return used.get() + held.get();
    }

    boolean isAmple() {
        return used.get() < ample;
    }

    /** Whether as much waits as may. */
    boolean isFull(int percent) {
        return waiting() >= most(percent);
    }

    /** As much as may wait. */
    long most(int percent) {
        return memory / PERCENT * percent;
    }
}
