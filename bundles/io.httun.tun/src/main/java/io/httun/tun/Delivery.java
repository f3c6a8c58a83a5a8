// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import io.httun.api.tun.PacketBatch;
import io.httun.api.tun.TunDrop;
import io.httun.api.tunnel.FileWatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads packets and hands them to whoever uses the device, and knows when nobody does any more. */
final class Delivery {
    private static final Logger LOG = LoggerFactory.getLogger(Delivery.class);

    private final Counters counters;
    /** Each is held while packets of one queue are read and handed over, so that they stay in order. */
    private final ReentrantLock[] queues;

    private volatile TunUser user;
    /** Null while the device's own thread waits for packets; guarded by this. */
    private FileWatch watch;

    private long lastFailure = System.nanoTime() - TimeUnit.MINUTES.toNanos(1);

    Delivery(Counters counters) {
        this.counters = counters;
        this.queues = IntStream.range(0, TunSettings.MAX_QUEUES)
                .mapToObj(i -> new ReentrantLock())
                .toArray(ReentrantLock[]::new);
    }

    void to(TunUser next) {
        user = next;
    }

    /** @param former gets nothing after the return; where it is called by it, after it returns */
    void end(TunUser former) {
        if (user == former) {
            user = null;
            endWatch();
        }
        for (ReentrantLock queue : queues) {
            // Whoever was in there has come out.
            queue.lock();
            queue.unlock();
        }
    }

    /** Whether the user waits for the packets of the only queue itself, now that it has been asked. */
    synchronized boolean isWatched(TunQueue queue) {
        TunUser now = user;
        if (now != null && (watch == null || !watch.isActive())) {
            watch = now.receiver().watch(queue.fd(), () -> read(0, queue)).orElse(null);
        }
        return now != null && watch != null;
    }

    /** Outside the lock: whoever is called by the watch may want it. */
    private void endWatch() {
        FileWatch former;
        synchronized (this) {
            former = watch;
            watch = null;
        }
        if (former != null) {
            former.close();
        }
    }

    /** @throws LinuxException if the device does not work any more */
    void read(int index, TunQueue queue) {
        queues[index].lock();
        try {
            packets(queue.read());
        } finally {
            queues[index].unlock();
        }
    }

    /**
     * Takes what the kernel has answered to packets that were just written, without waiting for the thread that reads: two changes of threads
     * less for a ping. Does nothing while somebody else reads.
     */
    void readAnswers(int index, TunQueue queue) {
        ReentrantLock lock = queues[index];
        if (lock.isHeldByCurrentThread() || !lock.tryLock()) {
            return;
        }
        try {
            packets(queue.read());
        } catch (LinuxException e) {
            LOG.debug("Queue {} cannot be read; its own thread will find out why", index, e);
        } finally {
            lock.unlock();
        }
    }

    void close(int index, TunQueue queue) {
        endWatch();
        queues[index].lock();
        try {
            queue.close();
        } finally {
            queues[index].unlock();
        }
    }

    private void packets(PacketBatch batch) {
        if (batch.isEmpty()) {
            return;
        }
        TunUser now = user;
        if (now == null) {
            counters.drop(TunDrop.DEVICE_DOWN, batch.size());
            return;
        }
        try {
            now.receiver().received(batch);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    void changed() {
        queues[0].lock();
        try {
            TunUser now = user;
            if (now != null) {
                now.receiver().changed();
            }
        } catch (RuntimeException e) {
            failed(e);
        } finally {
            queues[0].unlock();
        }
    }

    private void failed(RuntimeException e) {
        synchronized (counters) {
            if (System.nanoTime() - lastFailure > TimeUnit.SECONDS.toNanos(1)) {
                lastFailure = System.nanoTime();
                LOG.error("The receiver of a device's packets failed", e);
            }
        }
    }
}
