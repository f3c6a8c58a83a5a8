// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import io.httun.api.tunnel.TunnelReply;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.AsciiString;

/** Whether the head of an HTTP/1.x request can be read in one way only (RFC 9112). */
final class RequestCheck {
    /** Netty takes a request with it for one with a body of eight bytes, which no RFC does. */
    private static final AsciiString HIXIE_76 = AsciiString.cached("sec-websocket-key1");

    private RequestCheck() {}

    /** Null if there is nothing wrong with it. */
    static TunnelReply error(HttpRequest request) {
        if (request.decoderResult().isFailure()) {
            Throwable cause = request.decoderResult().cause();
            boolean tooLong = cause instanceof TooLongHttpHeaderException || cause instanceof TooLongHttpLineException;
            return tooLong ? Replies.HEAD_TOO_LARGE : Replies.BAD_REQUEST;
        }
        HttpVersion version = request.protocolVersion();
        if (!version.equals(HttpVersion.HTTP_1_1) && !version.equals(HttpVersion.HTTP_1_0)) {
            return Replies.VERSION_NOT_SUPPORTED;
        }
        int hosts = request.headers().getAll(HttpHeaderNames.HOST).size();
        if (hosts > 1
                || hosts == 0 && version.equals(HttpVersion.HTTP_1_1)
                || request.headers().contains(HIXIE_76)
                || HttpUtil.isTransferEncodingChunked(request)
                        && !request.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING).stream()
                                .allMatch(coding -> coding.equalsIgnoreCase("chunked"))) {
            return Replies.BAD_REQUEST;
        }
        String expect = request.headers().get(HttpHeaderNames.EXPECT);
        if (expect != null && !HttpHeaderValues.CONTINUE.contentEqualsIgnoreCase(expect)) {
            return Replies.EXPECTATION_FAILED;
        }
        return null;
    }
}
