// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.HttunException;
import io.httun.api.tun.PacketBatch;
import io.httun.api.tun.PacketReceiver;
import io.httun.api.tun.TunDevice;
import io.httun.api.tun.TunDrop;
import io.httun.api.tun.TunPort;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** A device without a kernel: keeps what is written to it, and counts drops. */
final class FakeTun implements TunDevice, TunPort {
    final List<byte[]> written = new CopyOnWriteArrayList<>();
    final Map<TunDrop, Integer> drops = new EnumMap<>(TunDrop.class);
    private PacketReceiver receiver;
    private String user;

    /** A packet comes from the kernel. */
    void send(byte[]... packets) {
        PacketBatch batch = new PacketBatch(1);
        for (byte[] packet : packets) {
            batch.add(packet, 0, packet.length);
        }
        receiver.received(batch);
    }

    boolean isInUse() {
        return receiver != null;
    }

    @Override
    public String device() {
        return "fake";
    }

    @Override
    public int mtu() {
        return 1400;
    }

    @Override
    public Optional<String> problem() {
        return Optional.empty();
    }

    @Override
    public TunPort attach(String who, PacketReceiver packets) {
        if (receiver != null) {
            throw new HttunException("device fake is used by " + user);
        }
        user = who;
        receiver = packets;
        return this;
    }

    @Override
    public int write(PacketBatch batch) {
        for (int i = 0; i < batch.size(); i++) {
            written.add(Arrays.copyOfRange(batch.array(i), batch.offset(i), batch.offset(i) + batch.length(i)));
        }
        return batch.size();
    }

    @Override
    public synchronized void drop(TunDrop cause, int packets) {
        drops.merge(cause, packets, Integer::sum);
    }

    @Override
    public void route(Collection<InetAddress> outside) {}

    @Override
    public void connected(boolean connected) {}

    @Override
    public void close() {
        receiver = null;
    }
}
