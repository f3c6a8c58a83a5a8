// SPDX-License-Identifier: Apache-2.0
package io.httun.gnuhttptunnel;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** Frames and heads of GNU httptunnel. */
class FramesFuzzTest {
    private static final FrameReader.Frames NOBODY = new FrameReader.Frames() {
        @Override
        public void data(ByteBuf bytes) {
            bytes.release();
        }

        @Override
        public void control(int type) {
            // Nothing to do.
        }
    };

    @FuzzTest(maxDuration = "1m")
    void frames(byte[] input) {
        try {
            new FrameReader(NOBODY).read(Unpooled.copiedBuffer(input));
        } catch (GnuFrameException expected) {
            expected.getMessage();
        }
        try {
            RequestHead.read(Unpooled.copiedBuffer(input));
        } catch (GnuFrameException expected) {
            expected.getMessage();
        }
    }
}
