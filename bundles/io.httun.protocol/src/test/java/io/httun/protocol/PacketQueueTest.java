// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PacketQueueTest {
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int ANY = -1;

    private long now;
    private final AtomicInteger dropped = new AtomicInteger();
    private final PacketQueue queue =
            new PacketQueue(UnpooledByteBufAllocator.DEFAULT, () -> now, () -> 1 << 20, dropped::addAndGet);

    /** An IPv4 UDP packet of a flow, with a mark behind its ports. */
    private static byte[] packet(int flow, int mark, int length) {
        return ByteBuffer.allocate(length)
                .put((byte) 0x45)
                .putShort(2, (short) length)
                .put(9, (byte) IpPacket.UDP)
                .putInt(12, 0x0a080002)
                .putInt(16, 0x0a080001)
                .putShort(20, (short) flow)
                .putShort(22, (short) 53)
                .putInt(24, mark)
                .array();
    }

    private void add(int flow, int mark, int length) {
        byte[] packet = packet(flow, mark, length);
        queue.add(packet, 0, packet.length);
    }

    private int take() {
        ByteBuf frame = Frame.allocate(UnpooledByteBufAllocator.DEFAULT, Frame.MAX_PAYLOAD);
        return queue.fill(frame) ? frame.getInt(Frame.HEADER_LENGTH + 24) : ANY;
    }

    @Test
    void keepsTheOrderOfAFlow() {
        for (int i = 0; i < 100; i++) {
            add(1, i, 1400);
        }
        for (int i = 0; i < 100; i++) {
            assertThat(take()).isEqualTo(i);
        }
        assertThat(take()).isEqualTo(ANY);
        assertThat(queue.waiting()).isEqualTo(-1);
    }

    @Test
    void aNewFlowDoesNotWaitBehindAFullOne() {
        for (int i = 0; i < 500; i++) {
            add(1, i, 1400);
        }
        take();
        take();
        add(2, 4711, 84);
        assertThat(java.util.List.of(take(), take())).contains(4711);
    }

    @Test
    void neverHoldsMoreThanItMay() {
        for (int i = 0; i < 10_000; i++) {
            add(1, i, 1400);
            assertThat(queue.waiting()).isLessThanOrEqualTo((1 << 20) + queue.size() * FrameBody.OVERHEAD);
        }
        assertThat(dropped.get() + queue.size()).isEqualTo(10_000);
        assertThat(take()).as("the oldest are gone").isEqualTo(dropped.get());
        add(2, 1, 84);
        queue.clear();
        assertThat(queue.size()).isZero();
        assertThat(dropped.get()).isEqualTo(10_000);
    }

    @Test
    void dropsWhatWaitsTooLongForLongAndMoreAndMoreOften() {
        for (int i = 0; i < 700; i++) {
            add(1, i, 1400);
        }
        for (int i = 0; i < 100; i++) {
            now += MILLI;
            take();
            add(1, 1000 + i, 1400);
        }
        assertThat(dropped).as("a burst of 100 ms").hasValueLessThanOrEqualTo(1);
        int before = dropped.get();
        for (int i = 0; i < 400; i++) {
            now += MILLI;
            take();
            add(1, 2000 + i, 1400);
        }
        int first = dropped.get() - before;
        for (int i = 0; i < 400; i++) {
            now += MILLI;
            take();
            add(1, 3000 + i, 1400);
        }
        assertThat(first).isPositive();
        assertThat(dropped.get() - before - first).isGreaterThan(first);
    }

    @Test
    void waitingForTheNextRequestIsNotTooLong() {
        queue.patience(40 * MILLI);
        for (int i = 0; i < 100; i++) {
            add(1, i, 1400);
            add(1, i, 1400);
            now += 40 * MILLI;
            take();
            take();
        }
        assertThat(dropped).hasValue(0);
    }

    @Test
    void aPacketThatDoesNotFitComesNext() {
        add(1, 1, 1400);
        ByteBuf small = Frame.allocate(UnpooledByteBufAllocator.DEFAULT, 1000);
        assertThat(queue.fill(small)).isFalse();
        assertThat(queue.size()).isOne();
        assertThat(take()).isOne();
    }

    @Test
    void keepsNothingThatComesAfterItsClose() {
        add(1, 1, 84);
        queue.close();
        add(1, 2, 84);
        assertThat(queue.size()).isZero();
        assertThat(dropped).hasValue(2);
    }
}
