// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.FrameKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ReferenceCounted;

/**
 * A frame that was opened ({@code wire/httun.md} section 2). Frames to be sent are never objects: {@link #allocate}
 * a buffer, write the payload behind its header, {@link #seal} it in place.
 *
 * @param operation what it is for
 * @param sequence all 64 bits, the type in the top two; meaningless for {@link Operation#INIT}
 * @param payload owned by whoever owns the frame
 */
public record Frame(Operation operation, long sequence, ByteBuf payload) implements AutoCloseable {
    /** Bytes before the payload: type, nonce, operation, sequence, payload length. */
    public static final int HEADER_LENGTH = FrameCipher.SEALED_OFFSET + Byte.BYTES + Long.BYTES + Short.BYTES;

    /** Bytes that a frame has beyond its payload. */
    public static final int OVERHEAD = HEADER_LENGTH + FrameCipher.TAG_LENGTH;

    /** Largest payload, in bytes. */
    public static final int MAX_PAYLOAD = 0xffff;

    /** Largest frame, in bytes. */
    public static final int MAX_LENGTH = OVERHEAD + MAX_PAYLOAD;

    private static final int PLAIN_HEADER = HEADER_LENGTH - FrameCipher.SEALED_OFFSET;
    private static final int DATA_BIT = 1;

    /**
     * A heap buffer for a frame to be sealed: write the payload to it, at most {@code payloadCapacity} bytes.
     *
     * @return owned by the caller
     */
    public static ByteBuf allocate(ByteBufAllocator allocator, int payloadCapacity) {
        int capacity = OVERHEAD + payloadCapacity;
        return allocator.heapBuffer(capacity, capacity).writerIndex(HEADER_LENGTH);
    }

    /**
     * Seals, in place, a buffer from {@link #allocate}. Type bits and nonce come from {@code random}.
     *
     * @return {@code frame}, which now holds the whole frame
     * @throws IllegalArgumentException if the payload is larger than {@link #MAX_PAYLOAD}
     */
    public static ByteBuf seal(
            FrameCipher cipher, FrameKey key, NonceSource random, Operation operation, long sequence, ByteBuf frame) {
        int payload = frame.readableBytes() - HEADER_LENGTH;
        if (payload < 0 || payload > MAX_PAYLOAD) {
            throw new IllegalArgumentException("payload of " + payload + " bytes, expected 0 to " + MAX_PAYLOAD);
        }
        int offset = frame.arrayOffset() + frame.readerIndex();
        byte[] array = frame.array();
        random.fill(array, offset);
        array[offset] = (byte) (operation == Operation.INIT ? array[offset] & ~DATA_BIT : array[offset] | DATA_BIT);
        int header = frame.readerIndex() + FrameCipher.SEALED_OFFSET;
        frame.setByte(header, operation.value());
        frame.setLong(header + Byte.BYTES, sequence);
        frame.setShort(header + Byte.BYTES + Long.BYTES, payload);
        frame.writerIndex(frame.writerIndex() + FrameCipher.TAG_LENGTH);
        cipher.seal(key, array, offset, PLAIN_HEADER + payload);
        return frame;
    }

    /**
     * Whether the type bit says that this is an init frame. It is not authenticated.
     *
     * @param frame not changed
     */
    public static boolean isInit(ByteBuf frame) {
        return frame.isReadable() && (frame.getByte(frame.readerIndex()) & DATA_BIT) == 0;
    }

    /**
     * Opens a frame.
     *
     * @param frame heap-backed; stays the caller's and is not changed
     * @param out heap buffer with room for the frame; it becomes the payload, still the caller's, when this succeeds
     * @return null if {@code key} did not seal it: the caller may try another key
     * @throws FrameException if it was sealed under {@code key} but is not well formed
     */
    public static Frame open(FrameCipher cipher, FrameKey key, ByteBuf frame, ByteBuf out) {
        int length = frame.readableBytes();
        if (length < OVERHEAD || length > MAX_LENGTH) {
            throw new FrameException("frame of " + length + " bytes, expected " + OVERHEAD + " to " + MAX_LENGTH);
        }
        int offset = frame.arrayOffset() + frame.readerIndex();
        if (!cipher.open(key, frame.array(), offset, length, out.array(), out.arrayOffset())) {
            return null;
        }
        int payload = length - OVERHEAD;
        out.setIndex(PLAIN_HEADER, PLAIN_HEADER + payload);
        int stated = out.getUnsignedShort(PLAIN_HEADER - Short.BYTES);
        if (stated != payload) {
            throw new FrameException("payload length field " + stated + " in a frame with " + payload + " bytes");
        }
        Operation operation = Operation.of(out.getUnsignedByte(0));
        if ((operation == Operation.INIT) != isInit(frame)) {
            throw new FrameException("operation " + operation + " in a frame of the other type");
        }
        return new Frame(operation, out.getLong(Byte.BYTES), out);
    }

    @Override
    public void close() {
        ((ReferenceCounted) payload).release();
    }
}
