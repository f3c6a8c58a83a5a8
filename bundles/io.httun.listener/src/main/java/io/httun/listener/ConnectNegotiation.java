// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.relay.EndCause;
import io.httun.api.relay.RelayConnection;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Target;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.concurrent.Future;
import java.util.Optional;

/** HTTP CONNECT (RFC 9110 section 9.3.6). */
final class ConnectNegotiation extends Negotiation {
    private static final int MAX_LINE = 4096;
    private static final int MAX_HEADERS = 16_384;
    private static final HttpResponseStatus ESTABLISHED = new HttpResponseStatus(200, "Connection established");

    ConnectNegotiation(RelayConnection connection, ListenerSettings settings) {
        super(connection, settings);
    }

    @Override
    void begin(ChannelHandlerContext ctx) {
        HttpDecoderConfig limits =
                new HttpDecoderConfig().setMaxInitialLineLength(MAX_LINE).setMaxHeaderSize(MAX_HEADERS);
        ctx.pipeline().addFirst(new HttpRequestDecoder(limits), new HttpResponseEncoder());
        ctx.channel().config().setAutoRead(true);
    }

    @Override
    void message(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof HttpRequest request)) {
            return;
        }
        DecoderResult result = request.decoderResult();
        if (result.isFailure() && result.cause() instanceof TooLongFrameException) {
            answer(ctx, HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "the request is too large");
        } else if (result.isFailure() || HttpUtil.getContentLength(request, 0L) != 0 || isChunked(request)) {
            answer(ctx, HttpResponseStatus.BAD_REQUEST, "malformed HTTP request");
        } else if (!request.method().equals(HttpMethod.CONNECT)) {
            answer(ctx, HttpResponseStatus.METHOD_NOT_ALLOWED, "HTTP method other than CONNECT");
        } else if (!mayUse(request)) {
            answer(ctx, HttpResponseStatus.PROXY_AUTHENTICATION_REQUIRED, "no or wrong user and password");
        } else {
            target(request)
                    .ifPresentOrElse(
                            target -> request(ctx, target),
                            () -> answer(ctx, HttpResponseStatus.BAD_REQUEST, "malformed target"));
        }
    }

    private static boolean isChunked(HttpRequest request) {
        return request.headers().contains(HttpHeaderNames.TRANSFER_ENCODING);
    }

    private boolean mayUse(HttpRequest request) {
        String header = request.headers().get(HttpHeaderNames.PROXY_AUTHORIZATION, "");
        return settings().users().map(users -> users.accept(header)).orElse(true);
    }

    private static Optional<Target> target(HttpRequest request) {
        try {
            return Optional.of(Target.parse(request.uri()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private void answer(ChannelHandlerContext ctx, HttpResponseStatus status, String why) {
        EndCause cause = status.equals(HttpResponseStatus.PROXY_AUTHENTICATION_REQUIRED)
                ? EndCause.UNAUTHENTICATED
                : EndCause.MALFORMED;
        reject(ctx, cause, why, write(ctx, status, why));
    }

    private static Future<?> write(ChannelHandlerContext ctx, HttpResponseStatus status, String why) {
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, status, ByteBufUtil.writeAscii(ctx.alloc(), "httun: " + why + "\n"));
        response.headers()
                .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes())
                .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.TEXT_PLAIN)
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        if (status.equals(HttpResponseStatus.METHOD_NOT_ALLOWED)) {
            response.headers().set(HttpHeaderNames.ALLOW, HttpMethod.CONNECT);
        } else if (status.equals(HttpResponseStatus.PROXY_AUTHENTICATION_REQUIRED)) {
            response.headers().set(HttpHeaderNames.PROXY_AUTHENTICATE, "Basic realm=\"httun\", charset=\"UTF-8\"");
        } else if (status.equals(HttpResponseStatus.SERVICE_UNAVAILABLE)) {
            response.headers().set(HttpHeaderNames.RETRY_AFTER, 1);
        }
        return ctx.writeAndFlush(response);
    }

    @Override
    void writeAccepted(ChannelHandlerContext ctx) {
        ctx.writeAndFlush(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, ESTABLISHED));
    }

    @Override
    Future<?> writeRefused(ChannelHandlerContext ctx, Cause cause) {
        return switch (cause) {
            case DENIED -> write(ctx, HttpResponseStatus.FORBIDDEN, "this target is not allowed");
            case UNRESOLVED -> write(ctx, HttpResponseStatus.BAD_GATEWAY, "the name has no address");
            case UNREACHABLE -> write(ctx, HttpResponseStatus.BAD_GATEWAY, "the target cannot be reached");
            case CONNECTION_REFUSED -> write(ctx, HttpResponseStatus.BAD_GATEWAY, "the target refused the connection");
            case FAILED -> write(ctx, HttpResponseStatus.BAD_GATEWAY, "the connection failed");
            case TIMED_OUT -> write(ctx, HttpResponseStatus.GATEWAY_TIMEOUT, "the target did not answer in time");
            case OVERLOADED -> write(ctx, HttpResponseStatus.SERVICE_UNAVAILABLE, "too many connections");
            case UNAVAILABLE -> write(ctx, HttpResponseStatus.SERVICE_UNAVAILABLE, "the tunnel is not there");
        };
    }

    @Override
    Future<?> writeLate(ChannelHandlerContext ctx) {
        return write(ctx, HttpResponseStatus.REQUEST_TIMEOUT, "no request came in time");
    }
}
