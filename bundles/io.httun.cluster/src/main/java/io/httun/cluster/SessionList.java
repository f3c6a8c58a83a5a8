// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import io.httun.api.status.SessionStatus;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;

/**
 * The sessions of a member, as it answers {@link NodeQuestion#sessions}; texts are as in {@link HeadText}:
 *
 * <pre>
 * version 1 | sessions in all 4 | count 2 | for each: id | channel | state | seconds of age, idle and of the key 8 each |
 * frames in and out 8 each | bytes in and out 8 each
 * </pre>
 *
 * @param total how many there are
 * @param rows the first of them
 */
record SessionList(int total, List<SessionStatus> rows) {
    static final int VERSION = 1;
    /** More than anybody reads; so 254 other members need some 100 MB at most. */
    static final int MAX_ROWS = 2000;

    static final int MAX_BYTES = 512 << 10;

    /** A channel's name is as long. */
    private static final int MAX_CHARS = 64;

    static SessionList of(List<SessionStatus> all) {
        return new SessionList(all.size(), all.stream().limit(MAX_ROWS).toList());
    }

    ByteBuf encode() {
        ByteBuf out = Unpooled.buffer(rows.size() * 128 + Long.BYTES);
        out.writeByte(VERSION).writeInt(total).writeShort(rows.size());
        for (SessionStatus row : rows) {
            HeadText.write(out, row.id());
            HeadText.write(out, row.channel());
            HeadText.write(out, row.state());
            out.writeLong(row.ageSeconds()).writeLong(row.idleSeconds()).writeLong(row.keySeconds());
            out.writeLong(row.framesIn()).writeLong(row.framesOut());
            out.writeLong(row.bytesIn()).writeLong(row.bytesOut());
        }
        return out;
    }

    /**
     * @param node number of the member that says so
     * @throws ForwardException if it is of another version or damaged
     */
    static SessionList read(ByteBuf in, int node) throws ForwardException {
        try {
            int version = in.readUnsignedByte();
            if (version != VERSION) {
                throw new ForwardException("answers in version " + version + ", expected " + VERSION
                        + ": it is of another version of httun");
            }
            int total = in.readInt();
            int count = in.readUnsignedShort();
            if (count > MAX_ROWS || count > total) {
                throw new ForwardException(
                        "answers with " + count + " of " + total + " sessions, expected at most " + MAX_ROWS);
            }
            List<SessionStatus> rows = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                rows.add(row(in, node));
            }
            return new SessionList(total, rows);
        } catch (IndexOutOfBoundsException e) {
            throw new ForwardException("answers with a list that ends too early");
        }
    }

    private static SessionStatus row(ByteBuf in, int node) {
        return new SessionStatus(
                text(in),
                "server",
                text(in),
                node,
                text(in),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readLong());
    }

    private static String text(ByteBuf in) {
        String text = HeadText.read(in);
        return text.substring(0, Math.min(text.length(), MAX_CHARS)).replaceAll("\\p{Cntrl}", "?");
    }
}
