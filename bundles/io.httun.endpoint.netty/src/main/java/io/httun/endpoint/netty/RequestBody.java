// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import io.httun.toolkit.tunnel.BodyBudget;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;

/** Gathers a body in one heap buffer, where ciphers want it. Confined to its event loop, but for {@link #giveUp}. */
final class RequestBody implements BodyBudget.Holder {
    /** Up to here a buffer is made as large as announced at once; beyond, only what arrives takes room. */
    private static final int TRUSTED = 128 << 10;

    private static final int UNKNOWN = 4 << 10;

    /** A line of 5 kB/s brings this much in a second; a body that needs the whole time limit for it only occupies memory. */
    static final int LEAST_PROGRESS = 4 << 10;

    private final BodyBudget budget;
    private final int most;
    private final int announced;
    private final Runnable evicted;
    private ByteBuf bytes = Unpooled.EMPTY_BUFFER;

    /**
     * @param announced length as the request tells it; negative where it does not
     * @param evicted called on any thread if this body has to make room for others
     */
    RequestBody(BodyBudget budget, int most, long announced, Runnable evicted) {
        this.budget = budget;
        this.most = most;
        this.announced = (int) Math.min(announced, most);
        this.evicted = evicted;
    }

    /** Returns false if that is more than allowed. Does not release {@code more}. */
    boolean add(ByteBuf more) {
        int length = more.readableBytes();
        if (length > most - bytes.readableBytes()) {
            return false;
        }
        if (length == 0) {
            return true;
        }
        if (bytes == Unpooled.EMPTY_BUFFER) {
            int first = announced < 0 ? UNKNOWN : Math.min(announced, TRUSTED);
            bytes = PooledByteBufAllocator.DEFAULT.heapBuffer(Math.max(first, length));
        }
        bytes.writeBytes(more, more.readerIndex(), length);
        if (bytes.readableBytes() != announced) {
            budget.hold(this, bytes.capacity());
        }
        return true;
    }

    /** How many bytes have come. */
    int length() {
        return bytes.readableBytes();
    }

    boolean isEmpty() {
        return !bytes.isReadable();
    }

    /** The whole body; ownership passes. */
    ByteBuf take() {
        ByteBuf whole = bytes;
        bytes = Unpooled.EMPTY_BUFFER;
        budget.free(this);
        return whole;
    }

    void release() {
        take().release();
    }

    @Override
    public void giveUp() {
        evicted.run();
    }
}
