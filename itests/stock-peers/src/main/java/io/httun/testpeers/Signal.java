// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** A wake-up for one waiter, the oldest; kept, once, while nobody waits. */
final class Signal {

    private final Semaphore permit = new Semaphore(0, true);

    synchronized void raise() {
        if (permit.availablePermits() == 0) {
            permit.release();
        }
    }

    /** Returns whether the signal came in time. */
    boolean await(Deadline deadline) throws InterruptedException {
        return permit.tryAcquire(deadline.remainingNanos(), TimeUnit.NANOSECONDS);
    }
}
