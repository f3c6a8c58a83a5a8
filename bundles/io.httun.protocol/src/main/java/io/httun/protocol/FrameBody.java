// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import io.httun.api.crypto.FrameCipher;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.function.UnaryOperator;

/**
 * Bodies of requests and replies: one frame, as on the stock wire, or a batch of them where both ends have
 * {@link PeerId#BATCH} ({@code docs/wire.md}, "Batches"). In a batch each frame follows its length as 4 bytes.
 */
public final class FrameBody {
    /** Largest batch, in bytes. */
    public static final int MAX_BATCH = 1 << 20;

    /** Bytes that a frame in a batch has beyond its payload. */
    public static final int OVERHEAD = Integer.BYTES + Frame.OVERHEAD;

    /** Smallest limit for a batch, which takes the largest frame. */
    public static final int MIN_BATCH = OVERHEAD + Frame.MAX_PAYLOAD;

    private FrameBody() {}

    /** Payload bytes that may still be written to a frame. */
    public static int room(ByteBuf frame) {
        return Math.min(frame.writableBytes() - FrameCipher.TAG_LENGTH, Frame.MAX_PAYLOAD);
    }

    /**
     * Makes a body of one frame.
     *
     * @param sealer seals a frame from {@link Frame#allocate} in place; what it throws is passed on
     * @return heap-backed, owned by the caller; null if the source has nothing
     */
    public static ByteBuf single(ByteBufAllocator allocator, FrameSource source, UnaryOperator<ByteBuf> sealer) {
        int waiting = source.waiting();
        if (waiting < 0) {
            return null;
        }
        ByteBuf frame = Frame.allocate(allocator, Math.min(waiting, Frame.MAX_PAYLOAD));
        boolean done = false;
        try {
            if (source.fill(frame)) {
                sealer.apply(frame);
                done = true;
                return frame;
            }
            return null;
        } finally {
            if (!done) {
                frame.release();
            }
        }
    }

    /**
     * Makes a batch of the frames that wait and fit. If the first frame cannot be cut, such as one with a large packet, the batch may
     * exceed a limit below {@link #MIN_BATCH}.
     *
     * @param limit of the body's length, up to {@link #MAX_BATCH}
     * @param sealer as for {@link #single}
     * @return heap-backed, owned by the caller; null if the source has nothing
     */
    public static ByteBuf batch(
            ByteBufAllocator allocator, int limit, FrameSource source, UnaryOperator<ByteBuf> sealer) {
        int waiting = source.waiting();
        if (waiting < 0) {
            return null;
        }
        int needed = Math.max(waiting, OVERHEAD);
        ByteBuf body = fill(allocator, Math.min(limit, needed), source, sealer);
        return body == null && limit < Math.min(needed, MIN_BATCH)
                ? fill(allocator, Math.min(needed, MIN_BATCH), source, sealer)
                : body;
    }

    private static ByteBuf fill(
            ByteBufAllocator allocator, int capacity, FrameSource source, UnaryOperator<ByteBuf> sealer) {
        ByteBuf body = allocator.heapBuffer(capacity, capacity);
        boolean done = false;
        try {
            while (add(body, source, sealer)) {
                done = true;
            }
        } catch (RuntimeException e) {
            done = false;
            throw e;
        } finally {
            if (!done) {
                body.release();
            }
        }
        return done ? body : null;
    }

    private static boolean add(ByteBuf body, FrameSource source, UnaryOperator<ByteBuf> sealer) {
        int start = body.writerIndex() + Integer.BYTES;
        int length = Math.min(body.capacity() - start, Frame.MAX_LENGTH);
        if (length < Frame.OVERHEAD) {
            return false;
        }
        ByteBuf frame = body.slice(start, length).writerIndex(Frame.HEADER_LENGTH);
        if (!source.fill(frame)) {
            return false;
        }
        sealer.apply(frame);
        body.writeInt(frame.readableBytes()).writerIndex(start + frame.readableBytes());
        return true;
    }

    /**
     * Whether a body of data frames is a batch. The first byte of a data frame is odd, and that of a
     * batch, whose first length is less than 2^24, is 0.
     */
    public static boolean isBatch(ByteBuf body) {
        return body.isReadable() && body.getByte(body.readerIndex()) == 0;
    }

    /**
     * Cuts the next frame off a batch.
     *
     * @return a part of {@code body}, with its reference count; not opened yet
     * @throws FrameException if the length is not that of a frame, or the body ends before the frame does
     */
    public static ByteBuf next(ByteBuf body) {
        if (body.readableBytes() < Integer.BYTES) {
            throw new FrameException("batch ends with " + body.readableBytes() + " bytes, expected a frame");
        }
        int length = body.readInt();
        if (length < Frame.OVERHEAD || length > Frame.MAX_LENGTH || length > body.readableBytes()) {
            throw new FrameException("frame length " + length + " in a batch of which " + body.readableBytes()
                    + " bytes are left, expected " + Frame.OVERHEAD + " to " + Frame.MAX_LENGTH);
        }
        return body.readSlice(length);
    }
}
