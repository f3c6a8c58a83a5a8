// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol.pipe;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReorderBufferTest {
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
    private final ReorderBuffer buffer = new ReorderBuffer();

    @AfterEach
    void releasesEverything() {
        buffer.clear();
        assertThat(allocator.metric().usedHeapMemory()).isZero();
    }

    /** Each byte is its offset. */
    private ByteBuf segment(int from, int to) {
        ByteBuf data = allocator.heapBuffer(to - from, to - from);
        for (int offset = from; offset < to; offset++) {
            data.writeByte(offset);
        }
        return data;
    }

    private void add(int from, int to) {
        buffer.add(from, segment(from, to));
    }

    private void expectBytes(int from, int to) {
        int next = from;
        for (ByteBuf data = buffer.read(); data != null; data = buffer.read()) {
            while (data.isReadable()) {
                assertThat(data.readByte()).isEqualTo((byte) next++);
            }
            data.release();
            assertThat(buffer.position()).isEqualTo(next);
        }
        assertThat(next).isEqualTo(to);
    }

    @Test
    void eachByteIsHandedOnOnceAndInOrder() {
        for (int seed = 0; seed < 100; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            ReorderBuffer any = new ReorderBuffer();
            BitSet arrived = new BitSet();
            int read = 0;
            while (read < 200) {
                int from = random.nextInt(Math.max(0, read - 20), 200);
                int to = Math.min(200, from + random.nextInt(1, 40));
                any.add(from, segment(from, to));
                arrived.set(from, to);
                int next = arrived.nextClearBit(0);
                assertThat(any.next()).as("seed %d", seed).isEqualTo(next);
                assertThat(any.unread()).isEqualTo(next - read);
                int behind = arrived.cardinality() - next;
                assertThat(any.behindGap()).isGreaterThanOrEqualTo(behind);
                assertThat((any.behindGap() - behind) % ReorderBuffer.SEGMENT_COST)
                        .isZero();
                while (random.nextBoolean()) {
                    ByteBuf data = any.read();
                    if (data == null) {
                        break;
                    }
                    while (data.isReadable()) {
                        assertThat(data.readByte()).as("seed %d", seed).isEqualTo((byte) read++);
                    }
                    data.release();
                }
            }
            assertThat(any.behindGap()).isZero();
            any.clear();
        }
    }

    @Test
    void segmentsBehindAGapCostMoreThanTheirBytes() {
        add(10, 20);
        add(30, 31);
        assertThat(buffer.unread()).isZero();
        assertThat(buffer.behindGap()).isEqualTo(11 + 2 * ReorderBuffer.SEGMENT_COST);
        add(0, 10);
        assertThat(buffer.unread()).isEqualTo(20);
        assertThat(buffer.behindGap()).isEqualTo(1 + ReorderBuffer.SEGMENT_COST);
        expectBytes(0, 20);
    }

    @Test
    void aSmallPartDoesNotKeepItsWholeBuffer() {
        add(0, 1_000);
        expectBytes(0, 1_000);
        add(600, 1_010);
        add(1_020, 1_030);
        assertThat(allocator.metric().usedHeapMemory()).isLessThan(100);
    }

    @Test
    void skippingDropsWhatWaitsAndGoesOnAtTheOffset() {
        add(0, 5);
        add(10, 15);
        buffer.skipTo(100);
        assertThat(buffer.read()).isNull();
        assertThat(buffer.position()).isEqualTo(100);
        assertThat(buffer.behindGap()).isZero();
        add(3, 4);
        assertThat(buffer.read()).isNull();
        add(100, 102);
        expectBytes(100, 102);
    }
}
