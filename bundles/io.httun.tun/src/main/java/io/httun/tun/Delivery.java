// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import io.httun.api.tun.PacketBatch;
import io.httun.api.tun.TunDrop;
import io.httun.api.tunnel.FileWatch;
import io.httun.toolkit.status.LogLimiter;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads packets and passes them to the device's user, and ensures that a former user gets none. */
final class Delivery {
    private static final Logger LOG = LoggerFactory.getLogger(Delivery.class);

    private final PacketCounters counters;
    /** Each lock is held while packets of one queue are read and passed on, so that they stay in order. */
    private final ReentrantLock[] queues;

    private volatile TunUser user;
    /** Null while the device's own thread waits for packets; guarded by this. */
    private FileWatch watch;

    private final LogLimiter limited = new LogLimiter(LOG);

    Delivery(PacketCounters counters) {
        this.counters = counters;
        this.queues = IntStream.range(0, TunDeviceSettings.MAX_QUEUES)
                .mapToObj(i -> new ReentrantLock())
                .toArray(ReentrantLock[]::new);
    }

    void to(TunUser next) {
        user = next;
    }

    /** @param former receives nothing after the return; if it is the caller, after its own call has returned */
    void end(TunUser former) {
        if (user == former) {
            user = null;
            endWatch();
        }
        for (ReentrantLock queue : queues) {
            // Waits for the deliveries in progress.
            queue.lock();
            queue.unlock();
        }
    }

    /** Asks the user to watch the only queue itself; returns whether it does. */
    synchronized boolean isWatched(TunQueue queue) {
        TunUser now = user;
        if (now != null && (watch == null || !watch.isActive())) {
            try {
                watch = now.receiver().watch(queue.fd(), () -> read(0, queue)).orElse(null);
            } catch (RuntimeException | Error e) {
                watch = null;
                failed(e);
            }
        }
        return now != null && watch != null;
    }

    /** Outside the lock, which the watch's callback may need. */
    private void endWatch() {
        FileWatch former;
        synchronized (this) {
            former = watch;
            watch = null;
        }
        if (former != null) {
            try {
                former.close();
            } catch (RuntimeException | Error e) {
                failed(e);
            }
        }
    }

    /** @throws LinuxException if the device has failed */
    void read(int index, TunQueue queue) {
        queues[index].lock();
        try {
            packets(queue.read());
        } finally {
            queues[index].unlock();
        }
    }

    /**
     * Reads the kernel's answers to packets just written, instead of waking the reading thread: it saves two thread
     * switches per ping. Does nothing while another thread reads.
     */
    void readAnswers(int index, TunQueue queue) {
        ReentrantLock lock = queues[index];
        if (lock.isHeldByCurrentThread() || !lock.tryLock()) {
            return;
        }
        try {
            packets(queue.read());
        } catch (LinuxException e) {
            LOG.debug("Queue {} cannot be read; its own thread reports the cause", index, e);
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
        int packets = batch.size();
        try {
            now.receiver().received(batch);
        } catch (RuntimeException | Error e) {
            counters.drop(TunDrop.FAULT, packets);
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
        } catch (RuntimeException | Error e) {
            failed(e);
        } finally {
            queues[0].unlock();
        }
    }

    /** An exception of the user affects neither the device nor other packets. */
    private void failed(Throwable e) {
        limited.error("receiver", "The receiver of a device's packets failed", e);
    }
}
