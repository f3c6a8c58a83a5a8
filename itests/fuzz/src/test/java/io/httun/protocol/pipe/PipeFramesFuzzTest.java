// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol.pipe;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.httun.protocol.FrameException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** Payloads of a pipe are refused, or read without a byte lost. */
class PipeFramesFuzzTest {
    @FuzzTest(maxDuration = "1m")
    void data(byte[] input) {
        ByteBuf payload = Unpooled.wrappedBuffer(input);
        long offset;
        try {
            offset = PipeFrames.readReplyOffset(payload);
        } catch (FrameException expected) {
            return;
        }
        if (offset < 0 || offset + payload.readableBytes() < 0) {
            throw new AssertionError(offset);
        }
        same(Unpooled.buffer().writeLong(offset).writeBytes(payload), input);
    }

    @FuzzTest(maxDuration = "1m")
    void ask(byte[] input) {
        PipeAsk ask;
        try {
            ask = PipeFrames.readAsk(Unpooled.wrappedBuffer(input));
        } catch (FrameException expected) {
            return;
        }
        ByteBuf again = Unpooled.buffer();
        PipeFrames.writeAsk(again, ask.received(), ask.most(), ask.losses());
        same(again, input);
    }

    @FuzzTest(maxDuration = "1m")
    void ending(byte[] input) {
        PipeEnding ending;
        try {
            ending = PipeEnding.read(Unpooled.wrappedBuffer(input));
        } catch (FrameException expected) {
            return;
        }
        ByteBuf again = Unpooled.buffer();
        ending.write(again);
        same(again, input);
    }

    private static void same(ByteBuf again, byte[] input) {
        if (!again.equals(Unpooled.wrappedBuffer(input))) {
            throw new AssertionError("read and written again, it is another one");
        }
    }
}
