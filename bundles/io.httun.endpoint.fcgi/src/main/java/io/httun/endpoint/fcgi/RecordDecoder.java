// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.fcgi;

import io.netty.buffer.ByteBuf;

/**
 * Takes a byte stream apart into records (FastCGI section 3.3), however it is cut. Keeps nothing but a header's eight bytes:
 * content is handed on as it comes, so that it is copied once, to where it belongs.
 */
final class RecordDecoder {
    /** Told about each record: its head, its content in any number of pieces, its end. */
    interface Records {
        void begin(int type, int id, int length);

        /** {@code length} bytes are to be read from {@code in}, or skipped. */
        void content(ByteBuf in, int length);

        void end();

        /** Whether what follows is wanted; if not, it is left unread. */
        default boolean goOn() {
            return true;
        }
    }

    private long header;
    private int headerBytes;
    private int content;
    private int padding;

    /**
     * Reads {@code in}, all of it while {@link Records#goOn()}.
     *
     * @throws FcgiException where no record can begin; nothing after it can be understood
     */
    void decode(ByteBuf in, Records out) {
        while (in.isReadable() && out.goOn()) {
            if (headerBytes < Fcgi.HEADER_LENGTH) {
                header = header << Byte.SIZE | in.readUnsignedByte();
                if (++headerBytes == Fcgi.HEADER_LENGTH) {
                    begin(out);
                }
            } else if (content > 0) {
                int piece = Math.min(content, in.readableBytes());
                int next = in.readerIndex() + piece;
                out.content(in, piece);
                in.readerIndex(next);
                content -= piece;
                endOfContent(out);
            } else {
                int piece = Math.min(padding, in.readableBytes());
                in.skipBytes(piece);
                padding -= piece;
                endOfPadding();
            }
        }
    }

    private void begin(Records out) {
        int version = (int) (header >>> 56);
        if (version != Fcgi.VERSION) {
            throw new FcgiException("got a record of version " + version + ", expected " + Fcgi.VERSION);
        }
        content = (int) (header >>> 16 & 0xffff);
        padding = (int) (header >>> 8 & 0xff);
        out.begin((int) (header >>> 48 & 0xff), (int) (header >>> 32 & 0xffff), content);
        endOfContent(out);
    }

    private void endOfContent(Records out) {
        if (content == 0) {
            out.end();
            endOfPadding();
        }
    }

    private void endOfPadding() {
        if (padding == 0) {
            headerBytes = 0;
            header = 0;
        }
    }

    /** Whether a record has begun whose end is not there yet. */
    boolean isWithinRecord() {
        return headerBytes > 0;
    }
}
