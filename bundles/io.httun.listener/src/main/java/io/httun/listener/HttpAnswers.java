// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.target.RefusedException.Cause;
import io.httun.toolkit.target.ProxyError;
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

/** The proxy's own answers to an HTTP client, in HTTP/1 and HTTP/2. They do not name the target. */
final class HttpAnswers {
    static final HttpResponseStatus LOOP_DETECTED = new HttpResponseStatus(508, "Loop Detected");

    private static final String PROXY_STATUS = "proxy-status";
    static final String GUESSING = "too many wrong logins";
    private static final int GUESSING_SECONDS = 60;

    private HttpAnswers() {}

    /**
     * The content of an error answer.
     *
     * @param error error type for {@code Proxy-Status} (RFC 9209 section 2.3); empty if the status is enough
     */
    record Problem(HttpResponseStatus status, String why, String error) {
        static Problem of(Cause cause) {
            return new Problem(
                    HttpResponseStatus.valueOf(ProxyError.of(cause).status()),
                    text(cause),
                    ProxyError.of(cause).error());
        }

        static Problem of(TargetFault fault) {
            return new Problem(fault.status(), fault.text(), fault.error());
        }
    }

    /**
     * @param pseudonym of this proxy
     * @param withBody false for the answer to HEAD
     */
    static Future<?> write(
            ChannelHandlerContext ctx, Problem problem, String pseudonym, String allow, boolean withBody) {
        HttpResponseStatus status = problem.status();
        String why = problem.why();
        ByteBuf text = ByteBufUtil.writeAscii(ctx.alloc(), "httun: " + why + "\n");
        int length = text.readableBytes();
        if (!withBody) {
            text.release();
        }
        FullHttpResponse response =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, withBody ? text : Unpooled.EMPTY_BUFFER);
        response.headers()
                .set(HttpHeaderNames.CONTENT_LENGTH, length)
                .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.TEXT_PLAIN);
        if (!problem.error().isEmpty()) {
            response.headers().set(PROXY_STATUS, pseudonym + "; error=" + problem.error() + "; details=\"" + why + '"');
        }
        if (status.equals(HttpResponseStatus.METHOD_NOT_ALLOWED)) {
            response.headers().set(HttpHeaderNames.ALLOW, allow);
        } else if (status.equals(HttpResponseStatus.PROXY_AUTHENTICATION_REQUIRED)) {
            response.headers().set(HttpHeaderNames.PROXY_AUTHENTICATE, "Basic realm=\"httun\", charset=\"UTF-8\"");
        } else if (status.equals(HttpResponseStatus.SERVICE_UNAVAILABLE)
                || status.equals(HttpResponseStatus.TOO_MANY_REQUESTS)) {
            response.headers().set(HttpHeaderNames.RETRY_AFTER, why.equals(GUESSING) ? GUESSING_SECONDS : 1);
        }
        return send(ctx, response, withBody);
    }

    /** Sends an answer after which the connection is closed. */
    static Future<?> send(ChannelHandlerContext ctx, FullHttpResponse response, boolean withBody) {
        response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        if (!(ctx.channel() instanceof Http2StreamChannel)) {
            return ctx.writeAndFlush(response);
        }
        // Written as frames: the HTTP codec of a stream is removed while its target is connecting.
        ctx.write(new DefaultHttp2HeadersFrame(HttpConversionUtil.toHttp2Headers(response, true), !withBody));
        return withBody
                ? ctx.writeAndFlush(new DefaultHttp2DataFrame(response.content(), true))
                : ctx.writeAndFlush(Unpooled.EMPTY_BUFFER);
    }

    private static String text(Cause cause) {
        return switch (cause) {
            case DENIED -> "this target is not allowed";
            case UNRESOLVED -> "the name has no address";
            case UNREACHABLE -> "the target cannot be reached";
            case CONNECTION_REFUSED -> "the target refused the connection";
            case FAILED -> "the connection failed";
            case TIMED_OUT -> "the target did not answer in time";
            case OVERLOADED -> "too many connections";
            case TOO_MANY -> "too many connections of this source";
            case UNAVAILABLE -> "the tunnel is not available";
        };
    }
}
