// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import io.httun.toolkit.status.LogLimiter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Waits for packets of one queue and passes them on, until woken or until the device is lost. */
final class QueueReader {
    private static final Logger LOG = LoggerFactory.getLogger(QueueReader.class);
    /** Changes come in bursts; they are handled after the burst. */
    private static final int SETTLE_MILLIS = 100;
    /** Interval of checks while another thread watches the queue. */
    private static final int WATCHED_MILLIS = 1000;

    private static final int QUEUE = 0;
    private static final int WAKE = 1;
    private static final int WATCH = 2;

    private final int index;
    private final TunQueue queue;
    private final Delivery delivery;
    private final WakeEvent wake;
    private final LogLimiter limited = new LogLimiter(LOG);

    QueueReader(int index, TunQueue queue, Delivery delivery, WakeEvent wake) {
        this.index = index;
        this.queue = queue;
        this.delivery = delivery;
        this.wake = wake;
    }

    /** For further queues. When one fails, all are woken, so that the device reopens with all of them. */
    void runAlone() {
        try {
            Poll poll = new Poll(queue.fd(), wake.fd());
            do {
                poll.await(-1);
            } while (step(poll));
        } catch (RuntimeException | Error e) {
            limited.warn("queue", "Queue {} cannot be read; reopening the device", index, e);
            wake.signal();
        }
    }

    /**
     * For the first queue.
     *
     * @param alone whether it is the only queue, which the user may watch itself; then this waits for other events
     *     only
     * @param changed called after a change of the host's links and routes
     * @throws LinuxException if the device is lost
     */
    void run(boolean alone, Netlink watch, Runnable changed) {
        Poll poll = new Poll(queue.fd(), wake.fd(), watch.fd());
        long since = 0;
        do {
            boolean watched = alone && delivery.isWatched(queue);
            poll.expect(QUEUE, !watched);
            poll.await(since != 0 ? SETTLE_MILLIS : watched ? WATCHED_MILLIS : -1);
            if (poll.isReadable(WATCH)) {
                watch.drain();
                since = since == 0 ? System.nanoTime() : since;
            }
            if (since != 0 && System.nanoTime() - since >= SETTLE_MILLIS * 1_000_000L) {
                since = 0;
                changed.run();
            }
        } while (step(poll));
    }

    private boolean step(Poll poll) {
        if (poll.isReadable(WAKE)) {
            return false;
        }
        if (poll.isBroken(QUEUE)) {
            throw gone();
        }
        if (poll.isReadable(QUEUE)) {
            delivery.read(index, queue);
        }
        return true;
    }

    private static LinuxException gone() {
        return new LinuxException(
                LibC.EBADFD,
                "the interface was removed (ip link delete?); creating it again. To remove it for good, delete its configuration");
    }
}
