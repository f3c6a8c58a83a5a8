// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

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
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;

/** Makes a stream of HTTP/2 look like a socket: bytes both ways, each with an end of its own, and a reset (RFC 9113 section 8.5). */
final class Http2Bytes extends ChannelDuplexHandler implements OutputEnd {
    private boolean outputEnded;

    /** Takes the place of the codec for HTTP messages. */
    static void install(ChannelHandlerContext ctx) {
        Http2Bytes bytes = new Http2Bytes();
        ctx.pipeline().replace(Http2StreamFrameToHttpObjectCodec.class, null, bytes);
        ctx.channel().attr(OutputEnd.KEY).set(bytes);
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
                ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
            }
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof Http2ResetFrame) {
            outputEnded = true;
            ctx.fireExceptionCaught(new IOException("the client reset the stream"));
            ctx.close();
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        outputEnded |= message instanceof Http2DataFrame data && data.isEndStream()
                || message instanceof Http2HeadersFrame headers && headers.isEndStream();
        ctx.write(message instanceof ByteBuf bytes ? new DefaultHttp2DataFrame(bytes) : message, promise.unvoid());
    }

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        if (!outputEnded && ctx.channel().isActive()) {
            outputEnded = true;
            ctx.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.CONNECT_ERROR));
        }
        ctx.close(promise);
    }

    @Override
    public Future<?> end(Channel channel) {
        return outputEnded ? channel.newSucceededFuture() : channel.writeAndFlush(new DefaultHttp2DataFrame(true));
    }
}
