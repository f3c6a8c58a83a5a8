// SPDX-License-Identifier: Apache-2.0
package io.httun.streams;

import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.toolkit.carried.HeldReads;
import io.httun.toolkit.http2.Http2ByteStream;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Promise;
import java.util.function.Consumer;

/** A stream at the client from its request to the server's answer (RFC 9113 section 8.5). */
final class OpeningStream extends ChannelInboundHandlerAdapter {
    private final StreamRequest request;
    private final Consumer<Channel> requested;
    private final Promise<Channel> promise;

    /** @param requested gets the stream once its request is on its way */
    OpeningStream(StreamRequest request, Consumer<Channel> requested, Promise<Channel> promise) {
        this.request = request;
        this.requested = requested;
        this.promise = promise;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        promise.addListener(end -> {
            if (end.isCancelled()) {
                ctx.close();
            }
        });
        ctx.writeAndFlush(new DefaultHttp2HeadersFrame(request.headers())).addListener(written -> {
            if (!written.isSuccess()) {
                fail(
                        ctx,
                        Cause.UNAVAILABLE,
                        "the pipe takes no stream: " + written.cause().getMessage());
            }
        });
        requested.accept(ctx.channel());
        ctx.read();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (!(message instanceof Http2HeadersFrame answer)) {
                fail(ctx, Cause.FAILED, "the server answers a CONNECT with something else than headers");
            } else if (StreamAnswer.isConnected(answer.headers()) && !answer.isEndStream()) {
                StreamAnswer.notePeer(ctx.channel(), answer.headers());
                connected(ctx);
            } else {
                promise.tryFailure(StreamAnswer.refusal(answer.headers()));
                ctx.close();
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    /** What came in the same round of reading waits for the owner, whose handlers are not there yet. */
    private void connected(ChannelHandlerContext ctx) {
        ctx.pipeline().addAfter(ctx.name(), null, new HeldReads());
        ctx.pipeline().replace(this, null, new Http2ByteStream(Http2Error.CANCEL));
        if (!promise.trySuccess(ctx.channel())) {
            ctx.channel().close();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof Http2ResetFrame) {
            fail(ctx, Cause.FAILED, "the server reset the stream before it answered");
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        fail(ctx, Cause.UNAVAILABLE, "the pipe to the server ended");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable failure) {
        fail(ctx, Cause.FAILED, "the stream failed: " + failure.getMessage());
    }

    private void fail(ChannelHandlerContext ctx, Cause cause, String message) {
        promise.tryFailure(new RefusedException(cause, message));
        ctx.close();
    }
}
