// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.FrameKey;
import io.httun.crypto.jca.JcaFrameCipher;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;

/** Frames and batches from strangers, and frames that were sealed with the key and say anything. */
class FrameFuzzTest {
    private static final FrameCipher CIPHER = new JcaFrameCipher();
    private static final FrameKey KEY = new FrameKey(new byte[FrameKey.LENGTH]);
    private static long nonce;

    @FuzzTest(maxDuration = "1m")
    void frame(byte[] input) {
        open(input);
        try {
            ByteBuf body = Unpooled.wrappedBuffer(input);
            while (FrameBody.isBatch(body)) {
                FrameBody.next(body);
            }
            FrameBody.next(body);
        } catch (FrameException expected) {
            open(sealed(input));
        }
    }

    /** A frame whose plain text is the input. */
    private static byte[] sealed(byte[] input) {
        int length = Math.min(input.length, Frame.MAX_PAYLOAD);
        byte[] frame = new byte[FrameCipher.SEALED_OFFSET + length + FrameCipher.TAG_LENGTH];
        System.arraycopy(input, 0, frame, FrameCipher.SEALED_OFFSET, length);
        frame[0] = (byte) (length > 0 ? input[0] & 1 : 0);
        // The JDK's cipher refuses a nonce that it has just seen.
        Unpooled.wrappedBuffer(frame).setLong(1, nonce++);
        CIPHER.seal(KEY, frame, 0, length);
        return frame;
    }

    private static void open(byte[] bytes) {
        ByteBuf frame = Unpooled.wrappedBuffer(bytes);
        try {
            Frame opened = Frame.open(CIPHER, KEY, frame, Unpooled.buffer(Math.max(1, bytes.length)));
            if (opened != null && opened.payload().readableBytes() != bytes.length - Frame.OVERHEAD) {
                throw new AssertionError(opened + " of " + Arrays.toString(bytes));
            } else if (opened != null && opened.operation() == Operation.INIT) {
                InitPayload.read(opened.payload());
            }
        } catch (FrameException expected) {
            // What it says of a wrong frame.
            expected.getMessage();
        }
    }
}
