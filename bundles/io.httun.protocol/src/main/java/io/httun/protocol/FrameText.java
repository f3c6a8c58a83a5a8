// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.Base64;

/**
 * Frames as the {@code m} parameter carries them: base64url without padding ({@code wire/httun.md} section 2), as strict
 * as a stock server, so that a frame has exactly one spelling.
 */
public final class FrameText {
    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();
    private static final Base64.Decoder DECODER = Base64.getUrlDecoder();
    private static final int GROUP = 4;

    private FrameText() {}

    /**
     * The text of a frame.
     *
     * @param frame not changed
     */
    public static String encode(ByteBuf frame) {
        return ENCODER.encodeToString(ByteBufUtil.getBytes(frame, frame.readerIndex(), frame.readableBytes(), false));
    }

    /**
     * The frame in a text.
     *
     * @return heap-backed and unpooled
     * @throws FrameException for padding, other characters, or bits beyond the last byte
     */
    public static ByteBuf decode(String text) {
        try {
            byte[] bytes = DECODER.decode(text);
            if (text.indexOf('=') >= 0 || !lastGroup(bytes).equals(text.substring(text.length() / GROUP * GROUP))) {
                throw new FrameException("frame has padding or bits beyond its last byte");
            }
            return Unpooled.wrappedBuffer(bytes);
        } catch (IllegalArgumentException e) {
            throw new FrameException("frame is not base64url");
        }
    }

    /** The only correct text for the bytes after the last whole group of three; the decoder accepts others. */
    private static String lastGroup(byte[] bytes) {
        int whole = bytes.length / (GROUP - 1) * (GROUP - 1);
        return ENCODER.encodeToString(Arrays.copyOfRange(bytes, whole, bytes.length));
    }
}
