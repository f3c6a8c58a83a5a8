// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

class PacketReorderQueueTest {
    private static final long PATIENCE = PacketReorderQueue.PATIENCE;

    private final PacketReorderQueue queue = new PacketReorderQueue(100);

    private static ByteBuf packet(int number) {
        return Unpooled.buffer().writeByte(number);
    }

    private String polled(long now) {
        StringBuilder numbers = new StringBuilder();
        for (ByteBuf packet = queue.poll(now); packet != null; packet = queue.poll(now)) {
            numbers.append(packet.readByte()).append(' ');
            packet.release();
        }
        return numbers.toString();
    }

    @Test
    void packetsLeaveInOrder() {
        queue.add(1, packet(1), 0);
        queue.add(2, packet(2), 0);
        assertThat(polled(PATIENCE - 1)).isEmpty();
        assertThat(queue.wakeAt()).isEqualTo(PATIENCE);
        queue.add(0, packet(0), 5);
        assertThat(polled(5)).isEqualTo("0 1 2 ");
        assertThat(queue.wakeAt()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aGapIsSkippedInTimeAndALatePacketLeavesAtOnce() {
        queue.add(0, packet(0), 0);
        queue.add(2, packet(2), 10);
        queue.add(4, packet(4), 15);
        assertThat(polled(10)).isEqualTo("0 ");
        assertThat(polled(PATIENCE + 10)).isEqualTo("2 ");
        assertThat(polled(PATIENCE + 15)).isEqualTo("4 ");
        queue.add(1, packet(1), PATIENCE + 20);
        assertThat(polled(PATIENCE + 20)).isEqualTo("1 ");
    }

    @Test
    void aNumberWithoutPacketHoldsNobody() {
        queue.add(2, packet(2), 0);
        queue.add(1, Unpooled.EMPTY_BUFFER, 0);
        queue.add(0, Unpooled.EMPTY_BUFFER, 0);
        assertThat(polled(0)).isEqualTo("2 ");
    }

    @Test
    void tooManyBytesEndTheWait() {
        for (int i = 1; i <= 101; i++) {
            queue.add(i, packet(i), 0);
        }
        assertThat(queue.waitingBytes()).isZero();
        assertThat(polled(0)).startsWith("1 2 ").endsWith("101 ");
        ByteBuf waiting = packet(1);
        queue.add(1_000, waiting, 0);
        queue.clear();
        assertThat(waiting.refCnt()).isZero();
    }

    @Test
    void theNextGapWaitsFromTheFirstPacketBehindIt() {
        queue.add(6, packet(6), 0);
        queue.add(2, packet(2), 5);
        queue.add(4, packet(4), 8);
        queue.add(0, packet(0), 9);
        queue.add(1, packet(1), 9);
        assertThat(polled(9)).isEqualTo("0 1 2 ");
        assertThat(queue.wakeAt()).isEqualTo(PATIENCE);
        queue.add(3, packet(3), 10);
        queue.add(5, packet(5), 10);
        assertThat(polled(10)).isEqualTo("3 4 5 6 ");
    }

    @Test
    void gapsCanBeSkippedAtOnce() {
        queue.add(2, packet(2), 0);
        queue.add(4, packet(4), 0);
        queue.skipGaps();
        assertThat(queue.next()).isEqualTo(5);
        assertThat(queue.waitingBytes()).isZero();
        assertThat(queue.wakeAt()).isEqualTo(Long.MAX_VALUE);
        assertThat(polled(0)).isEqualTo("2 4 ");
    }

    @Test
    void thePacketOfANumberIsReplacedAndCountsOnce() {
        ByteBuf first = packet(1);
        queue.add(2, first, 0);
        queue.add(2, packet(2), 0);
        assertThat(first.refCnt()).isZero();
        assertThat(queue.waitingBytes()).isEqualTo(1);
        queue.skipGaps();
        assertThat(polled(0)).isEqualTo("2 ");
    }

    @Test
    void asManyBytesAsAllowedWait() {
        for (int i = 1; i <= 100; i++) {
            queue.add(i, packet(i), 0);
        }
        assertThat(queue.waitingBytes()).isEqualTo(100);
        assertThat(polled(0)).isEmpty();
    }

    @Test
    void nothingIsLeftAfterItWasCleared() {
        ByteBuf ready = packet(0);
        ByteBuf waiting = packet(2);
        queue.add(0, ready, 0);
        queue.add(2, waiting, 0);
        queue.clear();
        assertThat(ready.refCnt()).isZero();
        assertThat(waiting.refCnt()).isZero();
        assertThat(queue.waitingBytes()).isZero();
        assertThat(queue.wakeAt()).isEqualTo(Long.MAX_VALUE);
        assertThat(queue.poll(2 * PATIENCE)).isNull();
    }
}
