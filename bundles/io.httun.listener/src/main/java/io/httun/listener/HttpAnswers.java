// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.target.RefusedException.Cause;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.HttpConversionUtil;
import io.netty.util.concurrent.Future;

/** What the proxy itself says to an HTTP client, in either version. It names no target. */
final class HttpAnswers {
    static final HttpResponseStatus LOOP_DETECTED = new HttpResponseStatus(508, "Loop Detected");

    static final String GUESSING = "too many wrong logins";
    private static final int GUESSING_SECONDS = 60;

    private HttpAnswers() {}

    /** @param withBody false for what answers HEAD */
    static Future<?> write(
            ChannelHandlerContext ctx, HttpResponseStatus status, String why, String allow, boolean withBody) {
        ByteBuf text = ByteBufUtil.writeAscii(ctx.alloc(), "httun: " + why + "\n");
        int length = text.readableBytes();
        if (!withBody) {
            text.release();
        }
        FullHttpResponse response =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, withBody ? text : Unpooled.EMPTY_BUFFER);
        response.headers()
                .set(HttpHeaderNames.CONTENT_LENGTH, length)
                .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.TEXT_PLAIN)
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        if (status.equals(HttpResponseStatus.METHOD_NOT_ALLOWED)) {
            response.headers().set(HttpHeaderNames.ALLOW, allow);
        } else if (status.equals(HttpResponseStatus.PROXY_AUTHENTICATION_REQUIRED)) {
            response.headers().set(HttpHeaderNames.PROXY_AUTHENTICATE, "Basic realm=\"httun\", charset=\"UTF-8\"");
        } else if (status.equals(HttpResponseStatus.SERVICE_UNAVAILABLE)
                || status.equals(HttpResponseStatus.TOO_MANY_REQUESTS)) {
            response.headers().set(HttpHeaderNames.RETRY_AFTER, why.equals(GUESSING) ? GUESSING_SECONDS : 1);
        }
        if (!(ctx.channel() instanceof Http2StreamChannel)) {
            return ctx.writeAndFlush(response);
        }
        // As frames: the codec for HTTP messages has gone when a stream waits for its target.
        ctx.write(new DefaultHttp2HeadersFrame(HttpConversionUtil.toHttp2Headers(response, true), !withBody));
        return withBody
                ? ctx.writeAndFlush(new DefaultHttp2DataFrame(response.content(), true))
                : ctx.writeAndFlush(Unpooled.EMPTY_BUFFER);
    }

    static HttpResponseStatus status(Cause cause) {
        return switch (cause) {
            case DENIED -> HttpResponseStatus.FORBIDDEN;
            case UNRESOLVED, UNREACHABLE, CONNECTION_REFUSED, FAILED -> HttpResponseStatus.BAD_GATEWAY;
            case TIMED_OUT -> HttpResponseStatus.GATEWAY_TIMEOUT;
            case TOO_MANY -> HttpResponseStatus.TOO_MANY_REQUESTS;
            case OVERLOADED, UNAVAILABLE -> HttpResponseStatus.SERVICE_UNAVAILABLE;
        };
    }

    static String text(Cause cause) {
        return switch (cause) {
            case DENIED -> "this target is not allowed";
            case UNRESOLVED -> "the name has no address";
            case UNREACHABLE -> "the target cannot be reached";
            case CONNECTION_REFUSED -> "the target refused the connection";
            case FAILED -> "the connection failed";
            case TIMED_OUT -> "the target did not answer in time";
            case OVERLOADED -> "too many connections";
            case TOO_MANY -> "too many connections of this source";
            case UNAVAILABLE -> "the tunnel is not there";
        };
    }
}
