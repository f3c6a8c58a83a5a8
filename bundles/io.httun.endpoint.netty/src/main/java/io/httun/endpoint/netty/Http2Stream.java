// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One request on an HTTP/2 connection, and its reply. */
final class Http2Stream extends ChannelInboundHandlerAdapter {
    private static final int MAX_WAIT_SECONDS = 30;

    /** A line of 5 kB/s takes as much in 7 s. */
    private static final int PIECE = 32 << 10;

    private final HttpConnection connection;
    private final Http2Connection http2;
    private ChannelHandlerContext context;
    private Http2Headers head;
    private RequestBody body;
    private Waiting waiting;
    private boolean answered;
    private long deadline;
    private int received;

    Http2Stream(HttpConnection connection, Http2Connection http2) {
        this.connection = connection;
        this.http2 = http2;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        within(connection.limits().bodySeconds());
        http2.opened(this);
    }

    private void within(int seconds) {
        deadline = connection.server().now() + TimeUnit.SECONDS.toNanos(seconds);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (answered) {
                return;
            }
            if (message instanceof Http2HeadersFrame headers) {
                if (head == null) {
                    begin(headers.headers());
                }
                end(headers.isEndStream());
            } else if (message instanceof Http2DataFrame data) {
                if (!body.add(data.content())) {
                    fail(Replies.BODY_TOO_LARGE);
                }
                end(data.isEndStream());
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void begin(Http2Headers headers) {
        head = headers;
        long length = headers.getLong(HttpHeaderNames.CONTENT_LENGTH, -1L);
        body = new RequestBody(
                connection.server().bodies(), connection.limits().body(), length, () -> context.executor()
                        .execute(this::evicted));
        if (connection.isRefused()) {
            fail(TunnelReply.unavailable());
        } else if (length > connection.limits().body()) {
            fail(Replies.BODY_TOO_LARGE);
        } else if (headers.method() == null || headers.path() == null) {
            fail(Replies.BAD_REQUEST);
        }
    }

    private void end(boolean complete) {
        if (!complete || answered || waiting != null) {
            return;
        }
        within(MAX_WAIT_SECONDS);
        connection.listening().requests().increment();
        CharSequence authorization = head.get(HttpHeaderNames.AUTHORIZATION, "");
        String header = connection.server().settings().proxies().header();
        List<CharSequence> client = connection.isProxy() && !header.isEmpty() ? head.getAll(header) : List.of();
        RequestLine line = RequestLine.of(head.method().toString(), head.path().toString());
        waiting = new Waiting(
                context.executor(), this::answer, connection.listening().waiting());
        waiting.on(connection
                .server()
                .dispatcher()
                .dispatch(
                        line,
                        authorization.toString(),
                        body.take(),
                        connection.carrier(client),
                        TunnelRequest.Details.NONE));
        connection.served();
    }

    /** Its rest may have come since it was chosen. */
    private void evicted() {
        if (waiting == null && !answered) {
            fail(Replies.TOO_SLOW);
        }
    }

    private void fail(TunnelReply error) {
        connection.server().refused(error.status());
        answer(error);
    }

    private void answer(TunnelReply reply) {
        if (answered || !context.channel().isActive()) {
            Waiting.drop(reply);
            return;
        }
        answered = true;
        connection.served();
        body.release();
        within(connection.limits().replySeconds());
        Http2Headers headers = new DefaultHttp2Headers(false).status(Integer.toString(reply.status()));
        reply.headers().forEach(header -> headers.add(header.getKey(), header.getValue()));
        for (String extra : connection.server().settings().extraHeaders()) {
            int colon = extra.indexOf(": ");
            headers.add(extra.substring(0, colon), extra.substring(colon + 2));
        }
        headers.addInt(HttpHeaderNames.CONTENT_LENGTH, reply.body().readableBytes());
        boolean bare = !reply.body().isReadable() || "HEAD".contentEquals(head.method());
        ChannelFuture written = context.write(new DefaultHttp2HeadersFrame(headers, bare));
        if (bare) {
            reply.body().release();
        } else {
            written = write(reply.body());
        }
        // The rest of a refused body is discarded; curl would report a reset as a failure.
        written.addListener((ChannelFutureListener) end -> Waiting.report(reply, end));
        context.flush();
    }

    /** Each piece that has been taken gives the client time for the next one. */
    private ChannelFuture write(ByteBuf body) {
        while (body.readableBytes() > PIECE) {
            context.write(new DefaultHttp2DataFrame(body.readRetainedSlice(PIECE)))
                    .addListener(taken -> within(connection.limits().replySeconds()));
        }
        return context.write(new DefaultHttp2DataFrame(body, true));
    }

    /** On the loop. */
    void check(long now) {
        if (now - deadline < 0 || isArriving()) {
            return;
        }
        if (answered) {
            context.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.CANCEL));
        } else if (waiting != null) {
            waiting.answer(TunnelReply.unavailable());
        } else if (body != null) {
            fail(Replies.TOO_SLOW);
        } else {
            context.close();
        }
    }

    /** Whether a body that is not complete has gone on since the last look. */
    private boolean isArriving() {
        if (answered || waiting != null || body == null || body.length() - received < RequestBody.LEAST_PROGRESS) {
            return false;
        }
        received = body.length();
        within(connection.limits().bodySeconds());
        return true;
    }

    void stop() {
        if (waiting != null) {
            waiting.answer(TunnelReply.unavailable());
        } else if (body != null) {
            answer(TunnelReply.unavailable());
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (waiting != null) {
            waiting.cancel();
        }
        if (body != null) {
            body.release();
        }
        http2.closed(this);
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        connection.server().broken(cause);
        ctx.close();
    }
}
