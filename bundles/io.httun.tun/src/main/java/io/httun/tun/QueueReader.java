// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import io.httun.api.HttunException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Waits for packets of one queue and hands them over, until it is woken or the device goes. */
final class QueueReader {
    private static final Logger LOG = LoggerFactory.getLogger(QueueReader.class);
    /** Changes come in swarms; they are looked at when a swarm should be over. */
    private static final int SETTLE_MILLIS = 100;
    /** How often somebody else's watch is looked after. */
    private static final int WATCHED_MILLIS = 1000;

    private static final int QUEUE = 0;
    private static final int WAKE = 1;
    private static final int WATCH = 2;

    private final int index;
    private final TunQueue queue;
    private final Delivery delivery;
    private final Wake wake;

    QueueReader(int index, TunQueue queue, Delivery delivery, Wake wake) {
        this.index = index;
        this.queue = queue;
        this.delivery = delivery;
        this.wake = wake;
    }

    /** For further queues: when the device goes, the first one's reader sees it too, and wakes everybody. */
    void runAlone() {
        try {
            Poll poll = new Poll(queue.fd(), wake.fd());
            do {
                poll.await(-1);
            } while (step(poll));
        } catch (HttunException e) {
            LOG.debug("Queue {} has ended", index, e);
        }
    }

    /**
     * For the first queue.
     *
     * @param alone whether it is the only one, which the user may watch itself; this then waits for everything else
     * @param changed called when something in the host's links and routes has changed
     * @throws LinuxException if the device has gone
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
                "the interface was removed by somebody (ip link delete?); it is made again. To be rid of it, delete its configuration");
    }
}
