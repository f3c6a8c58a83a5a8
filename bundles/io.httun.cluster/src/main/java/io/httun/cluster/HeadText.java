// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Texts in the head of an {@link Envelope}: the length in 2 bytes, then UTF-8; headers are their number in 2 bytes, then names and values. */
final class HeadText {
    private static final int MAX_TEXT = 0xffff;

    private HeadText() {}

    /** A text that is too long is cut: no endpoint takes such a line. */
    static void write(ByteBuf out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(bytes.length, MAX_TEXT);
        out.writeShort(length).writeBytes(bytes, 0, length);
    }

    /** @throws IndexOutOfBoundsException if the head ends before */
    static String read(ByteBuf in) {
        return in.readCharSequence(in.readUnsignedShort(), StandardCharsets.UTF_8)
                .toString();
    }

    static void write(ByteBuf out, List<Map.Entry<String, String>> headers) {
        out.writeShort(headers.size());
        headers.forEach(header -> {
            write(out, header.getKey());
            write(out, header.getValue());
        });
    }

    /** @throws IndexOutOfBoundsException if the head ends before */
    static List<Map.Entry<String, String>> readHeaders(ByteBuf in) {
        int count = in.readUnsignedShort();
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            headers.add(Map.entry(read(in), read(in)));
        }
        return headers;
    }
}
