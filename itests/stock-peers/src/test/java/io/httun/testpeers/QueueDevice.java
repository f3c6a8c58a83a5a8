// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A device whose other side is the test. */
final class QueueDevice implements StockDevice {
    final BlockingQueue<byte[]> toTunnel = new LinkedBlockingQueue<>();
    final BlockingQueue<byte[]> fromTunnel = new LinkedBlockingQueue<>();

    @Override
    public Optional<byte[]> read(Duration timeout) throws InterruptedException {
        return Optional.ofNullable(toTunnel.poll(timeout.toNanos(), TimeUnit.NANOSECONDS));
    }

    @Override
    public void write(byte[] packet) {
        fromTunnel.add(packet);
    }
}
