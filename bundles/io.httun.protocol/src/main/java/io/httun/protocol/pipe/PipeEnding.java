// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol.pipe;

import io.httun.protocol.FrameException;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * The end of a pipe and of all its streams (PipeEnd).
 *
 * @param text for the log and the status; on the wire it is cut to {@value #MAX_TEXT} bytes
 */
public record PipeEnding(Reason reason, String text) {
    /** Longest text, in bytes of UTF-8. */
    public static final int MAX_TEXT = 255;

    /** Why; the ordinal is the value on the wire. */
    public enum Reason {
        DONE,
        ERROR,
        NO_MEMORY,
        STOPPING
    }

    private static final Reason[] REASONS = Reason.values();

    /** Writes the payload. */
    public void write(ByteBuf frame) {
        ByteBuffer bytes = ByteBuffer.allocate(MAX_TEXT);
        CharsetEncoder encoder = StandardCharsets.UTF_8.newEncoder();
        encoder.onMalformedInput(CodingErrorAction.REPLACE);
        // Stops before a character that does not fit.
        encoder.encode(CharBuffer.wrap(text), bytes, true);
        frame.writeByte(reason.ordinal()).writeBytes(bytes.flip());
    }

    /**
     * Reads a payload.
     *
     * @throws FrameException if it is not one
     */
    public static PipeEnding read(ByteBuf payload) {
        int length = payload.readableBytes();
        if (length < 1 || length > 1 + MAX_TEXT) {
            throw new FrameException("pipe end of " + length + " bytes, expected 1 to " + (1 + MAX_TEXT));
        }
        int reason = payload.readUnsignedByte();
        if (reason >= REASONS.length) {
            throw new FrameException("reason " + reason + " of a pipe's end, expected 0 to " + (REASONS.length - 1));
        }
        byte[] text = new byte[length - 1];
        payload.readBytes(text);
        try {
            return new PipeEnding(
                    REASONS[reason],
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(text))
                            .toString());
        } catch (CharacterCodingException e) {
            throw new FrameException("text of a pipe's end is not UTF-8");
        }
    }
}
