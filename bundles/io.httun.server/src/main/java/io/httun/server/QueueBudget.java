// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.netty.util.internal.PlatformDependent;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the bytes that wait in the queues of all connections. While they are few, each queue may hold enough to fill a batch. When they are
 * many, each queue may hold less, and beyond a limit no client gets a first session.
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

    /** @param memory of which a part may be used: some bytes wait on the heap, some outside */
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

    /** All bytes that wait. */
    long waiting() {
        return used.get() + held.get();
    }

    boolean isAmple() {
        return used.get() < ample;
    }

    /** Whether the limit is reached. */
    boolean isFull(int percent) {
        return waiting() >= most(percent);
    }

    /** The limit, in bytes. */
    long most(int percent) {
        return memory / PERCENT * percent;
    }
}
