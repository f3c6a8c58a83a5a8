// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol.pipe;

import io.httun.protocol.FrameException;
import io.httun.protocol.SequenceType;
import io.netty.buffer.ByteBuf;

/** Payloads of the operations of a pipe ({@code docs/wire.md}, "A pipe"). */
public final class PipeFrames {
    /** Bytes before the data in a data payload: the offset. */
    public static final int DATA_HEADER = Long.BYTES;

    /** Numbers of failed requests that one request may list. */
    public static final int MAX_LOSSES = 32;

    private static final int ASK_HEADER = Long.BYTES + 2 * Byte.BYTES;

    private static final int INDEX_BITS = 16;
    private static final long LAST = 1L << INDEX_BITS - 1;

    private PipeFrames() {}

    /**
     * The sequence field of a frame of a reply. It names the request and the frame's place in the body, so that neither another reply, such
     * as an old one from a cache, nor one that was cut between two frames can pass for this one.
     *
     * @param number of the request, below 2^46
     * @param index of the frame in the body, below 2^15
     * @param last whether it is the last frame of the body
     */
    public static long replySequence(long number, int index, boolean last) {
        return SequenceType.A.with(number << INDEX_BITS | (last ? LAST : 0) | index);
    }

    /**
     * Checks the sequence field of a frame of a reply.
     *
     * @return whether it is the last frame of the body
     * @throws FrameException if it belongs elsewhere
     */
    public static boolean isLastOfReply(long sequence, long number, int index) {
        boolean last = sequence == replySequence(number, index, true);
        if (!last && sequence != replySequence(number, index, false)) {
            throw new FrameException("frame " + Long.toHexString(sequence) + " in the reply to request " + number
                    + ", expected its frame " + index);
        }
        return last;
    }

    /**
     * The sequence field of the frame that answers a request on {@code w}: it proves that the server, and no proxy, took this request.
     *
     * @param sequence of the first frame of the request
     */
    public static long receiptSequence(long sequence) {
        return SequenceType.A.with(SequenceType.number(sequence));
    }

    /**
     * Reads the offset of a payload towards the server (PipeToSrv) and leaves the data readable.
     *
     * @throws FrameException if there is no data, or if it does not end in its epoch
     */
    public static long readOffset(ByteBuf payload) {
        return readOffset(payload, 1);
    }

    /**
     * Reads the offset of a reply (PipeFromSrv), which may have no data, and leaves the data readable.
     *
     * @throws FrameException if it is too short, or if the data does not end in its epoch
     */
    public static long readReplyOffset(ByteBuf payload) {
        return readOffset(payload, 0);
    }

    private static long readOffset(ByteBuf payload, int least) {
        int length = payload.readableBytes() - DATA_HEADER;
        if (length < least) {
            throw new FrameException("pipe payload of " + payload.readableBytes() + " bytes, expected at least "
                    + (DATA_HEADER + least));
        }
        long offset = payload.readLong();
        if (offset < 0 || PipeEpoch.of(offset + length) != PipeEpoch.of(offset)) {
            throw new FrameException("pipe offset " + Long.toUnsignedString(offset) + " before " + length
                    + " bytes, expected an end below the next multiple of 2^56, and below 2^63");
        }
        return offset;
    }

    static int askLength(int losses) {
        return ASK_HEADER + losses * Long.BYTES;
    }

    /** Writes the payload of a request on {@code r}; {@link #MAX_LOSSES} numbers at most. */
    static void writeAsk(ByteBuf frame, long received, int most, long[] losses) {
        frame.writeLong(received).writeByte(most).writeByte(losses.length);
        for (long number : losses) {
            frame.writeLong(number);
        }
    }

    /**
     * Reads the payload of a request on {@code r} (PipeFromSrv).
     *
     * @throws FrameException if it is not one
     */
    public static PipeAsk readAsk(ByteBuf payload) {
        int length = payload.readableBytes();
        if (length < ASK_HEADER) {
            throw new FrameException("pipe request of " + length + " bytes, expected at least " + ASK_HEADER);
        }
        long received = payload.readLong();
        int most = payload.readUnsignedByte();
        int count = payload.readUnsignedByte();
        if (most < 1 || most > PipeLimits.MAX_EXCHANGES) {
            throw new FrameException(most + " requests, expected 1 to " + PipeLimits.MAX_EXCHANGES);
        }
        if (received < 0) {
            throw new FrameException("received " + Long.toUnsignedString(received) + ", expected less than 2^63");
        }
        if (count > MAX_LOSSES || length != askLength(count)) {
            throw new FrameException("pipe request of " + length + " bytes with a count of " + count
                    + ", expected a count of at most " + MAX_LOSSES + " and " + ASK_HEADER + " bytes + 8 for each");
        }
        long[] losses = new long[count];
        for (int i = 0; i < count; i++) {
            losses[i] = payload.readLong();
            if (losses[i] >>> 62 != 0) {
                throw new FrameException(
                        "failed request " + Long.toUnsignedString(losses[i]) + ", expected less than 2^62");
            }
        }
        return new PipeAsk(received, most, losses);
    }
}
