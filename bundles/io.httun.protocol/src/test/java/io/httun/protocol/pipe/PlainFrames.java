// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol.pipe;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.protocol.Frame;
import io.httun.protocol.Operation;
import io.netty.buffer.ByteBuf;

/** Frames of the true length that are not encrypted. */
final class PlainFrames {
    /** Operation, sequence and length of the payload. */
    private static final int FIELDS = 11;

    private static final int TAG = 16;

    private PlainFrames() {}

    /** @param frame with its payload, after the room for the header */
    static ByteBuf seal(ByteBuf frame, Operation operation, long number) {
        int payload = frame.readableBytes() - Frame.HEADER_LENGTH;
        int fields = frame.readerIndex() + Frame.HEADER_LENGTH - FIELDS;
        frame.setByte(fields, operation.value()).setLong(fields + 1, number).setShort(fields + 9, payload);
        return frame.writerIndex(frame.writerIndex() + TAG);
    }

    /** @return a retained slice of the frame */
    static ByteBuf payload(ByteBuf frame, Operation operation) {
        int fields = frame.readerIndex() + Frame.HEADER_LENGTH - FIELDS;
        assertThat((int) frame.getUnsignedByte(fields)).isEqualTo(operation.value());
        int length = frame.getUnsignedShort(fields + 9);
        assertThat(length).isEqualTo(frame.readableBytes() - Frame.OVERHEAD);
        return frame.retainedSlice(frame.readerIndex() + Frame.HEADER_LENGTH, length);
    }
}
