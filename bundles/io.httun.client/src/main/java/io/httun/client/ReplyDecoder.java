// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpUtil;

/**
 * Decodes replies. A stock server sends a reply without a body and without {@code content-length} on a connection that
 * stays open ({@code wire/httun.md} section 1): such a reply ends with its head, unless it announces the close of the connection.
 */
final class ReplyDecoder extends HttpResponseDecoder {
    private static final int MAX_LINE = 4096;
    private static final int MAX_HEAD = 32 * 1024;
    private static final int MAX_CHUNK = 256 * 1024;

    ReplyDecoder() {
        super(new HttpDecoderConfig()
                .setMaxInitialLineLength(MAX_LINE)
                .setMaxHeaderSize(MAX_HEAD)
                .setMaxChunkSize(MAX_CHUNK));
    }

    @Override
    protected boolean isContentAlwaysEmpty(HttpMessage message) {
        return super.isContentAlwaysEmpty(message)
                || !message.headers().contains(HttpHeaderNames.CONTENT_LENGTH)
                        && !message.headers().contains(HttpHeaderNames.TRANSFER_ENCODING)
                        && HttpUtil.isKeepAlive(message);
    }

    /** Closes a connection that the server has half-closed, after its last reply is decoded. */
    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
        super.userEventTriggered(context, event);
        if (event instanceof ChannelInputShutdownEvent) {
            context.close();
        }
    }
}
