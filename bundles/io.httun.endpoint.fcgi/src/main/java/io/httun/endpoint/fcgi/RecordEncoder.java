// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.fcgi;

import io.httun.api.tunnel.TunnelReply;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Writes what a responder says. */
final class RecordEncoder {
    /** Most content of one record: a multiple of eight, so that records stay aligned without padding. */
    private static final int FULL = Fcgi.MAX_CONTENT & ~7;

    private static final int END_LENGTH = Fcgi.HEADER_LENGTH + 8;

    private RecordEncoder() {}

    /**
     * A whole answer, CGI head and body, in one direct buffer: the body is copied once, as it would have to be for the
     * socket anyway, and one system call sends all of it. The reply's body stays the caller's.
     */
    static ByteBuf reply(ByteBufAllocator allocator, int id, TunnelReply reply) {
        byte[] head = head(reply);
        ByteBuf body = reply.body();
        int length = head.length + body.readableBytes();
        int records = (length + FULL - 1) / FULL + 1;
        ByteBuf out = allocator.directBuffer(length + records * Fcgi.HEADER_LENGTH + END_LENGTH);
        int first = Math.min(length, FULL);
        header(out, Fcgi.STDOUT, id, first);
        out.writeBytes(head);
        int done = first - head.length;
        out.writeBytes(body, body.readerIndex(), done);
        while (done < body.readableBytes()) {
            int piece = Math.min(body.readableBytes() - done, FULL);
            header(out, Fcgi.STDOUT, id, piece);
            out.writeBytes(body, body.readerIndex() + done, piece);
            done += piece;
        }
        header(out, Fcgi.STDOUT, id, 0);
        return end(out, id, 0, Fcgi.REQUEST_COMPLETE);
    }

    private static byte[] head(TunnelReply reply) {
        StringBuilder head = new StringBuilder("Status: ").append(HttpResponseStatus.valueOf(reply.status()));
        for (Map.Entry<String, String> header : reply.headers()) {
            head.append("\r\n").append(header.getKey()).append(": ").append(header.getValue());
        }
        head.append("\r\ncontent-length: ").append(reply.body().readableBytes()).append("\r\n\r\n");
        return head.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    /** An end without an answer. */
    static ByteBuf end(ByteBufAllocator allocator, int id, int applicationStatus, int protocolStatus) {
        return end(allocator.directBuffer(END_LENGTH), id, applicationStatus, protocolStatus);
    }

    private static ByteBuf end(ByteBuf out, int id, int applicationStatus, int protocolStatus) {
        return header(out, Fcgi.END_REQUEST, id, 8)
                .writeInt(applicationStatus)
                .writeByte(protocolStatus)
                .writeZero(3);
    }

    static ByteBuf unknownType(ByteBufAllocator allocator, int type) {
        ByteBuf out = allocator.directBuffer(Fcgi.HEADER_LENGTH + 8);
        return header(out, Fcgi.UNKNOWN_TYPE, Fcgi.NULL_REQUEST_ID, 8)
                .writeByte(type)
                .writeZero(7);
    }

    static ByteBuf values(ByteBufAllocator allocator, Map<String, String> values) {
        ByteBuf out = header(allocator.directBuffer(), Fcgi.GET_VALUES_RESULT, Fcgi.NULL_REQUEST_ID, 0);
        values.forEach((name, value) -> NameValues.write(out, name, value));
        return out.setShort(4, out.readableBytes() - Fcgi.HEADER_LENGTH);
    }

    private static ByteBuf header(ByteBuf out, int type, int id, int length) {
        return out.writeByte(Fcgi.VERSION)
                .writeByte(type)
                .writeShort(id)
                .writeShort(length)
                .writeShort(0);
    }
}
