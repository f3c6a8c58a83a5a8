// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import io.httun.api.tun.PacketBatch;
import io.httun.api.tun.TunDrop;
import io.httun.protocol.IpPacket;
import io.httun.toolkit.status.LogLimiter;
import java.nio.ByteBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads packets from a queue, and cuts GSO packets into segments, in its own memory. Not thread-safe. */
final class QueueInput {
    private static final Logger LOG = LoggerFactory.getLogger(QueueInput.class);
    /** Capacity of one batch in bytes. */
    private static final int SPACE = 512 << 10;
    /**
     * Maximum size of the segments of one packet: headers of 60 bytes before segments of 48, the minimum of kernels.
     */
    private static final int RESERVE = 160 << 10;

    private static final int MAX_PACKETS = 1024;

    private final int fd;
    private final int header;
    private final PacketCounters counters;

    private final KernelMemory memory = new KernelMemory(TunQueue.SLOT);
    private final ByteBuffer in = memory.bytes();
    private final byte[] whole = new byte[IpPacket.MAX_LENGTH + 1];
    private final byte[] space = new byte[SPACE];
    private final PacketBatch batch = new PacketBatch(MAX_PACKETS);
    private final LogLimiter limited = new LogLimiter(LOG);
    private int used;

    QueueInput(int fd, Offload offload, PacketCounters counters) {
        this.fd = fd;
        this.header = offload.header() ? Virtio.HEADER : 0;
        this.counters = counters;
    }

    PacketBatch nothing() {
        batch.clear();
        return batch;
    }

    /**
     * Reads the available packets, up to one batch.
     *
     * @return valid until the next call
     * @throws LinuxException if the device has failed
     */
    PacketBatch read() {
        batch.clear();
        used = 0;
        while (used <= SPACE - RESERVE && batch.size() < MAX_PACKETS) {
            long length = memory.read(fd, TunQueue.SLOT);
            if (length >= 0) {
                takeSafely((int) length - header);
                continue;
            }
            int errno = LibC.errno();
            if (errno == LibC.EAGAIN) {
                break;
            } else if (errno != LibC.EINTR) {
                throw LinuxException.of(errno, "cannot read from the device");
            }
        }
        counters.packetsIn.add(batch.size());
        counters.bytesIn.add(used);
        return batch;
    }

    /** The packet's content is untrusted: a packet that causes an exception below is dropped alone. */
    private void takeSafely(int length) {
        int packets = batch.size();
        int before = used;
        try {
            take(length);
        } catch (RuntimeException e) {
            batch.truncate(packets);
            used = before;
            counters.drop(TunDrop.FAULT, 1);
            limited.error("packet", "A packet of {} bytes from the device was dropped", length, e);
        }
    }

    private void take(int length) {
        if (length < 0) {
            counters.drop(TunDrop.TRUNCATED, 1);
            return;
        }
        boolean gathered = header > 0 && in.get(Virtio.GSO_TYPE_AT) != Virtio.GSO_NONE;
        byte[] array = gathered ? whole : space;
        int at = gathered ? 0 : used;
        in.get(header, array, at, length);
        TunDrop defect = IpPacket.defect(array, at, length);
        if (defect != null) {
            counters.drop(defect, 1);
        } else if (gathered ? !cut(length) : !finish(at, length)) {
            counters.drop(TunDrop.BAD_OFFLOAD, 1);
        }
    }

    private boolean finish(int at, int length) {
        if (header > 0
                && (in.get(Virtio.FLAGS_AT) & Virtio.NEEDS_CHECKSUM) != 0
                && !Segments.finishChecksum(
                        space,
                        at,
                        length,
                        in.getShort(Virtio.CHECKSUM_START_AT) & 0xffff,
                        in.getShort(Virtio.CHECKSUM_OFFSET_AT) & 0xffff)) {
            return false;
        }
        batch.add(space, at, length);
        used += length;
        return true;
    }

    private boolean cut(int length) {
        int type = in.get(Virtio.GSO_TYPE_AT) & ~Virtio.GSO_ECN;
        int size = in.getShort(Virtio.GSO_SIZE_AT) & 0xffff;
        int upper = in.getShort(Virtio.CHECKSUM_START_AT) & 0xffff;
        boolean udp = type == Virtio.GSO_UDP;
        if (size == 0 || !udp && type != Virtio.GSO_TCP4 && type != Virtio.GSO_TCP6) {
            return false;
        }
        int headers = Segments.headers(whole, length, udp, upper);
        if (headers == 0 || Segments.space(length, headers, size) > RESERVE) {
            return false;
        }
        used = Segments.cut(whole, 0, length, udp, upper, headers, size, space, used, batch);
        return true;
    }
}
