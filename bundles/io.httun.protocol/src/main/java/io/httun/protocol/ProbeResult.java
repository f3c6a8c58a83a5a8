// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * The server's answer about the path, the payload of a reply's last frame ({@code docs/wire.md}, "A probe").
 *
 * @param released whether the client has released the rest before its time was over
 * @param together requests that waited at the server at the same time
 * @param timeMillis the server's clock: milliseconds since 1970
 * @param text lines {@code name: value} for {@link ProbeAsk.Kind#REPORT}; else empty
 */
public record ProbeResult(boolean released, int together, long timeMillis, String text) {
    /** Of a result without text, in bytes. */
    public static final int LENGTH = Byte.BYTES + Short.BYTES + Long.BYTES;

    /** Longest text, in bytes of UTF-8. */
    public static final int MAX_TEXT = 16 << 10;

    /** Appends the payload; a text that is too long is cut. */
    public void write(ByteBuf frame) {
        frame.writeByte(released ? 1 : 0).writeShort(together).writeLong(timeMillis);
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        frame.writeBytes(bytes, 0, Math.min(bytes.length, MAX_TEXT));
    }

    /** @throws FrameException if it is not one */
    public static ProbeResult read(ByteBuf payload) {
        if (payload.readableBytes() < LENGTH || payload.readableBytes() > LENGTH + MAX_TEXT) {
            throw new FrameException("probe result of " + payload.readableBytes() + " bytes, expected " + LENGTH
                    + " to " + (LENGTH + MAX_TEXT));
        }
        return new ProbeResult(
                payload.readByte() != 0,
                payload.readUnsignedShort(),
                payload.readLong(),
                payload.toString(StandardCharsets.UTF_8));
    }
}
