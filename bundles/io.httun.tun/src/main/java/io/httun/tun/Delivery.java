// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import io.httun.api.tun.PacketBatch;
import io.httun.api.tun.TunDrop;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands packets to whoever uses the device, and knows when nobody does any more. */
final class Delivery {
    private static final Logger LOG = LoggerFactory.getLogger(Delivery.class);

    private final Counters counters;
    /** Each is held while packets of one queue are handed over. */
    private final Object[] queues;

    private volatile TunUser user;
    private long lastFailure = System.nanoTime() - TimeUnit.MINUTES.toNanos(1);

    Delivery(Counters counters) {
        this.counters = counters;
        this.queues = IntStream.range(0, TunSettings.MAX_QUEUES)
                .mapToObj(i -> new Object())
                .toArray();
    }

    void to(TunUser next) {
        user = next;
    }

    /** @param former gets nothing after the return; where it is called by it, after it returns */
    void end(TunUser former) {
        if (user == former) {
            user = null;
        }
        for (Object queue : queues) {
            synchronized (queue) {
                // Whoever was in there has come out.
                continue;
            }
        }
    }

    void packets(int queue, PacketBatch batch) {
        if (batch.isEmpty()) {
            return;
        }
        synchronized (queues[queue]) {
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
    }

    void changed() {
        synchronized (queues[0]) {
            TunUser now = user;
            if (now != null) {
                try {
                    now.receiver().changed();
                } catch (RuntimeException e) {
                    failed(e);
                }
            }
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
