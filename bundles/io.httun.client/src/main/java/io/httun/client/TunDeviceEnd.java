// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.api.tun.PacketBatch;
import io.httun.api.tun.PacketReceiver;
import io.httun.api.tun.TunDevice;
import io.httun.api.tun.TunDrop;
import io.httun.api.tun.TunPort;
import io.httun.api.tunnel.FileWatch;
import io.httun.protocol.FrameSource;
import io.httun.protocol.PacketQueue;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * The TUN device's end of a {@link TunLink}: filters packets in both directions, queues those to the server and batches those from it.
 * Confined to an event loop, except {@link #received}.
 */
final class TunDeviceEnd implements FrameSource, PacketReceiver {
    /** Bytes for the server. */
    private static final int MOST_WAITING = 4 << 20;

    /** Bytes of a packet that is probably interactive or an acknowledgement. */
    private static final int SMALL = 1500;

    private final ClientContext context;
    private final EventLoop loop;
    private final PacketJudge judge;
    private final Supplier<PacketCarrier> carrier;
    private final PacketQueue queue;
    private final AtomicBoolean woken = new AtomicBoolean();
    private final PacketBatch arrived = new PacketBatch(64);
    private final List<ByteBuf> payloads = new ArrayList<>();
    private volatile TunDevice device;
    private volatile TunPort port;

    /** @param carrier gives the session; null while there is none */
    TunDeviceEnd(ClientContext context, EventLoop loop, PacketJudge judge, Supplier<PacketCarrier> carrier) {
        this.context = context;
        this.loop = loop;
        this.judge = judge;
        this.carrier = carrier;
        this.queue = new PacketQueue(
                PooledByteBufAllocator.DEFAULT,
                System::nanoTime,
                () -> MOST_WAITING,
                dropped -> drop(TunDrop.QUEUE, dropped));
    }

    /** @throws HttunException if the device is in use */
    void attach(TunDevice with) {
        device = with;
        port = with.attach("client " + context.settings().name(), this);
    }

    /** Tells the device whether there is a session. */
    void connected(boolean is) {
        port.connected(is);
    }

    /** @throws HttunException if the routes cannot be made */
    void route(Set<InetAddress> outside) {
        port.route(outside);
    }

    /** Drops the packets of both directions. */
    void clear() {
        releaseArrived();
        queue.clear();
    }

    /** Gives the device back. Any thread. */
    void detach() {
        TunPort last = port;
        if (last != null) {
            last.close();
        }
    }

    void close() {
        queue.close();
    }

    // ---- to the server ----

    @Override
    public void received(PacketBatch batch) {
        TunPort from = port;
        if (carrier.get() == null || from == null) {
            drop(TunDrop.NO_TUNNEL, batch.size());
            return;
        }
        for (int i = 0; i < batch.size(); i++) {
            byte[] packet = batch.array(i);
            int offset = batch.offset(i);
            int length = batch.length(i);
            if (judge.allows(packet, offset, length)) {
                queue.add(packet, offset, length);
            } else {
                from.drop(TunDrop.FILTERED, 1);
                judge.prohibited(packet, offset, length).ifPresent(error -> {
                    PacketBatch answer = new PacketBatch(1);
                    answer.add(error, 0, error.length);
                    from.write(answer);
                });
            }
        }
        wake();
    }

    @Override
    public Optional<FileWatch> watch(int fd, Runnable readable) {
        return context.surroundings().loops().watch(loop, fd, readable);
    }

    private void wake() {
        if (loop.inEventLoop()) {
            pump();
        } else if (woken.compareAndSet(false, true)) {
            loop.execute(this::pump);
        }
    }

    private void pump() {
        woken.set(false);
        PacketCarrier now = carrier.get();
        if (now != null) {
            now.pump();
        }
    }

    @Override
    public int waiting() {
        return queue.waiting();
    }

    @Override
    public boolean fill(ByteBuf frame) {
        int start = frame.writerIndex();
        boolean filled = queue.fill(frame);
        if (filled) {
            carrier.get().counters().sent(frame.writerIndex() - start);
        }
        return filled;
    }

    /** @param nanos that packets wait in any case */
    void patience(long nanos) {
        queue.patience(nanos);
    }

    // ---- from the server ----

    /** Takes over the packet; {@link #answered} writes it to the device. */
    void arrived(ByteBuf payload) {
        int length = payload.readableBytes();
        carrier.get().counters().received(length);
        payloads.add(payload);
        byte[] array = payload.array();
        int offset = payload.arrayOffset() + payload.readerIndex();
        int mtu = device.mtu();
        Optional<TunDrop> wrong = judge.judge(array, offset, length, mtu);
        if (wrong.isEmpty()) {
            arrived.add(array, offset, length);
            return;
        }
        drop(wrong.get(), 1);
        Optional<byte[]> told =
                switch (wrong.get()) {
                    case FILTERED -> judge.prohibited(array, offset, length);
                    case TOO_BIG -> judge.tooBig(array, offset, length, mtu);
                    default -> Optional.empty();
                };
        told.ifPresent(error -> {
            queue.add(error, 0, error.length);
            wake();
        });
    }

    /** @param next sends the next request, normally before the device is written so that the server need not wait for that */
    void answered(Runnable next) {
        // An application probably waits for a lone small packet.
        boolean urgent = arrived.size() == 1 && arrived.length(0) <= SMALL;
        if (urgent) {
            deliver();
        }
        next.run();
        if (!urgent) {
            deliver();
        }
    }

    private void deliver() {
        if (!arrived.isEmpty() && port != null) {
            port.write(arrived);
        }
        releaseArrived();
    }

    private void releaseArrived() {
        arrived.clear();
        payloads.forEach(ByteBuf::release);
        payloads.clear();
    }

    private void drop(TunDrop cause, int packets) {
        TunPort now = port;
        if (now != null) {
            now.drop(cause, packets);
        }
    }
}
