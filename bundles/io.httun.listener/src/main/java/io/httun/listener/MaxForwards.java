// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.concurrent.Future;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/** {@code Max-Forwards}: a client probes the proxies of a chain one by one (RFC 9110 section 7.6.2). */
final class MaxForwards {
    /** TRACE must not echo these (RFC 9110 section 9.3.8). */
    private static final Set<String> SECRET = Set.of("authorization", "cookie", "proxy-authorization");

    private MaxForwards() {}

    /** The value; empty if the method ignores it or it is not a number. */
    static OptionalInt of(HttpRequest request) {
        String value = request.headers().get(HttpHeaderNames.MAX_FORWARDS, "").strip();
        boolean counts =
                request.method().equals(HttpMethod.OPTIONS) || request.method().equals(HttpMethod.TRACE);
        return counts && value.matches("[0-9]{1,9}") ? OptionalInt.of(Integer.parseInt(value)) : OptionalInt.empty();
    }

    /** Whether this proxy must answer the request. */
    static boolean endsHere(HttpRequest request) {
        return of(request).orElse(1) == 0;
    }

    /** Answers a request that is not forwarded. */
    static Future<?> answer(ChannelHandlerContext ctx, HttpRequest request, String allow) {
        boolean trace = request.method().equals(HttpMethod.TRACE);
        ByteBuf body = trace
                ? ByteBufUtil.encodeString(ctx.alloc(), CharBuffer.wrap(text(request)), StandardCharsets.ISO_8859_1)
                : Unpooled.EMPTY_BUFFER;
        FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK, body);
        response.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
        if (trace) {
            response.headers().set(HttpHeaderNames.CONTENT_TYPE, "message/http");
        } else {
            response.headers().set(HttpHeaderNames.ALLOW, allow);
        }
        return HttpAnswers.send(ctx, response, true);
    }

    private static String text(HttpRequest request) {
        StringBuilder text = new StringBuilder(request.method() + " " + request.uri() + " HTTP/1.1\r\n");
        for (Map.Entry<String, String> header : request.headers()) {
            if (!SECRET.contains(header.getKey().toLowerCase(Locale.ROOT))) {
                text.append(header.getKey())
                        .append(": ")
                        .append(header.getValue())
                        .append("\r\n");
            }
        }
        return text.append("\r\n").toString();
    }
}
