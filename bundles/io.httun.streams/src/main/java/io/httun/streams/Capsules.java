// SPDX-License-Identifier: Apache-2.0
package io.httun.streams;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import java.util.List;

/**
 * Takes datagrams out of a stream of capsules (RFC 9297 section 3.2): what DATAGRAM capsules hold with context 0 (RFC 9298 section 5). Other
 * capsules and contexts are skipped, as both RFCs demand.
 */
final class Capsules extends ByteToMessageDecoder {
    /** RFC 9298 section 5: what UDP can carry. */
    static final int MAX_DATAGRAM = 65_527;

    private static final int DATAGRAM = 0;
    private static final int MAX_HEADER = 8;
    private static final int PREFIX_BITS = 6;
    private static final int ONE_BYTE = 1 << 6;
    private static final int TWO_BYTES = 1 << 14;
    private static final int TWO_BYTE_PREFIX = 0x4000;
    private static final int FOUR_BYTE_PREFIX = 0x8000_0000;

    private long skipped;

    /** A datagram as it travels; ownership passes. */
    static Http2DataFrame datagram(ByteBufAllocator allocator, ByteBuf payload) {
        ByteBuf header = allocator.buffer(MAX_HEADER).writeByte(DATAGRAM);
        // With the context, which is one byte long.
        int length = payload.readableBytes() + 1;
        if (length < ONE_BYTE) {
            header.writeByte(length);
        } else if (length < TWO_BYTES) {
            header.writeShort(TWO_BYTE_PREFIX | length);
        } else {
            header.writeInt(FOUR_BYTE_PREFIX | length);
        }
        header.writeByte(0);
        return new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(header, payload));
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (skipped > 0) {
            int now = (int) Math.min(skipped, in.readableBytes());
            in.skipBytes(now);
            skipped -= now;
            return;
        }
        int start = in.readerIndex();
        long type = integer(in);
        long length = type < 0 ? -1 : integer(in);
        if (length < 0) {
            in.readerIndex(start);
        } else if (type != DATAGRAM) {
            skipped = length;
        } else if (length > MAX_DATAGRAM + MAX_HEADER) {
            throw new TooLongFrameException("got a DATAGRAM capsule of " + length + " bytes, at most "
                    + (MAX_DATAGRAM + MAX_HEADER) + " expected");
        } else if (in.readableBytes() < length) {
            in.readerIndex(start);
        } else {
            ByteBuf value = in.readSlice((int) length);
            if (integer(value) == 0) {
                out.add(value.retain());
            }
        }
    }

    /** RFC 9000 section 16; -1 where it is not there completely. */
    private static long integer(ByteBuf in) {
        if (!in.isReadable()) {
            return -1;
        }
        int bytes = 1 << (in.getUnsignedByte(in.readerIndex()) >> PREFIX_BITS);
        if (in.readableBytes() < bytes) {
            return -1;
        }
        return switch (bytes) {
            case 1 -> in.readByte() & ONE_BYTE - 1;
            case 2 -> in.readShort() & TWO_BYTES - 1;
            case 4 -> in.readInt() & (1 << 30) - 1;
            default -> in.readLong() & (1L << 62) - 1;
        };
    }
}
