// SPDX-License-Identifier: Apache-2.0
package io.httun.faults;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The head of a request or reply as it travels, and how long its body is. */
record HttpMessage(String head, int length) {
    private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: *(\\d+)");
    private static final Pattern MESSAGE = Pattern.compile("\\?m=([A-Za-z0-9_-]{4})");
    private static final int MAX_HEAD = 64 * 1024;

    /** Null at the end of the stream. */
    static HttpMessage read(InputStream in) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int end = 0;
        while (end < 4) {
            int one = in.read();
            if (one < 0) {
                if (bytes.size() == 0) {
                    return null;
                }
                throw new EOFException("in the head of a message");
            }
            bytes.write(one);
            end = one == (end % 2 == 0 ? '\r' : '\n') ? end + 1 : one == '\r' ? 1 : 0;
            if (bytes.size() > MAX_HEAD) {
                throw new IOException("head of a message too long");
            }
        }
        String head = bytes.toString(ISO_8859_1);
        Matcher length = LENGTH.matcher(head);
        return new HttpMessage(head, length.find() ? Integer.parseInt(length.group(1)) : 0);
    }

    byte[] bytes() {
        return head.getBytes(ISO_8859_1);
    }

    byte[] body(InputStream in) throws IOException {
        byte[] body = in.readNBytes(length);
        if (body.length < length) {
            throw new EOFException("in the body of a message");
        }
        return body;
    }

    HttpMessage withLength(int wanted) {
        return new HttpMessage(LENGTH.matcher(head).replaceFirst("\r\ncontent-length: " + wanted), wanted);
    }

    /** Says that it is the last one on its connection. */
    HttpMessage closing() {
        return new HttpMessage(head.substring(0, head.length() - 2) + "connection: close\r\n\r\n", length);
    }

    boolean isOk() {
        return head.startsWith("HTTP/1.1 200");
    }

    Plan.Kind kind() {
        if (head.startsWith("POST")) {
            return Plan.Kind.W;
        }
        Matcher message = MESSAGE.matcher(head);
        boolean data = message.find() && (Base64.getUrlDecoder().decode(message.group(1))[0] & 1) != 0;
        return data ? Plan.Kind.R : Plan.Kind.INIT;
    }

    static HttpMessage empty() {
        return new HttpMessage("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", 0);
    }

    static HttpMessage page(int status, int length) {
        String more = status == 302 ? "location: http://login.example/\r\n" : "";
        return new HttpMessage(
                "HTTP/1.1 " + status + " As a proxy says\r\ncontent-type: text/html\r\n" + more + "content-length: "
                        + length + "\r\n\r\n",
                length);
    }
}
