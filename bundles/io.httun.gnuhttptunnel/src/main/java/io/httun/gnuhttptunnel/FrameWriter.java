// SPDX-License-Identifier: Apache-2.0
package io.httun.gnuhttptunnel;

import io.httun.toolkit.carried.CarriedChannel;
import io.netty.buffer.ByteBuf;

/** Fills one body of a given length with frames; its last byte is kept for DISCONNECT (wire page, section 3). */
final class FrameWriter {
    /** Stock peers hold back what a longer frame holds. */
    static final int MAX_DATA = 10_240;

    private static final int HEADER = 3;
    private static final byte[] ABORT = {FrameReader.ERROR, 0, 5, 'a', 'b', 'o', 'r', 't'};

    private long left;
    private boolean ended;

    /** @param length of the body, in bytes */
    FrameWriter(long length) {
        this.left = length;
    }

    /** Nothing more may be written: DISCONNECT, CLOSE or ERROR is in. */
    boolean isEnded() {
        return ended;
    }

    void open(ByteBuf out) {
        out.writeByte(FrameReader.OPEN).writeShort(1).writeByte(0x2a);
        left -= HEADER + 1;
    }

    /** Fills {@code out} up to its capacity with what the channel has to send. */
    void data(CarriedChannel channel, ByteBuf out) {
        while (!ended && out.writableBytes() > HEADER) {
            int room = (int) Math.min(Math.min(MAX_DATA, out.writableBytes() - HEADER), left - 1 - HEADER);
            if (room < 1) {
                disconnect(out);
                return;
            }
            int start = out.writerIndex();
            out.writeByte(FrameReader.DATA).writeShort(0);
            int length = channel.take(room, bytes -> {
                out.writeBytes(bytes);
                bytes.release();
            });
            if (length == 0) {
                out.writerIndex(start);
                return;
            }
            out.setShort(start + 1, length);
            left -= HEADER + length;
            if (left == 1) {
                disconnect(out);
            }
        }
    }

    /** The keep-alive. */
    void padding(ByteBuf out) {
        if (left > 1) {
            out.writeByte(FrameReader.PAD1);
            left--;
        }
        if (left == 1) {
            disconnect(out);
        }
    }

    private void disconnect(ByteBuf out) {
        for (; left > 1; left--) {
            out.writeByte(FrameReader.PAD1);
        }
        out.writeByte(FrameReader.DISCONNECT);
        ended = true;
    }

    void close(ByteBuf out, boolean aborted) {
        if (aborted) {
            out.writeBytes(ABORT);
        } else {
            out.writeByte(FrameReader.CLOSE);
        }
        ended = true;
    }
}
