// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import io.httun.api.tun.PacketBatch;
import io.httun.api.tun.PacketReceiver;
import io.httun.api.tun.TunDrop;
import io.httun.api.tun.TunPort;
import java.net.InetAddress;
import java.util.Collection;

/** The user of a device. */
final class TunUser implements TunPort {
    private final TunEngine engine;
    private final String name;
    private final PacketReceiver receiver;
    private final PacketCounters counters;
    private volatile boolean closed;

    TunUser(TunEngine engine, String name, PacketReceiver receiver, PacketCounters counters) {
        this.engine = engine;
        this.name = name;
        this.receiver = receiver;
        this.counters = counters;
    }

    String name() {
        return name;
    }

    PacketReceiver receiver() {
        return receiver;
    }

    @Override
    public int write(PacketBatch batch) {
        if (closed) {
            counters.drop(TunDrop.DEVICE_DOWN, batch.size());
            return 0;
        }
        return engine.write(batch);
    }

    @Override
    public void drop(TunDrop cause, int packets) {
        counters.drop(cause, packets);
    }

    @Override
    public void route(Collection<InetAddress> outside) {
        engine.route(this, outside);
    }

    @Override
    public void connected(boolean connected) {
        engine.connected(this, connected);
    }

    @Override
    public void close() {
        closed = true;
        engine.detach(this);
    }
}
