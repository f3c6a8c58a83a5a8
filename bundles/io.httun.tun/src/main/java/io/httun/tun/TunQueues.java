// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import io.httun.api.tun.PacketBatch;
import io.httun.api.tun.TunDrop;
import java.util.ArrayList;
import java.util.List;

/** The open queues of a device: each is read by its own thread, and written by any thread. */
final class TunQueues {
    private static final TunQueue[] NONE = {};
    private static final long STOP_MILLIS = 5_000;

    private final PacketCounters counters;
    private final Delivery delivery;
    private volatile TunQueue[] open = NONE;

    TunQueues(PacketCounters counters, Delivery delivery) {
        this.counters = counters;
        this.delivery = delivery;
    }

    void open(List<TunQueue> queues) {
        open = queues.toArray(NONE);
    }

    /** A queue for operations on the whole device. */
    TunQueue first() {
        return open[0];
    }

    /**
     * As {@link io.httun.api.tun.TunPort#write}. A writing thread always uses the same queue, so that its packets
     * stay in order.
     */
    int write(PacketBatch batch, int mtu) {
        TunQueue[] now = open;
        if (now.length == 0) {
            counters.drop(TunDrop.DEVICE_DOWN, batch.size());
            return 0;
        }
        int index = (int) (Thread.currentThread().getId() % now.length);
        int taken = now[index].write(batch, mtu);
        if (taken > 0) {
            delivery.readAnswers(index, now[index]);
        }
        return taken;
    }

    /** Reads on this thread and others, until woken or until the device is lost. */
    void read(WakeEvent wake, Runnable changed) {
        TunQueue[] now = open;
        List<Thread> others = new ArrayList<>();
        try (Netlink watch = Netlink.watch()) {
            for (int i = 1; i < now.length; i++) {
                QueueReader reader = new QueueReader(i, now[i], delivery, wake);
                Thread other =
                        new Thread(reader::runAlone, Thread.currentThread().getName() + '-' + i);
                other.setDaemon(true);
                other.start();
                others.add(other);
            }
            new QueueReader(0, now[0], delivery, wake).run(now.length == 1, watch, changed);
        } finally {
            wake.signal();
            others.forEach(TunQueues::join);
        }
    }

    private static void join(Thread other) {
        try {
            other.join(STOP_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void close() {
        TunQueue[] former = open;
        open = NONE;
        for (int i = 0; i < former.length; i++) {
            delivery.close(i, former[i]);
        }
    }
}
