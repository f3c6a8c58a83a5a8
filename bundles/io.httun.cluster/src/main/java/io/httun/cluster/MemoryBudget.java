// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import java.util.concurrent.atomic.AtomicLong;

/** Bounds the bytes of all bodies that are on their way between members. Thread-safe. */
final class MemoryBudget {
    private final long most;
    private final AtomicLong used = new AtomicLong();

    /** @param most in bytes */
    MemoryBudget(long most) {
        this.most = most;
    }

    /** Returns false, and books nothing, if that would be too much. */
    boolean take(int bytes) {
        if (used.addAndGet(bytes) > most) {
            used.addAndGet(-bytes);
            return false;
        }
        return true;
    }

    void give(int bytes) {
        used.addAndGet(-bytes);
    }

    long used() {
        return used.get();
    }
}
