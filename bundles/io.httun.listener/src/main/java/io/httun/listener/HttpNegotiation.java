// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.relay.EndCause;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Target;
import io.httun.listener.HttpAnswers.Problem;
import io.httun.listener.ProxyRequestCheck.Rejection;
import io.httun.toolkit.http2.Http2ByteStream;
import io.httun.toolkit.login.Logins;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.Optional;

/**
 * The negotiation of an HTTP proxy: CONNECT (RFC 9110 section 9.3.6; by HTTP/2, RFC 9113 section 8.5), or plain {@code http://}
 * requests, which {@link Forwarder} serves one after the other.
 */
final class HttpNegotiation extends Negotiation {
    private static final int KEEP_ALIVE_SECONDS = 60;
    private static final HttpResponseStatus ESTABLISHED = new HttpResponseStatus(200, "Connection established");
    /** The first word of the HTTP/2 preface, from a client with prior knowledge (RFC 9113 section 3.4). */
    private static final String PREFACE_METHOD = "PRI";

    private static final Problem WRONG_PORT =
            new Problem(HttpResponseStatus.FORBIDDEN, "this port is not allowed", "http_request_denied");
    /**
     * <pre>
     * REQUEST --plain request--> EXCHANGE --reply complete--> REQUEST
     *    |
     *    +--ALPN or preface of HTTP/2--> MULTIPLEXED
     * </pre>
     */
    private enum Mode {
        REQUEST,
        /** The forwarder serves a request. */
        EXCHANGE,
        /** Each stream of the connection has a negotiation of its own. */
        MULTIPLEXED
    }

    private final ConnectSettings http;
    private HttpCodecs.ReplyWriter encoder;
    private Forwarder forwarder;
    private Mode mode = Mode.REQUEST;
    /** Whether the current request is HEAD, whose answer has no body. */
    private boolean head;

    HttpNegotiation(ListenerClient client, ConnectSettings http) {
        super(client);
        this.http = http;
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
            encoder = new HttpCodecs.ReplyWriter();
            ctx.pipeline().addBefore(ctx.name(), null, new RequestReader());
            ctx.pipeline().addBefore(ctx.name(), null, encoder);
        }
        ctx.channel().config().setAutoRead(true);
    }

    private static boolean isStream(ChannelHandlerContext ctx) {
        return ctx.channel() instanceof Http2StreamChannel;
    }

    private void multiplex(ChannelHandlerContext ctx) {
        mode = Mode.MULTIPLEXED;
        client().connection().multiplexed();
        if (client().isTurnedAway()) {
            startLimit(RefusedClientConnection.SECONDS, ctx::close);
        } else {
            stopLimit();
        }
        Http2Streams.install(ctx, client());
    }

    @Override
    void message(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpRequest request) {
            head(ctx, request);
        } else if (message instanceof HttpContent content && mode == Mode.EXCHANGE) {
            forwarder.content(content);
        }
    }

    private void head(ChannelHandlerContext ctx, HttpRequest request) {
        client().connection()
                .via(HopByHop.via(request, isStream(ctx), client().parts().pseudonym()));
        head = request.method().equals(HttpMethod.HEAD);
        if (encoder != null) {
            encoder.answers(request.method());
        }
        if (isPreface(ctx, request)) {
            Http2Streams.afterPreface(ctx, this::takeEarly, () -> multiplex(ctx));
            return;
        }
        Optional<Rejection> rejection = ProxyRequestCheck.check(
                request, http.forward(), client().parts().pseudonym());
        if (rejection.isPresent()) {
            answer(ctx, rejection.get().cause(), rejection.get().problem());
        } else if (ProxyRequestCheck.isConnect(request)) {
            connect(ctx, request);
        } else {
            forward(ctx, request);
        }
    }

    private static boolean isPreface(ChannelHandlerContext ctx, HttpRequest request) {
        return request.decoderResult().isSuccess() && request.method().name().equals(PREFACE_METHOD) && !isStream(ctx);
    }

    private void connect(ChannelHandlerContext ctx, HttpRequest request) {
        Optional<Target> target = target(request);
        boolean body = ProxyRequestCheck.hasBody(request, isStream(ctx));
        if (body || isStream(ctx) && request instanceof HttpContent) {
            answer(ctx, EndCause.MALFORMED, ProxyRequestCheck.MALFORMED);
        } else if (target.isEmpty()) {
            answer(ctx, EndCause.MALFORMED, ProxyRequestCheck.MALFORMED_TARGET);
        } else {
            if (!isStream(ctx)) {
                // During the login check it would decode the following bytes as another request.
                ctx.pipeline().remove(RequestReader.class);
            }
            logIn(ctx, request, () -> {
                if (http.ports().contains(target.get().port())) {
                    if (isStream(ctx)) {
                        ctx.pipeline()
                                .replace(
                                        Http2StreamFrameToHttpObjectCodec.class,
                                        null,
                                        new Http2ByteStream(Http2Error.CONNECT_ERROR));
                    }
                    request(ctx, target.get());
                } else {
                    answer(ctx, EndCause.DENIED, WRONG_PORT);
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
        HttpFraming framing = HttpFraming.of(request);
        if (!framing.isKnown()) {
            answer(ctx, EndCause.MALFORMED, ProxyRequestCheck.WRONG_CODING);
        } else if (target.isEmpty()) {
            answer(ctx, EndCause.MALFORMED, ProxyRequestCheck.MALFORMED_TARGET);
        } else {
            logIn(ctx, request, () -> forward(ctx, request, framing, target.get()));
        }
    }

    private void forward(ChannelHandlerContext ctx, HttpRequest request, HttpFraming framing, ForwardTarget target) {
        if (MaxForwards.endsHere(request)) {
            reject(ctx, EndCause.COMPLETE, "answered by the proxy", MaxForwards.answer(ctx, request, allow()));
            return;
        } else if (!http.forwardPorts().contains(target.target().port())) {
            answer(ctx, EndCause.DENIED, WRONG_PORT);
            return;
        }
        stopLimit();
        if (forwarder == null) {
            forwarder = new Forwarder(this, ctx);
        }
        mode = Mode.EXCHANGE;
        forwarder.begin(request, framing, target, keepAlive(ctx, request));
        if (request instanceof LastHttpContent) {
            // An HTTP/2 request without a body is a single message.
            channelRead(ctx, LastHttpContent.EMPTY_LAST_CONTENT);
        }
    }

    /** The connection closes after an ambiguous request (RFC 9112 sections 6.1 and 6.3). */
    private static KeepAlive keepAlive(ChannelHandlerContext ctx, HttpRequest request) {
        RequestReader reader = ctx.pipeline().get(RequestReader.class);
        boolean oldWithCoding = HttpCodecs.isOld(request.protocolVersion())
                && request.headers().contains(HttpHeaderNames.TRANSFER_ENCODING);
        boolean ambiguous = reader != null && reader.isAmbiguous();
        return oldWithCoding || ambiguous ? KeepAlive.NO : KeepAlive.of(request);
    }

    /** Called when the exchange is complete and the connection persists. */
    void nextRequest(ChannelHandlerContext ctx) {
        mode = Mode.REQUEST;
        startLimit(KEEP_ALIVE_SECONDS, ctx::close);
        resume();
    }

    /** Runs {@code then} after a successful login, or immediately if none is required; otherwise answers the client. */
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

    private static final String NO_LOGIN = "missing or wrong user and password";

    void answer(ChannelHandlerContext ctx, EndCause cause, HttpResponseStatus status, String why) {
        answer(ctx, cause, new Problem(status, why, ""));
    }

    void answer(ChannelHandlerContext ctx, EndCause cause, Problem problem) {
        reject(ctx, cause, problem.why(), write(ctx, problem));
    }

    private Future<?> write(ChannelHandlerContext ctx, Problem problem) {
        return HttpAnswers.write(ctx, problem, client().parts().pseudonym(), allow(), !head);
    }

    private String allow() {
        return http.forward() ? "CONNECT, GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE" : "CONNECT";
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
        return write(ctx, Problem.of(cause));
    }

    @Override
    Future<?> writeLate(ChannelHandlerContext ctx) {
        return write(ctx, new Problem(HttpResponseStatus.REQUEST_TIMEOUT, "the request timed out", ""));
    }

    @Override
    Future<?> writeBroken(ChannelHandlerContext ctx) {
        return write(
                ctx, new Problem(HttpResponseStatus.INTERNAL_SERVER_ERROR, "internal error", "proxy_internal_error"));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (mode == Mode.MULTIPLEXED) {
            ReferenceCountUtil.release(message);
        } else {
            super.channelRead(ctx, message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (mode == Mode.EXCHANGE) {
            forwarder.flush();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (mode == Mode.EXCHANGE) {
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
