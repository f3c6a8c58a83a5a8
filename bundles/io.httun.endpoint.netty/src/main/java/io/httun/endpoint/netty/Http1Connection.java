// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import io.httun.api.tunnel.TunnelReply;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * One HTTP/1.x connection. Requests are handed on as they come and answered in their order, a bounded number at once.
 * After an error nothing more is read: where the next request would begin is anyone's guess.
 */
final class Http1Connection extends ChannelInboundHandlerAdapter implements Connection.Protocol {
    private static final int MAX_WAIT_SECONDS = 30;
    private static final int LINGER_SECONDS = 1;
    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    /** Whose turn it is, and for what. */
    private enum Turn {
        NEW,
        HEAD,
        BODY,
        SERVER,
        REPLY,
        IDLE
    }

    private final Connection connection;
    private final StrictRequestDecoder decoder;
    private ChannelHandlerContext context;
    private Exchanges pending;
    private HttpRequest head;
    private RequestBody body;
    private Turn turn = Turn.NEW;
    private boolean reading;
    private boolean last;
    private boolean upgradeTried;

    Http1Connection(Connection connection, StrictRequestDecoder decoder) {
        this.connection = connection;
        this.decoder = decoder;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        pending = new Exchanges(ctx, connection.server().settings().extraHeaders(), this::written);
        connection.speaks(this);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        reading = true;
        try {
            if (last) {
                return;
            }
            if (message instanceof TunnelReply error) {
                fail(error);
            } else if (message instanceof HttpRequest request) {
                begin(request);
            }
            if (message instanceof HttpContent content && !last) {
                arrive(content);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        reading = false;
        ctx.flush();
        takeTurn();
    }

    private void begin(HttpRequest request) {
        turn = Turn.NEW;
        TunnelReply error = RequestCheck.error(request);
        if (error == null && connection.isRefused()) {
            error = TunnelReply.unavailable();
        }
        if (error != null) {
            fail(error);
            return;
        }
        head = request;
        long length = HttpUtil.isTransferEncodingChunked(request) ? -1 : HttpUtil.getContentLength(request, 0L);
        if (length > connection.limits().body()) {
            fail(Replies.BODY_TOO_LARGE);
            return;
        }
        body = new RequestBody(
                connection.server().bodies(), connection.limits().body(), length, () -> context.executor()
                        .execute(this::tooSlow));
        if (length != 0 && request.headers().contains(HttpHeaderNames.EXPECT) && pending.isEmpty()) {
            context.writeAndFlush(Unpooled.wrappedBuffer(CONTINUE));
        }
    }

    private void arrive(HttpContent content) {
        if (head == null) {
            return;
        }
        if (content.decoderResult().isFailure()) {
            fail(Replies.BAD_REQUEST);
        } else if (!body.add(content.content())) {
            fail(Replies.BODY_TOO_LARGE);
        } else if (content instanceof LastHttpContent) {
            complete();
        }
    }

    private void complete() {
        HttpRequest request = head;
        if (!upgradeTried && mayUpgrade(request)) {
            upgradeTried = true;
            Http2Upgrade.attempt(connection, context, decoder, this, request);
            return;
        }
        head = null;
        RequestLine line = RequestLine.of(request.method().name(), request.uri());
        boolean keepAlive = HttpUtil.isKeepAlive(request);
        boolean old = request.protocolVersion().equals(HttpVersion.HTTP_1_0);
        Exchange exchange =
                new Exchange(line.isHead(), !keepAlive ? ReplyEncoder.CLOSE : old ? ReplyEncoder.KEEP_ALIVE : "");
        String header = connection.server().settings().proxies().header();
        String authorization = request.headers().get(HttpHeaderNames.AUTHORIZATION);
        connection.listening().requests().increment();
        submit(
                exchange,
                line,
                Objects.requireNonNullElse(authorization, ""),
                connection.isProxy() && !header.isEmpty() ? request.headers().getAll(header) : List.of());
    }

    private void submit(Exchange exchange, RequestLine line, String authorization, List<String> clientHeader) {
        pending.add(exchange);
        if (exchange.isLast()) {
            stopReading();
        }
        var reply = connection
                .server()
                .dispatcher()
                .dispatch(line, authorization, body.take(), connection.carrier(clientHeader));
        Waiting waiting = new Waiting(
                context.executor(),
                answer -> {
                    exchange.answered(answer);
                    drain();
                },
                connection.listening().waiting());
        exchange.waits(waiting);
        waiting.on(reply);
        decoder.hold(!last && pending.isFull());
    }

    private boolean mayUpgrade(HttpRequest request) {
        return !pending.isTls()
                && pending.isEmpty()
                && !pending.isWriting()
                && body.isEmpty()
                && connection.server().settings().http2()
                && Http2Upgrade.isWanted(request);
    }

    private void drain() {
        pending.write();
        if (!reading) {
            context.flush();
            takeTurn();
        }
        if (!last) {
            decoder.hold(pending.isFull());
        }
    }

    private void written(Exchange exchange, ChannelFuture end) {
        if (turn == Turn.REPLY) {
            turn = Turn.NEW;
        }
        if (exchange.isLast() && end.isSuccess()) {
            linger();
        } else if (!reading && end.isSuccess()) {
            takeTurn();
        }
    }

    /** Sets the time limit for what has to happen next. */
    private void takeTurn() {
        Turn now = next();
        if (now == turn) {
            return;
        }
        turn = now;
        EndpointSettings.Limits limits = connection.limits();
        connection.within(
                switch (now) {
                    case HEAD -> limits.headSeconds();
                    case BODY -> limits.bodySeconds();
                    case SERVER -> MAX_WAIT_SECONDS;
                    case REPLY -> limits.replySeconds();
                    default -> limits.idleSeconds();
                });
    }

    private Turn next() {
        if (head != null) {
            return Turn.BODY;
        } else if (decoder.isInHead() && !last) {
            return Turn.HEAD;
        } else if (!pending.isEmpty()) {
            return Turn.SERVER;
        }
        return pending.isWriting() ? Turn.REPLY : Turn.IDLE;
    }

    @Override
    public void overdue(long now) {
        switch (turn) {
            case HEAD, BODY -> fail(Replies.TOO_SLOW);
            case SERVER -> {
                connection.unlimited();
                pending.answerAll(TunnelReply.unavailable());
            }
            default -> context.close();
        }
    }

    private void tooSlow() {
        if (head != null && !last) {
            fail(Replies.TOO_SLOW);
        }
    }

    /** Answers with an error after all that was asked before, and closes. */
    private void fail(TunnelReply error) {
        connection.server().refused(error.status());
        forgetBody();
        pending.add(Exchange.last(error));
        stopReading();
        drain();
    }

    private void stopReading() {
        last = true;
        decoder.discard();
    }

    @Override
    public void stop() {
        if (last) {
            pending.answerAll(TunnelReply.unavailable());
        } else if (pending.isEmpty() && head == null && !decoder.isInHead()) {
            stopReading();
            linger();
        } else {
            boolean half = head != null || pending.isEmpty();
            if (half) {
                forgetBody();
                pending.add(Exchange.last(TunnelReply.unavailable()));
            } else {
                pending.endWithNewest();
            }
            stopReading();
            pending.answerAll(TunnelReply.unavailable());
            drain();
        }
    }

    /** Ends our side and waits for the other: a plain close would take the answer from a client that still sends. */
    private void linger() {
        SslHandler handler = context.pipeline().get(SslHandler.class);
        if (handler != null) {
            handler.closeOutbound();
        } else if (context.channel() instanceof DuplexChannel duplex) {
            duplex.shutdownOutput();
        }
        context.executor().schedule(() -> context.close(), LINGER_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (!last) {
            decoder.hold(pending.isFull());
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        last = true;
        release();
        ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        release();
    }

    private void release() {
        forgetBody();
        pending.drop();
    }

    private void forgetBody() {
        head = null;
        if (body != null) {
            body.release();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        connection.server().broken(cause);
        ctx.close();
    }
}
