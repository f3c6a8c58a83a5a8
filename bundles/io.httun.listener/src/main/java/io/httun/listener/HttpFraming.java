// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMessage;
import java.util.Arrays;
import java.util.List;

/**
 * The framing of a message's body (RFC 9112 section 6.3), as parsed. Forwarded messages are framed from this, never
 * from the received headers.
 *
 * @param length of the body; -1 if the head has none
 */
record HttpFraming(Kind kind, long length) {
    enum Kind {
        /** Neither a length nor a coding. */
        UNSTATED,
        LENGTH,
        CHUNKED,
        /** An unsupported transfer coding. */
        UNKNOWN
    }

    private static final long NONE = -1;

    static HttpFraming of(HttpMessage message) {
        List<String> codings = message.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING).stream()
                .flatMap(value -> Arrays.stream(value.split(",")))
                .map(String::strip)
                // "identity" means no coding and was registered once (RFC 2616 section 3.6); old servers send it.
                .filter(coding -> !coding.isEmpty() && !coding.equalsIgnoreCase("identity"))
                .toList();
        String length = message.headers().get(HttpHeaderNames.CONTENT_LENGTH);
        if (codings.size() == 1 && codings.get(0).equalsIgnoreCase("chunked")) {
            return new HttpFraming(Kind.CHUNKED, NONE);
        } else if (!codings.isEmpty()) {
            return new HttpFraming(Kind.UNKNOWN, NONE);
        }
        if (length == null) {
            return new HttpFraming(Kind.UNSTATED, NONE);
        }
        try {
            return new HttpFraming(Kind.LENGTH, Long.parseUnsignedLong(length.strip()));
        } catch (NumberFormatException e) {
            // Reachable by HTTP/2 only; the HTTP/1 decoder rejects it.
            return new HttpFraming(Kind.UNKNOWN, NONE);
        }
    }

    boolean isKnown() {
        return kind != Kind.UNKNOWN;
    }

    boolean isChunked() {
        return kind == Kind.CHUNKED;
    }

    boolean hasLength() {
        return kind == Kind.LENGTH;
    }

    /** Whether a request with this framing has no body. */
    boolean isEmptyRequest() {
        return kind == Kind.UNSTATED || kind == Kind.LENGTH && length == 0;
    }
}
