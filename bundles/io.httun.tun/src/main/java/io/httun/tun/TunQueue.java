// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import io.httun.api.tun.PacketBatch;
import io.httun.api.tun.TunDrop;
import io.httun.protocol.IpPacket;

/** One open queue of a device, with all the memory it needs. Read by one thread at a time, written by any. */
final class TunQueue {
    /** Room for the largest packet with its offload header, and one byte more to notice that it is none. */
    static final int SLOT = Virtio.HEADER + IpPacket.MAX_LENGTH + 1;

    private final int fd;
    private final Counters counters;
    private final QueueInput input;
    private final QueueOutput output;
    private volatile boolean closed;

    TunQueue(int fd, Offload offload, Counters counters) {
        this.fd = fd;
        this.counters = counters;
        this.input = new QueueInput(fd, offload, counters);
        this.output = new QueueOutput(fd, offload, counters);
    }

    int fd() {
        return fd;
    }

    /** Not to be called while it is read. */
    void close() {
        synchronized (output) {
            closed = true;
            LibC.close(fd);
        }
    }

    /** As {@link QueueInput#read}; nothing from a closed queue. */
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
