// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import io.netty.buffer.ByteBuf;

/**
 * A question about the path, the payload of a request on {@code r} ({@code docs/wire.md}, "A probe").
 *
 * @param length bytes that the payloads in the reply have before the result, 0 to {@link #MAX_LENGTH}
 * @param first bytes of the reply's body that leave at once, for {@link Kind#PARTS}; at most {@code length}
 * @param waitMillis how long the server waits at most, 0 to {@link #MAX_WAIT}
 * @param count requests that have to meet, for {@link Kind#MEET}; 1 to {@link #MAX_WAITING}
 * @param number of the request whose rest is released, for {@link Kind#RELEASE}
 */
public record ProbeAsk(Kind kind, int length, int first, int waitMillis, int count, long number) {
    /** What the server is to do. */
    public enum Kind {
        /** To answer after {@code waitMillis}. */
        ANSWER,
        /** To answer with the headers that the request had. */
        REPORT,
        /** To send the first bytes at once, and the rest once it is released or after {@code waitMillis}. */
        PARTS,
        /** To answer when so many requests of this kind wait, or after {@code waitMillis}. */
        MEET,
        /** To release the rest of another reply. */
        RELEASE
    }

    /** Length of the payload, in bytes. */
    public static final int PAYLOAD = 22;

    /** Largest {@code length}, in bytes; the reply is a batch of at most {@link FrameBody#MAX_BATCH}. */
    public static final int MAX_LENGTH = FrameBody.MAX_BATCH;

    /** Largest {@code length} for {@link Kind#PARTS}, in bytes: the server keeps these while they wait. */
    public static final int MAX_PARTS = 128 << 10;

    /** Longest wait, in milliseconds: below the 30 s after which endpoints answer by themselves. */
    public static final int MAX_WAIT = 28_000;

    /** Requests of a session that may wait at the server. */
    public static final int MAX_WAITING = 64;

    /** A question that needs no other fields. */
    public static ProbeAsk of(Kind kind, int length, int waitMillis) {
        return new ProbeAsk(kind, length, 0, waitMillis, 1, 0);
    }

    /** Appends the payload. */
    public void write(ByteBuf frame) {
        frame.writeByte(kind.ordinal())
                .writeInt(length)
                .writeInt(first)
                .writeInt(waitMillis)
                .writeByte(count)
                .writeLong(number);
    }

    /** @throws FrameException if it is not one */
    public static ProbeAsk read(ByteBuf payload) {
        if (payload.readableBytes() != PAYLOAD) {
            throw new FrameException("probe of " + payload.readableBytes() + " bytes, expected " + PAYLOAD);
        }
        int kind = payload.readUnsignedByte();
        int length = payload.readInt();
        int first = payload.readInt();
        int wait = payload.readInt();
        int count = payload.readUnsignedByte();
        long number = payload.readLong();
        boolean known = kind < Kind.values().length;
        if (!known || !within(length, MAX_LENGTH) || !within(first, length) || !within(wait, MAX_WAIT)) {
            throw new FrameException("probe of kind " + kind + " with length " + length + ", first " + first
                    + " and wait " + wait + ", expected a kind of 0 to 4, first <= length <= " + MAX_LENGTH
                    + ", wait <= " + MAX_WAIT);
        }
        if (kind == Kind.PARTS.ordinal() && length > MAX_PARTS) {
            throw new FrameException(
                    "probe of a reply in parts with length " + length + ", expected at most " + MAX_PARTS);
        }
        if (count < 1 || count > MAX_WAITING) {
            throw new FrameException("probe with a count of " + count + ", expected 1 to " + MAX_WAITING);
        }
        return new ProbeAsk(Kind.values()[kind], length, first, wait, count, number);
    }

    private static boolean within(int value, int most) {
        return value >= 0 && value <= most;
    }
}
