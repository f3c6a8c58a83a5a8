// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.management.ThreadMXBean;
import io.httun.api.tun.PacketBatch;
import io.httun.protocol.IpPacket;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** The data path of a queue does not allocate on the heap. */
class AllocationTest {
    private static final int PACKETS = 20;
    private static final int ROUNDS = 5_000;
    private static final int LENGTH = 1400;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @Test
    void packetsAllocateNothing() {
        assumeThat(Platform.problem()).isEmpty();
        assumeThat(threads.isThreadAllocatedMemorySupported()).isTrue();
        int[] fds = new int[2];
        assertThat(OffloadTest.Calls.socketpair(OffloadTest.AF_UNIX, OffloadTest.SEQPACKET_NONBLOCK, 0, fds))
                .isZero();
        PacketCounters counters = new PacketCounters();
        TunQueue near = new TunQueue(fds[0], new Offload(true, true, true), counters);
        TunQueue far = new TunQueue(fds[1], new Offload(true, true, true), counters);
        Poll poll = new Poll(far.fd());
        PacketBatch batch = pings();
        try {
            pass(near, far, poll, batch);
            long before = threads.getCurrentThreadAllocatedBytes();
            pass(near, far, poll, batch);
            long bytes = threads.getCurrentThreadAllocatedBytes() - before;
            assertThat(bytes)
                    .as("bytes for %d packets written and read", ROUNDS * PACKETS)
                    .isLessThan(ROUNDS);
        } finally {
            near.close();
            far.close();
        }
    }

    private static void pass(TunQueue near, TunQueue far, Poll poll, PacketBatch batch) {
        int read = 0;
        for (int i = 0; i < ROUNDS; i++) {
            near.write(batch, LENGTH);
            poll.await(-1);
            read += far.read().size();
        }
        assertThat(read).isEqualTo(ROUNDS * PACKETS);
    }

    private static PacketBatch pings() {
        PacketBatch batch = new PacketBatch(PACKETS);
        byte[] packet = new byte[LENGTH];
        packet[0] = 0x45;
        IpPacket.putShort(packet, 2, LENGTH);
        packet[9] = IpPacket.ICMP;
        for (int i = 0; i < PACKETS; i++) {
            batch.add(packet, 0, LENGTH);
        }
        return batch;
    }
}
