// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;

/** Bytes of a target that wait for the client to ask for them. Guarded by its connection's monitor. */
final class TargetBytes {
    /** Bytes from which on the target is not read: four full frames. */
    private static final int HIGH = 256 << 10;

    /** The same where memory is ample: a batch and what fills the next one meanwhile. */
    private static final int HIGH_WHEN_AMPLE = 3 << 19;

    private static final int SMALL_CHUNK = 4096;

    private final QueueBudget budget;
    private final ArrayDeque<ByteBuf> chunks = new ArrayDeque<>();
    private int readable;
    private boolean paused;

    TargetBytes(QueueBudget budget) {
        this.budget = budget;
    }

    private int high() {
        return budget.isAmple() ? HIGH_WHEN_AMPLE : HIGH;
    }

    int readableBytes() {
        return readable;
    }

    /** Adds what was read. Returns whether reading should pause. */
    boolean add(ByteBuf data, ByteBufAllocator allocator) {
        readable += data.readableBytes();
        budget.use(data.readableBytes());
        if (data.readableBytes() > data.capacity() / 2) {
            chunks.add(data);
        } else {
            // A few bytes must not hold a read buffer made for many.
            ByteBuf last = chunks.peekLast();
            if (last == null || last.writableBytes() < data.readableBytes()) {
                last = allocator.heapBuffer(
                        Math.max(SMALL_CHUNK, data.readableBytes()), Math.max(SMALL_CHUNK, data.readableBytes()));
                chunks.add(last);
            }
            last.writeBytes(data);
            data.release();
        }
        boolean pause = readable >= high() && !paused;
        paused |= pause;
        return pause;
    }

    /** Moves {@code length} bytes to a frame. Returns whether reading should go on that has been paused. */
    boolean take(ByteBuf frame, int length) {
        readable -= length;
        budget.free(length);
        int left = length;
        while (left > 0) {
            ByteBuf first = chunks.peekFirst();
            int part = Math.min(left, first.readableBytes());
            frame.writeBytes(first, part);
            left -= part;
            if (!first.isReadable()) {
                chunks.removeFirst().release();
            }
        }
        boolean resume = paused && readable <= high() / 2;
        paused &= !resume;
        return resume;
    }

    void discard() {
        chunks.forEach(ByteBuf::release);
        chunks.clear();
        budget.free(readable);
        readable = 0;
    }
}
