// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.http2;

import io.httun.api.relay.OutputEnd;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;

/**
 * Makes a stream of HTTP/2 look like a socket: bytes both ways, each direction with an end of its own, and a reset (RFC 9113 section 8.5).
 * Frames other than DATA may be written through it.
 */
public final class Http2ByteStream extends ChannelDuplexHandler implements OutputEnd {
    private final Http2Error abort;
    private boolean inputEnded;
    private boolean outputEnded;
    private boolean closing;

    /** @param abort what RST_STREAM says when the channel is closed before its output has ended */
    public Http2ByteStream(Http2Error abort) {
        this.abort = abort;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        ctx.channel().attr(OutputEnd.KEY).set(this);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof Http2DataFrame data) {
            boolean last = data.isEndStream();
            if (data.content().isReadable()) {
                ctx.fireChannelRead(data.content());
            } else {
                data.release();
            }
            if (last) {
                inputEnded = true;
                ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
            }
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof Http2ResetFrame reset) {
            inputEnded = true;
            outputEnded = true;
            ctx.fireExceptionCaught(new IOException("the peer reset the stream (" + name(reset) + ")"));
            ctx.close();
        } else if (event instanceof Http2GoAwayFrame goAway) {
            // It says that the peer will not look at this stream; a reset or the end of the connection follows.
            goAway.release();
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    /** The connection that carried it has gone: what came is not everything. */
    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        outputEnded = true;
        if (!inputEnded && !closing) {
            ctx.fireExceptionCaught(new IOException("the stream ended early"));
        }
        ctx.fireChannelInactive();
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        outputEnded |= message instanceof Http2DataFrame data && data.isEndStream()
                || message instanceof Http2HeadersFrame headers && headers.isEndStream();
        ctx.write(message instanceof ByteBuf bytes ? new DefaultHttp2DataFrame(bytes) : message, promise.unvoid());
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        closing = true;
        if (!outputEnded && ctx.channel().isActive()) {
            outputEnded = true;
            ctx.writeAndFlush(new DefaultHttp2ResetFrame(abort));
        }
        ctx.close(promise);
    }

    @Override
    public Future<?> end(Channel channel) {
        return outputEnded ? channel.newSucceededFuture() : channel.writeAndFlush(new DefaultHttp2DataFrame(true));
    }

    private static String name(Http2ResetFrame reset) {
        Http2Error error = Http2Error.valueOf(reset.errorCode());
        return error == null ? Long.toString(reset.errorCode()) : error.name();
    }
}
