// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** Bytes of a client on their way to the target. Guarded by its connection's monitor. */
final class ClientBytes {
    /** Bytes that may wait before no more are taken. */
    private static final int HIGH = 512 << 10;

    /** The same where memory is ample: more than a batch. */
    private static final int HIGH_WHEN_AMPLE = 2 << 20;

    private final QueueBudget budget;
    private final ArrayDeque<ByteBuf> queue = new ArrayDeque<>();
    private long outstanding;
    private boolean roomWanted;

    ClientBytes(QueueBudget budget) {
        this.budget = budget;
    }

    private int high() {
        return budget.isAmple() ? HIGH_WHEN_AMPLE : HIGH;
    }

    void add(ByteBuf data) {
        queue.add(data);
        outstanding += data.readableBytes();
        budget.use(data.readableBytes());
    }

    /** Whether more may be taken. If not, {@link #written} says when. */
    boolean hasRoom() {
        boolean room = outstanding < high();
        roomWanted |= !room;
        return room;
    }

    /** Whether everything has been written. If not, {@link #written} says when. */
    boolean isDrained() {
        roomWanted |= outstanding > 0;
        return outstanding == 0;
    }

    boolean isPending() {
        return outstanding > 0;
    }

    /** What is to be written now. */
    List<ByteBuf> takeAll() {
        List<ByteBuf> all = new ArrayList<>(queue);
        queue.clear();
        return all;
    }

    /** Bytes have been written, or lost. Returns whether somebody waits for room that there now is. */
    boolean written(int length) {
        gone(length);
        boolean wanted = roomWanted && outstanding < high() / 2;
        roomWanted &= outstanding != 0;
        return wanted;
    }

    /** Drops what waits. Returns whether somebody waits for room. */
    boolean discard() {
        for (ByteBuf data : queue) {
            gone(data.readableBytes());
            data.release();
        }
        queue.clear();
        return roomWanted;
    }

    private void gone(int length) {
        outstanding -= length;
        budget.free(length);
    }
}
