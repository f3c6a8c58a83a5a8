// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;

/** Bytes of a client that the relay has not taken yet. Guarded by its connection's monitor. */
final class ClientBytes {
    /** Bytes that may wait before no more are taken; the target's socket buffers up to as many again. */
    private static final int HIGH = 256 << 10;

    /** The same where memory is ample: more than a batch. */
    private static final int HIGH_WHEN_AMPLE = 2 << 20;

    private final QueueBudget budget;
    private final ArrayDeque<ByteBuf> queue = new ArrayDeque<>();
    private int waiting;
    private boolean roomWanted;

    ClientBytes(QueueBudget budget) {
        this.budget = budget;
    }

    private int high() {
        return budget.isAmple() ? HIGH_WHEN_AMPLE : HIGH;
    }

    void add(ByteBuf data) {
        queue.add(data);
        waiting += data.readableBytes();
        budget.use(data.readableBytes());
    }

    /** The next bytes, which belong to the caller; null for none. */
    ByteBuf poll() {
        ByteBuf data = queue.poll();
        if (data != null) {
            waiting -= data.readableBytes();
            budget.free(data.readableBytes());
        }
        return data;
    }

    /** Whether more may be taken. If not, {@link #isRoomDue} says when. */
    boolean hasRoom() {
        boolean room = waiting < high();
        roomWanted |= !room;
        return room;
    }

    /** Whether the relay has taken everything. If not, {@link #isRoomDue} says when. */
    boolean isDrained() {
        roomWanted |= waiting > 0;
        return waiting == 0;
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }

    /** Whether the inbox waits for room, and there is room now. True once. */
    boolean isRoomDue() {
        boolean due = roomWanted && waiting < high() / 2;
        roomWanted &= waiting > 0;
        return due;
    }

    /** Drops what waits. */
    void discard() {
        for (ByteBuf data = poll(); data != null; data = poll()) {
            data.release();
        }
    }
}
