// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Writes replies as the stock server does: no {@code content-length} without a body (wire protocol, section 8). */
final class ReplyWriter {

    private static final Map<Integer, String> REASONS = Map.of(
            400, "Bad Request",
            401, "Unauthorized",
            404, "Not Found",
            408, "Request Timeout",
            429, "Too Many Requests",
            500, "Internal Server Error",
            502, "Bad Gateway",
            503, "Service Unavailable",
            504, "Gateway Timeout");

    private final OutputStream out;
    private final List<String> extraHeaders;
    private final boolean emptyLength;

    ReplyWriter(OutputStream out, StockServerOptions options) {
        this.out = out;
        this.extraHeaders = options.extraHeaders();
        this.emptyLength = options.emptyLength();
    }

    void ok(byte[] frame) throws IOException {
        write("200 Ok", List.of(), "application/octet-stream", frame);
    }

    /** Says that the connection closes, and leaves it open. */
    void idle() throws IOException {
        status(408, List.of("connection: close"));
    }

    void status(int code, List<String> headers) throws IOException {
        String status = (code + " " + REASONS.getOrDefault(code, "")).strip();
        write(status, headers, "text/plain", status.getBytes(StandardCharsets.US_ASCII));
    }

    void raw(byte[] reply) throws IOException {
        out.write(reply);
    }

    private void write(String status, List<String> headers, String type, byte[] body) throws IOException {
        StringBuilder head = new StringBuilder("HTTP/1.1 " + status + "\r\ncache-control: no-store\r\n");
        extraHeaders.forEach(line -> head.append(line).append("\r\n"));
        headers.forEach(line -> head.append(line).append("\r\n"));
        if (body.length > 0) {
            head.append("content-length: ").append(body.length).append("\r\n");
            head.append("content-type: ").append(type).append("\r\n");
        } else if (emptyLength) {
            head.append("content-length: 0\r\n");
        }
        head.append("\r\n");
        ByteArrayOutputStream reply = new ByteArrayOutputStream(head.length() + body.length);
        reply.writeBytes(head.toString().getBytes(StandardCharsets.ISO_8859_1));
        reply.writeBytes(body);
        reply.writeTo(out);
    }
}
