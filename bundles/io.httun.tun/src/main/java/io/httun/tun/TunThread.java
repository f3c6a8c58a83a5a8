// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import io.httun.tun.TunEngine.Ending;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread of a device: opens the device, reads it until it is lost or must be reopened, and starts again. Only
 * {@link #stop} ends the thread: every exception is reported to the device and followed by another attempt.
 */
final class TunThread {
    /** The work of the thread, called on the thread only. Each method may throw. */
    interface Work {
        void open();

        /** Reads until {@code wake} is signalled or the device is lost. */
        void read(WakeEvent wake);

        /** Called after each attempt, also after a failed {@link #open}. */
        void close();

        /** Reports the failure of an attempt. */
        void failed(Throwable cause);

        /** The last call. */
        void end(Ending how);
    }

    private static final Logger LOG = LoggerFactory.getLogger(TunThread.class);
    private static final long RETRY_MILLIS = 5_000;
    /** Pause before reopening a device that was lost within a second. */
    private static final long LOST_AGAIN_MILLIS = 500;

    private static final long STOP_MILLIS = 5_000;

    private final Work work;
    private final long retryMillis;
    private final Thread thread;

    /** The fields below are guarded by this. {@code wake} is null while the device is neither read nor opened. */
    private WakeEvent wake;

    private boolean again;
    private Ending ending;

    TunThread(String name, Work work) {
        this(name, work, RETRY_MILLIS);
    }

    TunThread(String name, Work work, long retryMillis) {
        this.work = work;
        this.retryMillis = retryMillis;
        this.thread = new Thread(this::run, name);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Closes and reopens the device. */
    synchronized void openAgain() {
        again = true;
        wakeUp();
    }

    /** Ends the thread and waits for its end. */
    void stop(Ending how) {
        synchronized (this) {
            ending = how;
            wakeUp();
        }
        try {
            thread.join(STOP_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            LOG.error("{} did not end within {} ms", thread.getName(), STOP_MILLIS);
        }
    }

    private void wakeUp() {
        if (wake != null) {
            wake.signal();
        }
        notifyAll();
    }

    private synchronized boolean isEnding() {
        return ending != null;
    }

    private void run() {
        while (!isEnding()) {
            long began = System.nanoTime();
            boolean worked = attempt();
            boolean briefly = System.nanoTime() - began < TimeUnit.SECONDS.toNanos(1);
            pause(!worked ? retryMillis : briefly ? Math.min(LOST_AGAIN_MILLIS, retryMillis) : 0);
        }
        end();
    }

    /** @return whether the device was open */
    private boolean attempt() {
        boolean worked = false;
        try (WakeEvent now = new WakeEvent()) {
            arm(now);
            work.open();
            worked = true;
            work.read(now);
        } catch (RuntimeException | Error e) {
            failed(e);
        } finally {
            disarm();
        }
        return worked;
    }

    private synchronized void arm(WakeEvent now) {
        wake = now;
        if (ending != null) {
            now.signal();
        }
    }

    private void disarm() {
        synchronized (this) {
            wake = null;
        }
        try {
            work.close();
        } catch (RuntimeException | Error e) {
            failed(e);
        }
    }

    private void failed(Throwable cause) {
        try {
            work.failed(cause);
        } catch (RuntimeException | Error e) {
            cause.addSuppressed(e);
            LOG.error("{} cannot report a failure", thread.getName(), cause);
        }
    }

    private synchronized void pause(long millis) {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        for (long left = millis; left > 0 && ending == null && !again; ) {
            try {
                wait(left);
            } catch (InterruptedException e) {
                LOG.debug("{} was interrupted and continues: only stop() ends it", thread.getName());
            }
            left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
        }
        again = false;
    }

    private void end() {
        Ending how;
        synchronized (this) {
            how = ending;
        }
        try {
            work.end(how);
        } catch (RuntimeException | Error e) {
            LOG.error("{} could not restore the host's configuration", thread.getName(), e);
        }
    }
}
