// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.jna.Native;
import io.httun.api.tun.PacketBatch;
import io.httun.api.tun.TunDrop;
import io.httun.protocol.InternetChecksum;
import io.httun.protocol.IpPacket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;

/**
 * Two queues with a socket pair in place of the kernel: one joins segments and the other cuts them, as on two hosts.
 */
class OffloadTest {
    static final int AF_UNIX = 1;
    static final int SEQPACKET_NONBLOCK = 0x805;
    private static final int MTU = IpPacket.MAX_LENGTH;

    /** For {@link Native#register}. */
    static final class Calls {
        static {
            Native.register(Calls.class, "c");
        }

        private Calls() {}

        static native int socketpair(int domain, int type, int protocol, int[] fds);
    }

    private final PacketCounters counters = new PacketCounters();
    private TunQueue near;
    private TunQueue far;

    @BeforeTry
    void open() {
        assumeThat(Platform.problem()).isEmpty();
        int[] fds = new int[2];
        assertThat(Calls.socketpair(AF_UNIX, SEQPACKET_NONBLOCK, 0, fds)).isZero();
        near = new TunQueue(fds[0], new Offload(true, true, true), counters);
        far = new TunQueue(fds[1], new Offload(true, true, true), counters);
    }

    @AfterTry
    void close() {
        near.close();
        far.close();
    }

    @Property(tries = 300)
    void whatIsJoinedIsCutIntoTheSamePackets(
            @ForAll boolean v4,
            @ForAll boolean udp,
            @ForAll @IntRange(min = 1, max = 40) int segments,
            @ForAll @IntRange(min = 1, max = 1400) int size,
            @ForAll @IntRange(min = 1, max = 1400) int last,
            @ForAll @IntRange(max = 10) int options,
            @ForAll long seed) {
        List<byte[]> packets = new Flow(v4, udp, options * 4, seed).packets(segments, size, Math.min(size, last));
        PacketBatch batch = batch(packets);
        assertThat(near.write(batch, MTU)).isEqualTo(segments);
        assertThat(received()).isEqualTo(buffers(packets));
        assertThat(counters.drops()).isEmpty();
    }

    @Property(tries = 200)
    void flowsThatMixStayInOrder(@ForAll @Size(min = 1, max = 30) List<@IntRange(max = 3) Integer> order) {
        List<List<byte[]>> flows = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            flows.add(new ArrayList<>(new Flow(i % 2 == 0, i > 1, 0, i).packets(30, 500, 500)));
        }
        List<byte[]> packets =
                order.stream().map(flow -> flows.get(flow).remove(0)).toList();
        near.write(batch(packets), MTU);
        assertThat(received()).isEqualTo(buffers(packets));
    }

    @Property(tries = 100)
    void aWrongChecksumIsPassedOnAsItIs(@ForAll @IntRange(max = 4) int broken, @ForAll boolean udp) {
        List<byte[]> packets = new Flow(true, udp, 0, 7).packets(5, 1000, 1000);
        packets.get(broken)[900] ^= 1;
        near.write(batch(packets), MTU);
        assertThat(received()).isEqualTo(buffers(packets));
    }

    @Property(tries = 200)
    void aSegmentLargerThanTheMtuArrivesAsSmallerOnes(
            @ForAll boolean v4,
            @ForAll @IntRange(min = 1400, max = 60_000) int size,
            @ForAll @IntRange(min = 200, max = 1500) int mtu,
            @ForAll @IntRange(max = 10) int options,
            @ForAll long seed) {
        Flow flow = new Flow(v4, false, options * 4, seed);
        int headers = (v4 ? 40 : 60) + options * 4;
        int piece = mtu - headers;
        near.write(batch(flow.packets(1, size, size)), mtu);
        List<byte[]> pieces = contents(far.read());
        assertThat(pieces).allSatisfy(one -> {
            assertThat(one.length).isLessThanOrEqualTo(mtu);
            assertThat(Segments.isWhole(one, 0, one.length)).isTrue();
        });
        assertThat(pieces).hasSize((size + piece - 1) / piece);
        ByteBuffer data = ByteBuffer.allocate(size);
        pieces.forEach(one -> data.put(one, headers, one.length - headers));
        byte[] whole = flow.packets(1, size, size).get(0);
        assertThat(data.array()).isEqualTo(Arrays.copyOfRange(whole, headers, whole.length));
    }

    @Property(tries = 1)
    void aSegmentWithAWrongChecksumIsNotCut() {
        List<byte[]> packets = new Flow(true, false, 0, 7).packets(1, 5000, 5000);
        packets.get(0)[900] ^= 1;
        near.write(batch(packets), 1400);
        assertThat(received()).isEqualTo(buffers(packets));
    }

    @Property
    void nothingThatIsNoPacketIsWritten(@ForAll @Size(max = 200) byte[] bytes) {
        PacketBatch batch = new PacketBatch(1);
        batch.add(bytes, 0, bytes.length);
        boolean packet = IpPacket.defect(bytes, 0, bytes.length) == null;
        assertThat(near.write(batch, MTU)).isEqualTo(packet ? 1 : 0);
        assertThat(far.read().size()).isEqualTo(packet ? 1 : 0);
    }

    @Property(tries = 2000)
    void nothingThatADeviceGivesDoesHarm(
            @ForAll @Size(10) byte[] header, @ForAll @Size(max = 300) byte[] bytes, @ForAll boolean alike) {
        byte[] packet = alike ? new Flow(true, false, 0, 1).packets(1, 300, 300).get(0) : bytes;
        if (alike) {
            System.arraycopy(bytes, 0, packet, 20, Math.min(bytes.length, 20));
        }
        KernelMemory raw = new KernelMemory(10 + packet.length);
        raw.bytes().put(header).put(packet);
        raw.write(near.fd(), 10 + packet.length);
        for (byte[] got : contents(far.read())) {
            assertThat(IpPacket.defect(got, 0, got.length)).isNull();
        }
    }

    @Property(tries = 1)
    void aPacketTooShortForItsOffloadIsDropped() {
        new KernelMemory(4).write(near.fd(), 4);
        assertThat(far.read().isEmpty()).isTrue();
        assertThat(counters.dropped(TunDrop.TRUNCATED)).isEqualTo(1);
    }

    @Property(tries = 1)
    void aRunIsOneWrite() {
        near.write(batch(new Flow(true, false, 12, 1).packets(10, 1000, 400)), MTU);
        KernelMemory raw = new KernelMemory(20_000);
        assertThat(raw.read(far.fd(), 20_000)).isEqualTo(10 + 20 + 32 + 9 * 1000 + 400);
        assertThat(raw.bytes().get(Virtio.GSO_TYPE_AT)).isEqualTo((byte) Virtio.GSO_TCP4);
        assertThat(raw.bytes().getShort(Virtio.GSO_SIZE_AT)).isEqualTo((short) 1000);
    }

    private List<ByteBuffer> received() {
        return buffers(contents(far.read()));
    }

    private static List<ByteBuffer> buffers(List<byte[]> packets) {
        return packets.stream().map(ByteBuffer::wrap).toList();
    }

    private static PacketBatch batch(List<byte[]> packets) {
        PacketBatch batch = new PacketBatch(1);
        packets.forEach(packet -> batch.add(packet, 0, packet.length));
        return batch;
    }

    private static List<byte[]> contents(PacketBatch batch) {
        List<byte[]> packets = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            packets.add(Arrays.copyOfRange(batch.array(i), batch.offset(i), batch.offset(i) + batch.length(i)));
        }
        return packets;
    }

    /** Consecutive packets of one flow, as a kernel sends them. */
    private record Flow(boolean v4, boolean udp, int options, long seed) {
        List<byte[]> packets(int count, int size, int last) {
            Random random = new Random(seed);
            int upper = v4 ? 20 : 40;
            int headers = upper + (udp ? 8 : 20 + options);
            byte[] head = new byte[headers];
            random.nextBytes(head);
            head[0] = (byte) (v4 ? 0x45 : 0x60);
            head[6] = (byte) (v4 ? 0x40 : udp ? IpPacket.UDP : IpPacket.TCP);
            head[7] = 0;
            if (v4) {
                head[9] = (byte) (udp ? IpPacket.UDP : IpPacket.TCP);
            }
            if (!udp) {
                head[upper + 12] = (byte) ((20 + options) / 4 << 4);
                head[upper + 13] = 0x10;
            }
            List<byte[]> packets = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                byte[] packet = new byte[headers + (i == count - 1 ? last : size)];
                random.nextBytes(packet);
                System.arraycopy(head, 0, packet, 0, headers);
                packets.add(finish(packet, upper, i, i * size));
            }
            return packets;
        }

        private byte[] finish(byte[] packet, int upper, int index, int sent) {
            ByteBuffer view = ByteBuffer.wrap(packet);
            if (v4) {
                view.putShort(2, (short) packet.length).putShort(4, (short) (view.getShort(4) + index));
                view.putShort(10, (short) 0);
                view.putShort(
                        10, (short) InternetChecksum.finish(InternetChecksum.add(0, packet, 0, IpPacket.V4_HEADER)));
            } else {
                view.putShort(4, (short) (packet.length - upper));
            }
            if (udp) {
                view.putShort(upper + 4, (short) (packet.length - upper));
            } else {
                view.putInt(upper + 4, view.getInt(upper + 4) + sent);
            }
            int field = upper + (udp ? 6 : 16);
            view.putShort(field, (short) 0);
            int protocol = udp ? IpPacket.UDP : IpPacket.TCP;
            long pseudo = IpPacket.pseudoHeader(packet, 0, protocol, packet.length - upper);
            int checksum = InternetChecksum.finish(InternetChecksum.add(pseudo, packet, upper, packet.length - upper));
            view.putShort(field, (short) (checksum == 0 && udp ? 0xffff : checksum));
            return packet;
        }
    }
}
