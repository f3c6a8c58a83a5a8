// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.relay.EndCause;
import io.httun.listener.HttpAnswers.Problem;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.util.Optional;

/** Checks the head of a request before it is served. */
final class ProxyRequestCheck {
    static final Problem MALFORMED = new Problem(HttpResponseStatus.BAD_REQUEST, "malformed HTTP request", "");
    static final Problem MALFORMED_TARGET = new Problem(HttpResponseStatus.BAD_REQUEST, "malformed target", "");
    static final Problem WRONG_CODING =
            new Problem(HttpResponseStatus.NOT_IMPLEMENTED, "unsupported transfer coding", "");

    private static final Problem LONG_LINE =
            new Problem(HttpResponseStatus.REQUEST_URI_TOO_LONG, "the request line is too long", "");
    private static final Problem LONG_HEAD =
            new Problem(HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "the request is too large", "");
    private static final Problem WRONG_VERSION =
            new Problem(HttpResponseStatus.HTTP_VERSION_NOT_SUPPORTED, "unsupported HTTP version", "");
    private static final Problem WRONG_METHOD =
            new Problem(HttpResponseStatus.METHOD_NOT_ALLOWED, "unsupported HTTP method", "");
    private static final Problem LOOP_DETECTED =
            new Problem(HttpAnswers.LOOP_DETECTED, "request loop detected", "proxy_loop_detected");

    /** A request that is answered with an error. */
    record Rejection(EndCause cause, Problem problem) {}

    private ProxyRequestCheck() {}

    /**
     * @param forward whether plain {@code http://} requests are served
     * @param pseudonym of this proxy in {@code Via}
     */
    static Optional<Rejection> check(HttpRequest request, boolean forward, String pseudonym) {
        if (request.decoderResult().isFailure()) {
            return malformed(undecodable(request));
        } else if (request.protocolVersion().majorVersion() != 1) {
            return malformed(WRONG_VERSION);
        } else if (hasWrongHost(request)) {
            return malformed(MALFORMED);
        } else if (HopByHop.hasPassed(request, pseudonym)) {
            return Optional.of(new Rejection(EndCause.DENIED, LOOP_DETECTED));
        }
        return isConnect(request) || forward ? Optional.empty() : malformed(WRONG_METHOD);
    }

    static boolean isConnect(HttpRequest request) {
        return request.method().equals(HttpMethod.CONNECT);
    }

    /** @param stream whether the request arrived as an HTTP/2 stream, whose bytes follow as frames */
    static boolean hasBody(HttpRequest connect, boolean stream) {
        return HttpUtil.getContentLength(connect, 0L) != 0
                || !stream && connect.headers().contains(HttpHeaderNames.TRANSFER_ENCODING);
    }

    private static Optional<Rejection> malformed(Problem problem) {
        return Optional.of(new Rejection(EndCause.MALFORMED, problem));
    }

    private static Problem undecodable(HttpRequest request) {
        Throwable failure = request.decoderResult().cause();
        if (failure instanceof TooLongHttpLineException) {
            return LONG_LINE;
        } else if (failure instanceof TooLongFrameException) {
            return LONG_HEAD;
        }
        return HttpFraming.of(request).isKnown() ? MALFORMED : WRONG_CODING;
    }

    /** CONNECT needs no Host: its target is complete, and old clients omit the header (RFC 9112 section 3.2). */
    private static boolean hasWrongHost(HttpRequest request) {
        long hosts = request.headers().getAll(HttpHeaderNames.HOST).stream()
                .distinct()
                .count();
        boolean needed = !HttpCodecs.isOld(request.protocolVersion()) && !isConnect(request);
        return hosts > 1 || hosts == 0 && needed;
    }
}
