// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.login;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Threads that hash passwords: never an event loop, and half of the cores at most. */
public final class LoginThreads {
    private static final int WAITING = 256;
    private static final int IDLE_SECONDS = 30;

    private final ThreadPoolExecutor threads;

    public LoginThreads() {
        int count = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        // Threads start with the first login and end when there are none.
        threads = new ThreadPoolExecutor(
                count,
                count,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(WAITING),
                new DefaultThreadFactory("httun-login", true));
        threads.allowCoreThreadTimeOut(true);
    }

    public void stop() {
        threads.shutdownNow();
    }

    /** @return whether it will run; not where too much waits already */
    public boolean run(Runnable work) {
        try {
            threads.execute(work);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }
}
