// SPDX-License-Identifier: Apache-2.0
package io.httun.leaks;

import io.netty.buffer.PooledByteBufAllocator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestPlan;

/**
 * Looks for leaked buffers when all tests of a JVM are over, and ends that JVM with a failure if there are any. A listener cannot fail
 * a test, and the test that leaked is over before its buffer is collected; the records of the report name it.
 */
public final class LeakCheck implements TestExecutionListener {
    private static final int EXIT = 3;
    private static final int COLLECTIONS = 3;
    /** For the collector to tell what it found, which happens on a thread of its own. */
    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(50);

    @Override
    public void testPlanExecutionFinished(TestPlan plan) {
        if (!isNettyThere()) {
            return;
        }
        List<String> leaks = find();
        if (!leaks.isEmpty()) {
            System.err.println(leaks.size() + " buffer(s) leaked; the first one: " + leaks.get(0));
            System.err.flush();
            Runtime.getRuntime().halt(EXIT);
        }
    }

    private static boolean isNettyThere() {
        try {
            Class.forName("io.netty.buffer.PooledByteBufAllocator", false, LeakCheck.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    static List<String> find() {
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
            LockSupport.parkNanos(PAUSE);
            // The detector reports what has been collected when it is asked to track something new.
            PooledByteBufAllocator.DEFAULT.buffer(1).release();
        }
        return RecordingLeakDetector.reports();
    }
}
