// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.tun.PacketBatch;
import io.httun.api.tun.PacketReceiver;
import io.httun.api.tun.TunDevice;
import io.httun.api.tun.TunPort;
import io.httun.testpeers.StockDevice;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** A device of the kernel in the hands of a stock-like end; what the end does not fetch in time is dropped, as the kernel does. */
final class StockTun implements StockDevice, PacketReceiver, AutoCloseable {
    private static final int MOST_WAITING = 500;

    private final BlockingQueue<byte[]> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
    private final TunPort port;

    StockTun(TunDevice device) {
        port = device.attach("stock", this);
    }

    @Override
    public void received(PacketBatch batch) {
        for (int i = 0; i < batch.size(); i++) {
            int offset = batch.offset(i);
            waiting.offer(Arrays.copyOfRange(batch.array(i), offset, offset + batch.length(i)));
        }
    }

    @Override
    public Optional<byte[]> read(Duration timeout) throws InterruptedException {
        return Optional.ofNullable(waiting.poll(timeout.toNanos(), TimeUnit.NANOSECONDS));
    }

    @Override
    public void write(byte[] packet) {
        PacketBatch one = new PacketBatch(1);
        one.add(packet, 0, packet.length);
        port.write(one);
    }

    @Override
    public void close() {
        port.close();
    }
}
