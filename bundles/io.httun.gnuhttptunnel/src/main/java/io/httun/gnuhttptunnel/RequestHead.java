// SPDX-License-Identifier: Apache-2.0
package io.httun.gnuhttptunnel;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * A request's head. Its body is not an HTTP body: it ends with a frame, regardless of the length in the head.
 *
 * @param get GET, or else POST or PUT
 * @param authorization value of the header; empty where there is none
 */
record RequestHead(boolean get, String authorization) {
    static final int MAX_LENGTH = 8192;

    private static final String AUTHORIZATION = "authorization:";

    /**
     * Takes a head off the front of {@code in}.
     *
     * @return null while it is not complete
     * @throws GnuFrameException if it is too long or no GET, POST or PUT
     */
    static RequestHead read(ByteBuf in) {
        int end = end(in);
        if (end < 0) {
            if (in.readableBytes() > MAX_LENGTH) {
                throw new GnuFrameException("got a request head of more than " + MAX_LENGTH + " bytes");
            }
            return null;
        }
        String[] lines = in.readCharSequence(end - in.readerIndex(), StandardCharsets.ISO_8859_1)
                .toString()
                .split("\r\n", -1);
        String method = lines[0].substring(0, Math.max(0, lines[0].indexOf(' ')));
        if (!method.equals("GET") && !method.equals("POST") && !method.equals("PUT")) {
            throw new GnuFrameException("got a request that is no GET, POST or PUT");
        }
        String authorization = "";
        for (String line : lines) {
            if (line.toLowerCase(Locale.ROOT).startsWith(AUTHORIZATION)) {
                authorization = line.substring(AUTHORIZATION.length()).strip();
            }
        }
        return new RequestHead(method.equals("GET"), authorization);
    }

    /** Index behind the empty line, or -1. */
    private static int end(ByteBuf in) {
        int last = Math.min(in.writerIndex(), in.readerIndex() + MAX_LENGTH) - 4;
        for (int i = in.readerIndex(); i <= last; i++) {
            if (in.getInt(i) == 0x0d0a0d0a) {
                return i + 4;
            }
        }
        return -1;
    }

    @Override
    public String toString() {
        return get ? "GET" : "POST";
    }
}
