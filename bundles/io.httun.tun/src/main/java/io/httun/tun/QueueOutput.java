// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import io.httun.api.tun.PacketBatch;
import io.httun.api.tun.TunDrop;
import io.httun.protocol.InternetChecksum;
import io.httun.protocol.IpPacket;
import io.httun.toolkit.status.LogLimiter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes packets to a queue, with several of one flow in one call (GRO) if the kernel supports it, in its own memory.
 * Not thread-safe.
 */
final class QueueOutput {
    private static final Logger LOG = LoggerFactory.getLogger(QueueOutput.class);
    private static final byte[] NOTHING = {};

    private final int fd;
    private final Offload offload;
    private final int header;
    private final PacketCounters counters;

    private final KernelMemory memory = new KernelMemory(TunQueue.SLOT);
    private final ByteBuffer out = memory.bytes();
    private final ByteBuffer outNetwork = out.duplicate().order(ByteOrder.BIG_ENDIAN);
    private final PacketRun run = new PacketRun();
    private final PacketBatch pieces = new PacketBatch(1);
    private final LogLimiter limited = new LogLimiter(LOG);
    private byte[] space = NOTHING;
    private int taken;
    private long bytes;

    QueueOutput(int fd, Offload offload, PacketCounters counters) {
        this.fd = fd;
        this.offload = offload;
        this.header = offload.header() ? Virtio.HEADER : 0;
        this.counters = counters;
    }

    /**
     * Writes all packets. TCP packets above the MTU are cut, as if their sender had known the MTU.
     *
     * @param mtu of the device
     * @return number of packets that the kernel accepted
     */
    int write(PacketBatch packets, int mtu) {
        taken = 0;
        bytes = 0;
        for (int i = 0; i < packets.size(); ) {
            try {
                i += writeSome(packets, i, mtu);
            } catch (RuntimeException e) {
                counters.drop(TunDrop.FAULT, 1);
                limited.error("packet", "A packet of {} bytes for the device was dropped", packets.length(i), e);
                i++;
            }
        }
        pieces.clear();
        counters.packetsOut.add(taken);
        counters.bytesOut.add(bytes);
        return taken;
    }

    /** @return number of packets tried */
    private int writeSome(PacketBatch packets, int i, int mtu) {
        TunDrop defect = IpPacket.defect(packets.array(i), packets.offset(i), packets.length(i));
        if (defect != null) {
            counters.drop(defect, 1);
            return 1;
        }
        if (packets.length(i) <= mtu || !cut(packets.array(i), packets.offset(i), packets.length(i), mtu)) {
            return writeRun(packets, i);
        }
        for (int k = 0; k < pieces.size(); ) {
            k += writeRun(pieces, k);
        }
        return 1;
    }

    /** @return number of packets tried */
    private int writeRun(PacketBatch packets, int first) {
        int length = put(packets, first);
        TunDrop failure = write(length);
        if (failure == null) {
            taken += run.count;
            bytes += length - header + (run.count - 1) * run.headers;
        } else {
            counters.drop(failure, run.count);
        }
        return run.count;
    }

    /** Cuts a TCP packet into {@link #pieces}; false if it is not TCP, or must not be cut. */
    private boolean cut(byte[] array, int offset, int length, int mtu) {
        int headers = IpPacket.cuttableAt(array, offset, length, mtu);
        if (headers == 0 || !Segments.isWhole(array, offset, length)) {
            return false;
        }
        int size = mtu - headers;
        int needed = Segments.space(length, headers, size);
        if (space.length < needed) {
            space = new byte[needed];
        }
        pieces.clear();
        Segments.cut(
                array, offset, length, false, IpPacket.headerLength(array, offset), headers, size, space, 0, pieces);
        return true;
    }

    private TunDrop write(int length) {
        while (memory.write(fd, length) < 0) {
            int errno = LibC.errno();
            if (errno == LibC.EIO || errno == LibC.EBADFD) {
                return TunDrop.DEVICE_DOWN;
            } else if (errno != LibC.EINTR) {
                return TunDrop.WRITE_ERROR;
            }
        }
        return null;
    }

    /** Copies packet {@code i}, or the run of packets that starts with it, into the buffer. */
    private int put(PacketBatch packets, int i) {
        if (offload.tcp()) {
            run.find(packets, i, offload.udp());
        } else {
            run.count = 1;
        }
        int length = packets.length(i);
        out.put(header, packets.array(i), packets.offset(i), length);
        if (header > 0) {
            out.putLong(0, 0).putShort(Long.BYTES, (short) 0);
        }
        if (run.count == 1) {
            return header + length;
        }
        int end = header + length;
        for (int k = i + 1; k < i + run.count; k++) {
            int payload = packets.length(k) - run.headers;
            out.put(end, packets.array(k), packets.offset(k) + run.headers, payload);
            end += payload;
        }
        join(packets, i);
        return end;
    }

    /** Adjusts the headers to the joined packet. */
    private void join(PacketBatch packets, int first) {
        byte[] array = packets.array(first);
        int offset = packets.offset(first);
        boolean v4 = IpPacket.isV4(array, offset);
        int upper = header + run.upper;
        int field = run.udp ? PacketRun.UDP_CHECKSUM_AT : PacketRun.TCP_CHECKSUM_AT;
        if (v4) {
            outNetwork.putShort(header + 2, (short) run.total);
            long sum = InternetChecksum.add(0, array, offset, IpPacket.V4_HEADER)
                    - IpPacket.unsignedShort(array, offset + 2)
                    - IpPacket.unsignedShort(array, offset + 10)
                    + run.total;
            outNetwork.putShort(header + 10, (short) InternetChecksum.finish(sum));
        } else {
            outNetwork.putShort(header + 4, (short) (run.total - IpPacket.V6_HEADER));
        }
        if (run.udp) {
            outNetwork.putShort(upper + 4, (short) (run.total - run.upper));
        } else {
            int last = first + run.count - 1;
            out.put(
                    upper + PacketRun.TCP_FLAGS_AT,
                    packets.array(last)[packets.offset(last) + run.upper + PacketRun.TCP_FLAGS_AT]);
        }
        long pseudo =
                IpPacket.pseudoHeader(array, offset, run.udp ? IpPacket.UDP : IpPacket.TCP, run.total - run.upper);
        outNetwork.putShort(upper + field, (short) InternetChecksum.fold(pseudo));
        out.put(Virtio.FLAGS_AT, (byte) Virtio.NEEDS_CHECKSUM);
        out.put(Virtio.GSO_TYPE_AT, (byte) (run.udp ? Virtio.GSO_UDP : v4 ? Virtio.GSO_TCP4 : Virtio.GSO_TCP6));
        out.putShort(Virtio.HEADER_LENGTH_AT, (short) run.headers);
        out.putShort(Virtio.GSO_SIZE_AT, (short) run.size);
        out.putShort(Virtio.CHECKSUM_START_AT, (short) run.upper);
        out.putShort(Virtio.CHECKSUM_OFFSET_AT, (short) field);
    }
}
