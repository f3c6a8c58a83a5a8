// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import io.httun.api.tun.PacketBatch;
import io.httun.api.tun.PacketReceiver;
import io.httun.api.tunnel.FileWatch;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** Waits for packets on threads of its own. */
final class WatchingUser implements PacketReceiver {
    private final List<Watch> watches = new CopyOnWriteArrayList<>();
    private volatile boolean received;

    static final class Watch extends Thread implements FileWatch {
        private final Poll poll;
        private final WakeEvent wake;
        private final Runnable readable;
        private volatile boolean active = true;

        private Watch(int fd, WakeEvent wake, Runnable readable) {
            this.poll = new Poll(fd, wake.fd());
            this.wake = wake;
            this.readable = readable;
            setDaemon(true);
        }

        @Override
        public void run() {
            while (active) {
                poll.await(-1);
                if (poll.isBroken(0) || poll.isReadable(1)) {
                    active = false;
                } else {
                    readable.run();
                }
            }
        }

        @Override
        public boolean isActive() {
            return active;
        }

        @Override
        public void close() {
            try {
                wake.signal();
                join();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Override
    public Optional<FileWatch> watch(int fd, Runnable readable) {
        Watch watch = new Watch(fd, new WakeEvent(), readable);
        watch.start();
        watches.add(watch);
        return Optional.of(watch);
    }

    @Override
    public void received(PacketBatch batch) {
        received |= Thread.currentThread() instanceof Watch;
    }

    /** Whether a packet arrived on a watching thread since the last call. */
    boolean received() {
        boolean was = received;
        received = false;
        return was;
    }

    List<Watch> watches() {
        return watches;
    }
}
