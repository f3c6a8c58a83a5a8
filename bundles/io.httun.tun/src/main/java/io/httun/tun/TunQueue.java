// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import io.httun.api.tun.PacketBatch;
import io.httun.api.tun.TunDrop;
import io.httun.protocol.InternetChecksum;
import io.httun.protocol.IpPacket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** One open queue of a device, with all the memory it needs. Read by one thread, written by any. */
final class TunQueue {
    /** Bytes that one batch holds at most. */
    private static final int SPACE = 512 << 10;
    /** What the segments of one packet may take: headers of 60 bytes before segments of 48, the least that kernels use. */
    private static final int RESERVE = 160 << 10;

    private static final int MAX_PACKETS = 1024;
    private static final int SLOT = Virtio.HEADER + IpPacket.MAX_LENGTH + 1;

    private final int fd;
    private final Offload offload;
    private final int header;
    private final Counters counters;

    private final ByteBuffer in = ByteBuffer.allocateDirect(SLOT).order(ByteOrder.nativeOrder());
    private final long inAt = LibC.address(in);
    private final byte[] whole = new byte[IpPacket.MAX_LENGTH + 1];
    private final byte[] space = new byte[SPACE];
    private final PacketBatch batch = new PacketBatch(MAX_PACKETS);
    private int used;

    private final Object writing = new Object();
    private final ByteBuffer out = ByteBuffer.allocateDirect(SLOT).order(ByteOrder.nativeOrder());
    private final ByteBuffer outNetwork = out.duplicate().order(ByteOrder.BIG_ENDIAN);
    private final long outAt = LibC.address(out);
    private final Run run = new Run();
    private boolean closed;

    TunQueue(int fd, Offload offload, Counters counters) {
        this.fd = fd;
        this.offload = offload;
        this.header = offload.header() ? Virtio.HEADER : 0;
        this.counters = counters;
    }

    int fd() {
        return fd;
    }

    void close() {
        synchronized (writing) {
            closed = true;
            LibC.close(fd);
        }
    }

    /**
     * Reads what waits, as much as one batch holds.
     *
     * @return valid until the next call
     * @throws LinuxException if the device does not work any more
     */
    PacketBatch read() {
        batch.clear();
        used = 0;
        while (used <= SPACE - RESERVE && batch.size() < MAX_PACKETS) {
            long length = LibC.read(fd, inAt, SLOT);
            if (length >= 0) {
                take((int) length - header);
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
        used = Segments.cut(whole, length, udp, upper, headers, size, space, used, batch);
        return true;
    }

    /** @return how many packets the kernel took */
    int write(PacketBatch packets) {
        int taken = 0;
        long bytes = 0;
        synchronized (writing) {
            if (closed) {
                counters.drop(TunDrop.DEVICE_DOWN, packets.size());
                return 0;
            }
            for (int i = 0; i < packets.size(); ) {
                TunDrop defect = IpPacket.defect(packets.array(i), packets.offset(i), packets.length(i));
                if (defect != null) {
                    counters.drop(defect, 1);
                    i++;
                    continue;
                }
                int length = put(packets, i);
                TunDrop failure = write(length);
                if (failure == null) {
                    taken += run.count;
                    bytes += length - header + (run.count - 1) * run.headers;
                } else {
                    counters.drop(failure, run.count);
                }
                i += run.count;
            }
        }
        counters.packetsOut.add(taken);
        counters.bytesOut.add(bytes);
        return taken;
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
