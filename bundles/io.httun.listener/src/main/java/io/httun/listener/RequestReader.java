// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpVersion;
import java.util.List;

/** Decodes requests, and records those with both a length and a transfer coding (RFC 9112 section 6.3). */
final class RequestReader extends HttpRequestDecoder {
    private boolean first = true;
    private boolean ambiguous;

    RequestReader() {
        super(HttpCodecs.requests());
    }

    /** Netty skips leading control characters when it is lenient about line ends; a TLS handshake starts with one. */
    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        if (first && in.isReadable()) {
            byte start = in.getByte(in.readerIndex());
            first = false;
            if (start < ' ' && start != '\r' && start != '\n') {
                in.skipBytes(in.readableBytes());
                HttpRequest malformed = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/");
                malformed.setDecoderResult(DecoderResult.failure(new CorruptedFrameException("not HTTP")));
                out.add(malformed);
                return;
            }
        }
        super.decode(ctx, in, out);
    }

    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
        ambiguous = true;
        super.handleTransferEncodingChunkedWithContentLength(message);
    }

    /** Whether any request so far was ambiguous, so that the connection must close after it. */
    boolean isAmbiguous() {
        return ambiguous;
    }
}
