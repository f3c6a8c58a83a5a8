// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import io.httun.api.tunnel.TunnelReply;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;

/**
 * One HTTP/1.x connection. Requests are handed on as they come and answered in their order, a bounded number at once.
 * After an error nothing more is read: where the next request would begin is anyone's guess.
 */
final class Http1Connection extends ChannelInboundHandlerAdapter implements HttpConnection.Protocol {
    private static final int MAX_WAIT_SECONDS = 30;
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

    private final HttpConnection connection;
    private final StrictRequestDecoder decoder;
    private ChannelHandlerContext context;
    private Exchanges pending;
    private ArrivingRequest arriving;
    private Turn turn = Turn.NEW;
    /** Bytes that had moved when the client's time was measured last. */
    private long moved;

    private boolean reading;
    private boolean last;
    private boolean upgradeTried;

    Http1Connection(HttpConnection connection, StrictRequestDecoder decoder) {
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
        if (error == null) {
            arriving = new ArrivingRequest(
                    connection, request, evicted -> context.executor().execute(() -> tooSlow(evicted)));
            error = arriving.error();
        }
        if (error != null) {
            fail(error);
        } else if (arriving.awaitsContinue() && pending.isEmpty()) {
            context.writeAndFlush(Unpooled.wrappedBuffer(CONTINUE));
        }
    }

    private void arrive(HttpContent content) {
        if (arriving == null) {
            return;
        }
        TunnelReply error = arriving.add(content);
        if (error != null) {
            fail(error);
        } else if (content instanceof LastHttpContent) {
            complete();
        }
    }

    private void complete() {
        if (!upgradeTried && mayUpgrade()) {
            upgradeTried = true;
            Http2Upgrade.attempt(connection, context, decoder, this, arriving.head());
            return;
        }
        ArrivingRequest request = arriving;
        arriving = null;
        RequestLine line = request.line();
        Exchange exchange = new Exchange(line.isHead(), request.connectionHeader());
        connection.listening().requests().increment();
        pending.add(exchange);
        if (exchange.isLast()) {
            stopReading();
        }
        var reply = connection
                .server()
                .dispatcher()
                .dispatch(
                        line,
                        request.authorization(),
                        request.takeBody(),
                        connection.carrier(request.clientHeader()),
                        new Http1Details(request.head().headers(), context.channel(), !line.isHead()));
        Waiting waiting = new Waiting(
                context.executor(),
                answer -> {
                    connection.served();
                    exchange.answered(answer);
                    drain();
                },
                connection.listening().waiting());
        exchange.waits(waiting);
        waiting.on(reply);
        connection.served();
        decoder.hold(!last && pending.isFull());
    }

    private boolean mayUpgrade() {
        return !pending.isTls()
                && pending.isEmpty()
                && !pending.isWriting()
                && !arriving.hasBody()
                && connection.server().settings().http2()
                && Http2Upgrade.isWanted(arriving.head());
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
            connection.linger();
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
        hasMoved();
        startTime();
    }

    private void startTime() {
        EndpointSettings.Limits limits = connection.limits();
        connection.within(
                switch (turn) {
                    case HEAD -> limits.headSeconds();
                    case BODY -> limits.bodySeconds();
                    case SERVER -> MAX_WAIT_SECONDS;
                    case REPLY -> limits.replySeconds();
                    default -> limits.idleSeconds();
                });
    }

    /** Whether a body or a reply has gone on since the last look. */
    private boolean hasMoved() {
        long before = moved;
        boolean body = turn == Turn.BODY && arriving != null;
        moved = body ? arriving.length() : pending.sent();
        return moved - before >= (body ? RequestBody.LEAST_PROGRESS : 1);
    }

    private Turn next() {
        if (arriving != null) {
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
        if ((turn == Turn.BODY || turn == Turn.REPLY) && hasMoved()) {
            startTime();
            return;
        }
        switch (turn) {
            case HEAD, BODY -> fail(Replies.TOO_SLOW);
            case SERVER -> {
                connection.unlimited();
                pending.answerAll(TunnelReply.unavailable());
            }
            default -> context.close();
        }
    }

    /** The rest of {@code evicted}, and the next request behind it, may have come since it was chosen. */
    private void tooSlow(ArrivingRequest evicted) {
        if (arriving == evicted && !last) {
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
        } else if (pending.isEmpty() && arriving == null && !decoder.isInHead()) {
            stopReading();
            connection.linger();
        } else {
            boolean half = arriving != null || pending.isEmpty();
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
        if (arriving != null) {
            arriving.release();
            arriving = null;
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        connection.server().broken(cause);
        ctx.close();
    }
}
