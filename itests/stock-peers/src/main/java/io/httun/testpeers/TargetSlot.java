// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;

/** The L7 side of a stock channel (wire protocol, section 5): one target connection at a time. */
final class TargetSlot {

    private final Predicate<InetSocketAddress> denied;
    private final ServerTiming timing;
    private final AtomicReference<TargetSocket> current = new AtomicReference<>();
    private final Signal connected = new Signal();
    private volatile Deadline idle = Deadline.NEVER;

    TargetSlot(Predicate<InetSocketAddress> denied, ServerTiming timing) {
        this.denied = denied;
        this.timing = timing;
    }

    /** Connects first where there is no connection, or one to another address; no data means close. */
    void send(StockContainer container) throws IOException {
        if (denied.test(container.address())) {
            throw new StockException("the deny list has " + container.address());
        }
        if (container.data().length == 0) {
            disconnect();
            return;
        }
        TargetSocket target = current.get();
        boolean connect = target == null || !target.address().equals(container.address());
        if (connect) {
            disconnect();
            target = TargetSocket.connect(container.address());
            close(current.getAndSet(target));
        }
        target.write(container.data(), Deadline.after(timing.targetSend()));
        touch();
        if (connect) {
            connected.raise();
        }
    }

    /** What the target sent, as a container; empty when nothing came in time. */
    Optional<StockContainer> receive(Deadline deadline) throws IOException, InterruptedException {
        while (true) {
            TargetSocket target = current.get();
            if (target == null) {
                if (!connected.await(deadline)) {
                    return Optional.empty();
                }
                continue;
            }
            TargetSocket.Chunk chunk = target.take(deadline);
            if (chunk == null) {
                return Optional.empty();
            }
            if (chunk == TargetSocket.Chunk.DISCONNECTED) {
                continue;
            }
            if (chunk.failure() != null) {
                throw chunk.failure();
            }
            if (chunk.data().length == 0 && current.compareAndSet(target, null)) {
                target.close();
            }
            touch();
            return Optional.of(new StockContainer(target.address(), chunk.data()));
        }
    }

    /** Tells the client nothing. */
    void disconnect() {
        close(current.getAndSet(null));
    }

    private static void close(TargetSocket target) {
        if (target != null) {
            target.close();
        }
    }

    boolean isConnected() {
        return current.get() != null;
    }

    void closeIfIdle() {
        if (idle.isOver()) {
            idle = Deadline.NEVER;
            disconnect();
        }
    }

    private void touch() {
        idle = Deadline.after(timing.targetIdle());
    }
}
