// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;

/**
 * Gathers a forwarded request or reply from the content of a stream: the lengths of head and body, 4 bytes each, head, body. Confined to the
 * stream's event loop.
 */
final class Envelope {
    /** Path, query and headers of a request that an endpoint takes. */
    static final int MAX_HEAD = 64 << 10;

    /** A body of the length announced gets its memory at once up to here; beyond, only what arrives takes room. */
    private static final int TRUSTED = 128 << 10;

    private static final int LENGTHS = 2 * Integer.BYTES;

    private final int maxBody;
    private final MemoryBudget budget;
    private final ByteBuf lengths = Unpooled.buffer(LENGTHS, LENGTHS);
    private ByteBuf head = Unpooled.EMPTY_BUFFER;
    private ByteBuf body = Unpooled.EMPTY_BUFFER;
    private int headLength = -1;
    private int bodyLength;
    private int booked;

    Envelope(int maxBody, MemoryBudget budget) {
        this.maxBody = maxBody;
        this.budget = budget;
    }

    /**
     * Takes more content, which stays the caller's.
     *
     * @return whether all is there
     * @throws ForwardException if it is malformed, or too much for the budget
     */
    boolean add(ByteBuf more) throws ForwardException {
        if (headLength < 0) {
            move(more, lengths, LENGTHS);
            if (lengths.isWritable()) {
                return false;
            }
            begin(lengths.readInt(), lengths.readInt());
        }
        move(more, head, headLength);
        move(more, body, bodyLength);
        if (more.isReadable()) {
            throw new ForwardException(more.readableBytes() + " bytes behind the end");
        }
        return isComplete();
    }

    private void begin(int announcedHead, int announcedBody) throws ForwardException {
        if (announcedHead < 0 || announcedHead > MAX_HEAD || announcedBody < 0 || announcedBody > maxBody) {
            throw new ForwardException("a head of " + announcedHead + " and a body of " + announcedBody
                    + " bytes, expected at most " + MAX_HEAD + " and " + maxBody);
        }
        if (!budget.take(announcedHead + announcedBody)) {
            throw new ForwardException("no memory left for forwarded bodies");
        }
        booked = announcedHead + announcedBody;
        headLength = announcedHead;
        bodyLength = announcedBody;
        head = PooledByteBufAllocator.DEFAULT.heapBuffer(headLength);
        body = bodyLength == 0
                ? Unpooled.EMPTY_BUFFER
                : PooledByteBufAllocator.DEFAULT.heapBuffer(Math.min(bodyLength, TRUSTED), bodyLength);
    }

    private static void move(ByteBuf from, ByteBuf to, int length) {
        int missing = Math.min(from.readableBytes(), length - to.writerIndex());
        if (missing > 0) {
            to.writeBytes(from, missing);
        }
    }

    private boolean isComplete() {
        return headLength >= 0 && head.writerIndex() == headLength && body.writerIndex() == bodyLength;
    }

    ByteBuf head() {
        return head;
    }

    /** Heap-backed; ownership passes. Its bytes stay in the budget until {@link #release}. */
    ByteBuf takeBody() {
        ByteBuf whole = body;
        body = Unpooled.EMPTY_BUFFER;
        return whole;
    }

    /** Idempotent. */
    void release() {
        budget.give(booked);
        booked = 0;
        head.release();
        head = Unpooled.EMPTY_BUFFER;
        body.release();
        body = Unpooled.EMPTY_BUFFER;
    }

    /** What stands before head and body. */
    static ByteBuf seal(ByteBuf head, int bodyLength) {
        return Unpooled.wrappedBuffer(
                Unpooled.buffer(LENGTHS).writeInt(head.readableBytes()).writeInt(bodyLength), head);
    }
}
