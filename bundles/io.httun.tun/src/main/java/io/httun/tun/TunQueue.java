// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import io.httun.api.tun.PacketBatch;
import io.httun.api.tun.TunDrop;
import io.httun.protocol.IpPacket;

/** One open queue of a device, with its memory. Read by one thread at a time, written by any thread. */
final class TunQueue {
    /** Capacity for the largest packet with its offload header, and one byte more to detect a larger one. */
    static final int SLOT = Virtio.HEADER + IpPacket.MAX_LENGTH + 1;

    private final int fd;
    private final PacketCounters counters;
    private final QueueInput input;
    private final QueueOutput output;
    private volatile boolean closed;

    TunQueue(int fd, Offload offload, PacketCounters counters) {
        this.fd = fd;
        this.counters = counters;
        this.input = new QueueInput(fd, offload, counters);
        this.output = new QueueOutput(fd, offload, counters);
    }

    int fd() {
        return fd;
    }

    /** Must not be called while the queue is read. */
    void close() {
        synchronized (output) {
            closed = true;
            LibC.close(fd);
        }
    }

    /** As {@link QueueInput#read}; empty for a closed queue. */
    PacketBatch read() {
        return closed ? input.nothing() : input.read();
    }

    /** As {@link QueueOutput#write}. */
    int write(PacketBatch packets, int mtu) {
        synchronized (output) {
            if (closed) {
                counters.drop(TunDrop.DEVICE_DOWN, packets.size());
                return 0;
            }
            return output.write(packets, mtu);
        }
    }
}
