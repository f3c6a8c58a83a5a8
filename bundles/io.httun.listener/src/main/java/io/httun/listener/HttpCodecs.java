// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;

/**
 * The HTTP/1 decoders and encoders. The decoders accept more than RFC 9112, since forwarded heads are built anew:
 * lines may end with a bare LF, and a length may be repeated.
 */
final class HttpCodecs {
    /** Maximum of a request line; that of browsers and Squid. */
    static final int MAX_REQUEST_LINE = 8 << 10;

    /** Squid's request_header_max_size. */
    static final int MAX_REQUEST_HEAD = 64 << 10;
    /** Maximum of a reply's head; Squid's reply_header_max_size, more than any common server sends. */
    static final int MAX_REPLY_HEAD = 64 << 10;

    private static final int MAX_CHUNK = 128 << 10;

    private HttpCodecs() {}

    static HttpDecoderConfig requests() {
        return common().setMaxInitialLineLength(MAX_REQUEST_LINE).setMaxHeaderSize(MAX_REQUEST_HEAD);
    }

    static HttpDecoderConfig replies() {
        return common().setMaxInitialLineLength(MAX_REPLY_HEAD).setMaxHeaderSize(MAX_REPLY_HEAD);
    }

    private static HttpDecoderConfig common() {
        return new HttpDecoderConfig()
                .setMaxChunkSize(MAX_CHUNK)
                .setAllowDuplicateContentLengths(true)
                // HttpFraming checks the codings, and tells unknown codings from malformed ones.
                .setUseRfc9112TransferEncoding(false)
                .setStrictLineParsing(false);
    }

    /** Writes the request line byte by byte as received: the decoder makes one character of each byte. */
    static final class RequestWriter extends HttpRequestEncoder {
        @Override
        protected void encodeInitialLine(ByteBuf buf, HttpRequest request) {
            String line = request.method().name() + ' ' + request.uri() + " HTTP/1.1\r\n";
            buf.writeCharSequence(line, StandardCharsets.ISO_8859_1);
        }
    }

    /** Replies to HEAD have no body although their head announces one. */
    static final class ReplyWriter extends HttpResponseEncoder {
        private boolean head;

        void answers(HttpMethod method) {
            head = method.equals(HttpMethod.HEAD);
        }

        @Override
        protected boolean isContentAlwaysEmpty(HttpResponse response) {
            return head || super.isContentAlwaysEmpty(response);
        }
    }

    static boolean isOld(HttpVersion version) {
        return version.majorVersion() == 1 && version.minorVersion() == 0;
    }
}
