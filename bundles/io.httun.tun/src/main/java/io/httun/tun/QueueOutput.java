// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import io.httun.api.tun.PacketBatch;
import io.httun.api.tun.TunDrop;
import io.httun.protocol.InternetChecksum;
import io.httun.protocol.IpPacket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Writes packets to a queue, several of one flow at once where the kernel takes that, with memory of its own. Not thread-safe. */
final class QueueOutput {
    private static final byte[] NOTHING = {};

    private final int fd;
    private final Offload offload;
    private final int header;
    private final Counters counters;

    private final ByteBuffer out = ByteBuffer.allocateDirect(TunQueue.SLOT).order(ByteOrder.nativeOrder());
    private final ByteBuffer outNetwork = out.duplicate().order(ByteOrder.BIG_ENDIAN);
    private final long outAt = LibC.address(out);
    private final Run run = new Run();
    private final PacketBatch pieces = new PacketBatch(1);
    private byte[] space = NOTHING;
    private int taken;
    private long bytes;

    QueueOutput(int fd, Offload offload, Counters counters) {
        this.fd = fd;
        this.offload = offload;
        this.header = offload.header() ? Virtio.HEADER : 0;
        this.counters = counters;
    }

    /**
     * Writes all packets. TCP packets larger than the device are cut: to its kernel, and to whoever it passes them on to, they are then as if their
     * sender had known.
     *
     * @param mtu of the device
     * @return how many packets the kernel took
     */
    int write(PacketBatch packets, int mtu) {
        taken = 0;
        bytes = 0;
        for (int i = 0; i < packets.size(); ) {
            TunDrop defect = IpPacket.defect(packets.array(i), packets.offset(i), packets.length(i));
            if (defect != null) {
                counters.drop(defect, 1);
                i++;
            } else if (packets.length(i) > mtu && cut(packets.array(i), packets.offset(i), packets.length(i), mtu)) {
                for (int k = 0; k < pieces.size(); ) {
                    k += writeRun(pieces, k);
                }
                i++;
            } else {
                i += writeRun(packets, i);
            }
        }
        pieces.clear();
        counters.packetsOut.add(taken);
        counters.bytesOut.add(bytes);
        return taken;
    }

    /** @return how many packets were tried */
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

    /** Cuts a TCP packet into {@link #pieces}; false if it is none, or not to be touched. */
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
        while (LibC.write(fd, outAt, length) < 0) {
            int errno = LibC.errno();
            if (errno == LibC.EIO || errno == LibC.EBADFD) {
                return TunDrop.DEVICE_DOWN;
            } else if (errno != LibC.EINTR) {
                return TunDrop.WRITE_ERROR;
            }
        }
        return null;
    }

    /** Puts packet {@code i}, or the run of packets that begins with it, into the buffer. */
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

    /** Makes the headers those of the whole. */
    private void join(PacketBatch packets, int first) {
        byte[] array = packets.array(first);
        int offset = packets.offset(first);
        boolean v4 = IpPacket.isV4(array, offset);
        int upper = header + run.upper;
        int field = run.udp ? Run.UDP_CHECKSUM_AT : Run.TCP_CHECKSUM_AT;
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
            out.put(upper + Run.TCP_FLAGS_AT, packets.array(last)[packets.offset(last) + run.upper + Run.TCP_FLAGS_AT]);
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
