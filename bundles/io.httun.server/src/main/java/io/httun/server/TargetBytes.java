// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayDeque;

/** Bytes of a target that wait for the client to ask for them. Guarded by its connection's monitor. */
final class TargetBytes {
    /** Bytes at which no more are taken: four full frames. */
    private static final int HIGH = 256 << 10;

    /** The same where memory is ample: a batch and what fills the next one meanwhile. */
    private static final int HIGH_WHEN_AMPLE = 3 << 19;

    private static final ByteBufAllocator ALLOCATOR = PooledByteBufAllocator.DEFAULT;
    private static final int SMALL_CHUNK = 4096;

    private final QueueBudget budget;
    private final ArrayDeque<ByteBuf> chunks = new ArrayDeque<>();
    /** The chunk that takes small pieces; others may share their memory. */
    private ByteBuf small;

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

    /** Whether no more is taken for now. */
    boolean isFull() {
        if (readable >= high()) {
            paused = true;
        }
        return paused;
    }

    /** Adds what was read; ownership passes. */
    void add(ByteBuf data) {
        readable += data.readableBytes();
        budget.use(data.readableBytes());
        if (data.readableBytes() > data.capacity() / 2) {
            chunks.add(data);
        } else {
            // A few bytes must not keep a large read buffer.
            if (small == null || chunks.peekLast() != small || small.writableBytes() < data.readableBytes()) {
                int size = Math.max(SMALL_CHUNK, data.readableBytes());
                small = ALLOCATOR.heapBuffer(size, size);
                chunks.add(small);
            }
            small.writeBytes(data);
            data.release();
        }
    }

    /** Moves {@code length} bytes to a frame. Returns whether it was full and no longer is. */
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
        small = null;
        paused = false;
        chunks.forEach(ByteBuf::release);
        chunks.clear();
        budget.free(readable);
        readable = 0;
    }
}
