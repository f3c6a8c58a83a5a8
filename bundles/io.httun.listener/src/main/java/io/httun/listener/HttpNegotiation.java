// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.relay.EndCause;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Target;
import io.httun.listener.login.Logins;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.Optional;

/**
 * An HTTP proxy's talk with one client: CONNECT (RFC 9110 section 9.3.6; as a stream of HTTP/2, RFC 9113 section 8.5), or
 * requests for plain {@code http://}, which {@link Forwarder} serves one after the other.
 */
final class HttpNegotiation extends Negotiation {
    private static final int MAX_LINE = 8192;
    private static final int MAX_HEADERS = 16_384;
    private static final int MAX_CHUNK = 128 << 10;
    private static final int KEEP_ALIVE_SECONDS = 60;
    private static final HttpResponseStatus ESTABLISHED = new HttpResponseStatus(200, "Connection established");
    /** What a client says first that takes it for granted that HTTP/2 is spoken here (RFC 9113 section 3.4). */
    private static final String PREFACE_METHOD = "PRI";

    private final ConnectSettings http;
    private Encoder encoder;
    private Forwarder forwarder;
    private boolean forwarding;
    private boolean multiplexed;
    private boolean head;

    HttpNegotiation(Client client, ConnectSettings http) {
        super(client);
        this.http = http;
    }

    /** Knows which responses have no body: those to HEAD look as if they had one. */
    private static final class Encoder extends HttpResponseEncoder {
        private boolean head;

        @Override
        protected boolean isContentAlwaysEmpty(HttpResponse response) {
            return head || super.isContentAlwaysEmpty(response);
        }
    }

    ConnectSettings http() {
        return http;
    }

    @Override
    void begin(ChannelHandlerContext ctx) {
        SslHandler tls = ctx.pipeline().get(SslHandler.class);
        if (isStream(ctx)) {
            ctx.pipeline().addBefore(ctx.name(), null, new Http2StreamFrameToHttpObjectCodec(true));
        } else if (tls != null && ApplicationProtocolNames.HTTP_2.equals(tls.applicationProtocol())) {
            multiplex(ctx);
        } else {
            HttpDecoderConfig limits = new HttpDecoderConfig()
                    .setMaxInitialLineLength(MAX_LINE)
                    .setMaxHeaderSize(MAX_HEADERS)
                    .setMaxChunkSize(MAX_CHUNK);
            encoder = new Encoder();
            ctx.pipeline().addBefore(ctx.name(), null, new HttpRequestDecoder(limits));
            ctx.pipeline().addBefore(ctx.name(), null, encoder);
        }
        ctx.channel().config().setAutoRead(true);
    }

    private static boolean isStream(ChannelHandlerContext ctx) {
        return ctx.channel() instanceof Http2StreamChannel;
    }

    /** From now on every stream has a negotiation of its own, and this one waits for the end. */
    private void multiplex(ChannelHandlerContext ctx) {
        multiplexed = true;
        if (client().isTurnedAway()) {
            startLimit(TurnedAway.SECONDS, ctx::close);
        } else {
            stopLimit();
        }
        Http2Streams.install(ctx, client());
    }

    @Override
    void message(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpRequest request) {
            head(ctx, request);
        } else if (message instanceof HttpContent content && forwarding) {
            forwarder.content(content);
        }
    }

    private void head(ChannelHandlerContext ctx, HttpRequest request) {
        client().connection()
                .via(HopByHop.via(request, isStream(ctx), client().parts().pseudonym()));
        head = request.method().equals(HttpMethod.HEAD);
        if (encoder != null) {
            encoder.head = head;
        }
        if (request.decoderResult().isFailure()) {
            Throwable failure = request.decoderResult().cause();
            // What does not fit into a line is no target that anybody could reach.
            boolean tooLarge =
                    failure instanceof TooLongFrameException && !(failure instanceof TooLongHttpLineException);
            answer(
                    ctx,
                    EndCause.MALFORMED,
                    tooLarge ? HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE : HttpResponseStatus.BAD_REQUEST,
                    tooLarge ? "the request is too large" : "malformed HTTP request");
        } else if (request.method().name().equals(PREFACE_METHOD) && !isStream(ctx)) {
            Http2Streams.afterPreface(ctx, this::takeEarly, () -> multiplex(ctx));
        } else if (request.headers().getAll(HttpHeaderNames.HOST).size() > 1) {
            answer(ctx, EndCause.MALFORMED, HttpResponseStatus.BAD_REQUEST, "malformed HTTP request");
        } else if (HopByHop.hasPassed(request, client().parts().pseudonym())) {
            answer(ctx, EndCause.DENIED, HttpAnswers.LOOP_DETECTED, "this request has been here before");
        } else if (request.method().equals(HttpMethod.CONNECT)) {
            connect(ctx, request);
        } else if (!http.forward() || request.method().equals(HttpMethod.TRACE)) {
            answer(ctx, EndCause.MALFORMED, HttpResponseStatus.METHOD_NOT_ALLOWED, "HTTP method that is not served");
        } else {
            forward(ctx, request);
        }
    }

    private void connect(ChannelHandlerContext ctx, HttpRequest request) {
        Optional<Target> target = target(request);
        boolean body = HttpUtil.getContentLength(request, 0L) != 0
                || !isStream(ctx) && request.headers().contains(HttpHeaderNames.TRANSFER_ENCODING);
        if (body || isStream(ctx) && request instanceof HttpContent) {
            answer(ctx, EndCause.MALFORMED, HttpResponseStatus.BAD_REQUEST, "malformed HTTP request");
        } else if (target.isEmpty()) {
            answer(ctx, EndCause.MALFORMED, HttpResponseStatus.BAD_REQUEST, "malformed target");
        } else {
            if (!isStream(ctx)) {
                // While a login is judged, it would take what comes behind the request for another one.
                ctx.pipeline().remove(HttpRequestDecoder.class);
            }
            logIn(ctx, request, () -> {
                if (http.ports().contains(target.get().port())) {
                    if (isStream(ctx)) {
                        Http2Bytes.install(ctx);
                    }
                    request(ctx, target.get());
                } else {
                    answer(ctx, EndCause.DENIED, HttpResponseStatus.FORBIDDEN, "this port is not allowed");
                }
            });
        }
    }

    private static Optional<Target> target(HttpRequest request) {
        try {
            return Optional.of(Target.parse(request.uri()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private void forward(ChannelHandlerContext ctx, HttpRequest request) {
        Optional<ForwardTarget> target = ForwardTarget.of(request, isStream(ctx));
        if (target.isEmpty()) {
            answer(ctx, EndCause.MALFORMED, HttpResponseStatus.BAD_REQUEST, "malformed target");
            return;
        }
        logIn(ctx, request, () -> {
            stopLimit();
            if (forwarder == null) {
                forwarder = new Forwarder(this, ctx);
            }
            forwarding = true;
            forwarder.begin(request, target.get());
            if (request instanceof LastHttpContent) {
                // A request of HTTP/2 without a body is one message.
                channelRead(ctx, LastHttpContent.EMPTY_LAST_CONTENT);
            }
        });
    }

    /** The exchange is over, and the client may ask for more. */
    void nextRequest(ChannelHandlerContext ctx) {
        forwarding = false;
        startLimit(KEEP_ALIVE_SECONDS, ctx::close);
        resume();
    }

    /** Runs {@code then} for a client who may, at once or when the login is judged; others get their answer. */
    private void logIn(ChannelHandlerContext ctx, HttpRequest request, Runnable then) {
        Optional<Logins> logins = client().logins();
        if (logins.isEmpty()) {
            then.run();
            return;
        }
        Optional<BasicLogin> login = BasicLogin.parse(request.headers().get(HttpHeaderNames.PROXY_AUTHORIZATION, ""));
        if (login.isEmpty()) {
            answer(ctx, EndCause.UNAUTHENTICATED, HttpResponseStatus.PROXY_AUTHENTICATION_REQUIRED, NO_LOGIN);
            return;
        }
        logIn(logins.get(), login.get().user(), login.get().password(), outcome -> {
            switch (outcome) {
                case RIGHT -> then.run();
                case WRONG ->
                    answer(ctx, EndCause.UNAUTHENTICATED, HttpResponseStatus.PROXY_AUTHENTICATION_REQUIRED, NO_LOGIN);
                case TOO_MANY ->
                    answer(ctx, EndCause.UNAUTHENTICATED, HttpResponseStatus.TOO_MANY_REQUESTS, HttpAnswers.GUESSING);
                case BUSY ->
                    answer(ctx, EndCause.OVERLOADED, HttpResponseStatus.SERVICE_UNAVAILABLE, "too many logins at once");
            }
        });
    }

    private static final String NO_LOGIN = "no or wrong user and password";

    void answer(ChannelHandlerContext ctx, EndCause cause, HttpResponseStatus status, String why) {
        reject(ctx, cause, why, write(ctx, status, why));
    }

    private Future<?> write(ChannelHandlerContext ctx, HttpResponseStatus status, String why) {
        String allow = http.forward() ? "CONNECT, GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS" : "CONNECT";
        return HttpAnswers.write(ctx, status, why, allow, !head);
    }

    @Override
    void writeAccepted(ChannelHandlerContext ctx) {
        ctx.writeAndFlush(
                isStream(ctx)
                        ? new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().status("200"))
                        : new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, ESTABLISHED));
    }

    @Override
    Future<?> writeRefused(ChannelHandlerContext ctx, Cause cause) {
        return write(ctx, HttpAnswers.status(cause), HttpAnswers.text(cause));
    }

    @Override
    Future<?> writeLate(ChannelHandlerContext ctx) {
        return write(ctx, HttpResponseStatus.REQUEST_TIMEOUT, "no request came in time");
    }

    @Override
    Future<?> writeBroken(ChannelHandlerContext ctx) {
        return write(ctx, HttpResponseStatus.INTERNAL_SERVER_ERROR, "internal error");
    }

    @Override
    boolean isTransport(ChannelHandler handler) {
        return handler instanceof Http2Bytes || super.isTransport(handler);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (multiplexed) {
            ReferenceCountUtil.release(message);
        } else {
            super.channelRead(ctx, message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (forwarding) {
            forwarder.flush();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (forwarding) {
            forwarder.clientWritabilityChanged();
        }
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (forwarder != null) {
            forwarder.clientGone();
        }
        super.channelInactive(ctx);
    }
}
