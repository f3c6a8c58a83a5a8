// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.ReadOnlyHttp2Headers;
import io.netty.util.AsciiString;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A question to another member, as an HTTP request without a body: {@code GET /sessions}, or {@code DELETE /sessions/ID}. A member of another
 * version answers 501 to what it does not know, or resets the stream. The stream's methods are confined to its event loop.
 */
final class NodeQuestion extends LinkCall {
    static final String SESSIONS = "/sessions";
    static final int OK = 200;
    static final int NO_CONTENT = 204;
    static final int NOT_FOUND = 404;
    static final int NOT_IMPLEMENTED = 501;

    /** An administrator waits for the answer: a member that hangs is named, not waited for. */
    private static final int SECONDS = 2;

    private static final String OTHER_VERSION = "it may be of another version of httun";

    /** @param body empty unless the status is 200 */
    record Answer(int status, ByteBuf body) {}

    private final Http2Headers headers;
    private final ByteBuf body = Unpooled.buffer(0, SessionList.MAX_BYTES);
    private final CompletableFuture<Answer> answer = new CompletableFuture<>();
    private int status;

    NodeQuestion(String method, String path) {
        headers = ReadOnlyHttp2Headers.clientHeaders(
                true,
                AsciiString.of(method),
                AsciiString.of(path),
                AsciiString.cached("https"),
                AsciiString.cached("httun"));
        answer.orTimeout(SECONDS, TimeUnit.SECONDS);
    }

    static NodeQuestion sessions() {
        return new NodeQuestion("GET", SESSIONS);
    }

    /** @param id letters and digits */
    static NodeQuestion close(String id) {
        return new NodeQuestion("DELETE", SESSIONS + "/" + id);
    }

    /** Completes with a {@link ForwardException} that says what the member does, or after 2 s. */
    @Override
    CompletableFuture<Answer> answer() {
        return answer;
    }

    /** What to say of a member whose {@link #answer} has failed. */
    static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause instanceof ForwardException ? cause.getMessage() : "does not answer within " + SECONDS + " s";
    }

    /** What to say of a member that answers with this. */
    static String unexpected(int status) {
        return "answers with status " + status + ": " + OTHER_VERSION;
    }

    @Override
    void gone() {
        fail("is gone");
    }

    @Override
    void failed() {
        fail("cannot be reached");
    }

    private void fail(String what) {
        answer.completeExceptionally(new ForwardException(what));
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        Channel stream = ctx.channel();
        answer.whenComplete((reply, failure) -> stream.close());
        if (!answer.isDone()) {
            ctx.writeAndFlush(new DefaultHttp2HeadersFrame(headers, true));
        }
        ctx.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (message instanceof Http2HeadersFrame head) {
                status = Integer.parseInt(String.valueOf(head.headers().status()));
                if (head.isEndStream()) {
                    answer.complete(new Answer(status, body));
                }
            } else if (message instanceof Http2DataFrame data && !answer.isDone()) {
                if (data.content().readableBytes() > body.maxWritableBytes()) {
                    fail("answers with more than " + SessionList.MAX_BYTES + " bytes");
                    return;
                }
                body.writeBytes(data.content());
                if (data.isEndStream()) {
                    answer.complete(new Answer(status, body));
                }
            }
        } catch (NumberFormatException e) {
            fail("answers without a status: " + OTHER_VERSION);
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        fail("ends without an answer: " + OTHER_VERSION);
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
