// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.fcgi;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.function.BiConsumer;

/** Name-value pairs (FastCGI section 3.4). Bytes are taken as ISO 8859-1, which loses none. */
final class NameValues {
    private static final int LONG = 0x80;

    private NameValues() {}

    /**
     * Reads all pairs of {@code in}.
     *
     * @throws FcgiException if a length points behind the end
     */
    static void read(ByteBuf in, BiConsumer<String, String> pairs) {
        while (in.isReadable()) {
            long name = length(in);
            long value = length(in);
            if (name + value > in.readableBytes()) {
                throw new FcgiException("got a name of " + name + " and a value of " + value
                        + " bytes, expected at most " + in.readableBytes() + " bytes are left");
            }
            pairs.accept(text(in, (int) name), text(in, (int) value));
        }
    }

    private static long length(ByteBuf in) {
        if (!in.isReadable() || in.getByte(in.readerIndex()) < 0 && in.readableBytes() < Integer.BYTES) {
            throw new FcgiException("got a name-value pair that ends within its lengths");
        }
        return in.getByte(in.readerIndex()) < 0 ? in.readUnsignedInt() & Integer.MAX_VALUE : in.readByte();
    }

    private static String text(ByteBuf in, int length) {
        return in.readCharSequence(length, StandardCharsets.ISO_8859_1).toString();
    }

    static void write(ByteBuf out, String name, String value) {
        writeLength(out, name.length());
        writeLength(out, value.length());
        out.writeCharSequence(name, StandardCharsets.ISO_8859_1);
        out.writeCharSequence(value, StandardCharsets.ISO_8859_1);
    }

    private static void writeLength(ByteBuf out, int length) {
        if (length < LONG) {
            out.writeByte(length);
        } else {
            out.writeInt(length | 1 << 31);
        }
    }
}
