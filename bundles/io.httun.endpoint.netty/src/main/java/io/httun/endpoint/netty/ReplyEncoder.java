// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import io.httun.api.tunnel.TunnelReply;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Writes heads of HTTP/1.1 replies. Constant parts are encoded once. Confined to its event loop. */
final class ReplyEncoder {
    static final String CLOSE = "connection: close\r\n";
    static final String KEEP_ALIVE = "connection: keep-alive\r\n";

    private static final int MAX_LENGTH_FIELD = 40;
    private static final byte[] OK = line(200);
    private static final String END = "\r\n\r\n";

    private final byte[] extra;
    private List<Map.Entry<String, String>> lastHeaders;
    private byte[] lastBytes;

    ReplyEncoder(List<String> extraHeaders) {
        extra = bytes(String.join(
                "", extraHeaders.stream().map(header -> header + "\r\n").toList()));
    }

    /**
     * @param connection a whole header line or empty
     * @param room bytes that the caller will append
     */
    ByteBuf head(ByteBufAllocator allocator, TunnelReply reply, String connection, int room) {
        byte[] status = reply.status() == 200 ? OK : line(reply.status());
        byte[] headers = headers(reply.headers());
        ByteBuf head = allocator.directBuffer(
                status.length + headers.length + extra.length + connection.length() + MAX_LENGTH_FIELD + room);
        head.writeBytes(status).writeBytes(headers).writeBytes(extra);
        ByteBufUtil.writeAscii(head, connection);
        ByteBufUtil.writeAscii(head, "content-length: ");
        ByteBufUtil.writeAscii(head, Integer.toString(reply.length()));
        ByteBufUtil.writeAscii(head, END);
        return head;
    }

    private static byte[] line(int status) {
        return bytes(
                "HTTP/1.1 " + status + ' ' + HttpResponseStatus.valueOf(status).reasonPhrase() + "\r\n");
    }

    /** The server has few lists of headers and hands out the same ones again and again. */
    private byte[] headers(List<Map.Entry<String, String>> headers) {
        if (headers != lastHeaders) {
            StringBuilder text = new StringBuilder();
            headers.forEach(header -> text.append(header.getKey())
                    .append(": ")
                    .append(header.getValue())
                    .append("\r\n"));
            lastBytes = bytes(text.toString());
            lastHeaders = headers;
        }
        return lastBytes;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
