// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpUtil;

/**
 * Reads replies. A stock server sends a reply without a body and without {@code content-length} on a connection that
 * stays open (section 1): such a reply is complete when its head is, unless the connection is said to close.
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
}
