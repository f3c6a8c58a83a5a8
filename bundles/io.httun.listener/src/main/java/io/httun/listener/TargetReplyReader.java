// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Decodes a target's replies, and records heads that another decoder might understand differently. */
final class TargetReplyReader extends HttpResponseDecoder {
    private static final byte LF = '\n';
    private static final byte CR = '\r';
    private static final String LENGTH = "content-length";

    private HttpMethod method = HttpMethod.GET;
    private boolean inHead = true;
    private boolean odd;
    private int lengths;

    TargetReplyReader() {
        super(HttpCodecs.replies());
    }

    /** Sets the method of the next reply's request, which decides whether the reply has a body. */
    void expect(HttpMethod requested) {
        method = requested;
        odd = false;
    }

    /** Whether the head had bare line feeds, a repeated length, or a length beside a transfer coding. */
    boolean isOdd() {
        return odd;
    }

    @Override
    protected boolean isContentAlwaysEmpty(HttpMessage message) {
        return method.equals(HttpMethod.HEAD) || super.isContentAlwaysEmpty(message);
    }

    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
        odd = true;
        super.handleTransferEncodingChunkedWithContentLength(message);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        int before = in.readerIndex();
        int decoded = out.size();
        super.decode(ctx, in, out);
        if (inHead) {
            look(in, before, in.readerIndex());
        }
        for (Object message : out.subList(decoded, out.size())) {
            if (message instanceof LastHttpContent) {
                inHead = true;
                lengths = 0;
            } else if (message instanceof HttpResponse) {
                inHead = false;
            }
        }
    }

    /** Heads are consumed by whole lines. */
    private void look(ByteBuf in, int from, int to) {
        int start = from;
        for (int end = in.indexOf(start, to, LF); end >= 0; end = in.indexOf(start, to, LF)) {
            odd |= end == start || in.getByte(end - 1) != CR;
            if (end - start > LENGTH.length()
                    && AsciiString.contentEqualsIgnoreCase(
                            LENGTH, in.toString(start, LENGTH.length(), StandardCharsets.ISO_8859_1))) {
                lengths++;
                odd |= lengths > 1 || in.indexOf(start, end, (byte) ',') >= 0;
            }
            start = end + 1;
        }
    }
}
