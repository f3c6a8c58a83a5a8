// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.jdk;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;

/** Makes executors of periodic tasks whose threads do not keep the process alive. */
public final class DaemonClock {
    private DaemonClock() {}

    /** One thread of this name, which is started with the first task. The caller ends it by {@code shutdownNow()}. */
    public static ScheduledExecutorService named(String name) {
        return named(name, 1);
    }

    /** @param threads so that one slow task does not delay the others */
    public static ScheduledExecutorService named(String name, int threads) {
        return new ScheduledThreadPoolExecutor(threads, task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
    }
}
