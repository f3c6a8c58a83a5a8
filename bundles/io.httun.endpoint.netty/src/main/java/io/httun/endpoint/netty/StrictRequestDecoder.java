// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import io.httun.toolkit.tunnel.BulkSockets;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;

/**
 * Netty's decoder, which is strict already, without what leniency it has left: folded lines (RFC 9112 section 5.2), odd
 * white space in and before the request line (section 3). It can be held, so that a client that sends request upon
 * request waits for its answers.
 */
final class StrictRequestDecoder extends HttpRequestDecoder {
    private static final byte LF = '\n';
    private static final byte CR = '\r';

    private ChannelHandlerContext context;
    private boolean inHead = true;
    private boolean firstLine = true;
    private boolean begun;
    private boolean held;
    private boolean discarding;

    StrictRequestDecoder(int maxHead) {
        super(new HttpDecoderConfig()
                .setMaxInitialLineLength(maxHead)
                .setMaxHeaderSize(maxHead)
                .setMaxChunkSize(BulkSockets.READ_BYTES));
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
        super.handlerAdded(ctx);
        context = ctx;
    }

    /** Whether a request has begun to arrive and its head is not complete. */
    boolean isInHead() {
        return begun;
    }

    /** Decodes nothing more until told to go on. */
    void hold(boolean hold) {
        if (held == hold) {
            return;
        }
        held = hold;
        context.channel().config().setAutoRead(!hold);
        if (!hold) {
            context.executor().execute(this::goOn);
        }
    }

    private void goOn() {
        if (!held && !context.isRemoved()) {
            try {
                channelRead(context, Unpooled.EMPTY_BUFFER);
                context.fireChannelReadComplete();
            } catch (Exception e) {
                context.fireExceptionCaught(e);
            }
        }
    }

    /** All later input is discarded. */
    void discard() {
        discarding = true;
        hold(false);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf buffer, List<Object> out) throws Exception {
        if (discarding) {
            buffer.skipBytes(buffer.readableBytes());
            return;
        }
        if (held) {
            return;
        }
        if (inHead) {
            begun = true;
            if (!checkLines(buffer)) {
                buffer.skipBytes(buffer.readableBytes());
                discarding = true;
                out.add(Replies.BAD_REQUEST);
                return;
            }
        }
        int before = out.size();
        super.decode(ctx, buffer, out);
        for (int i = before; i < out.size(); i++) {
            Object decoded = out.get(i);
            if (decoded instanceof HttpRequest) {
                begun = false;
                inHead = false;
            }
            if (decoded instanceof LastHttpContent) {
                inHead = true;
                firstLine = true;
            }
        }
    }

    /** Netty consumes heads by whole lines, so the buffer begins with one. */
    private boolean checkLines(ByteBuf buffer) {
        int start = buffer.readerIndex();
        int end = buffer.writerIndex();
        while (start < end) {
            byte first = buffer.getByte(start);
            if (firstLine ? first <= ' ' && first != CR : first == ' ' || first == '\t') {
                return false;
            }
            int line = buffer.indexOf(start, end, LF);
            if (line < 0) {
                return true;
            }
            boolean empty = line - start <= 1;
            if (firstLine && !empty && !isRequestLine(buffer, start, line - 1)) {
                return false;
            } else if (!firstLine && empty) {
                // What follows is a body or the next head.
                return true;
            }
            firstLine &= empty;
            start = line + 1;
        }
        return true;
    }

    /** Three words with one space between each two, all of visible ASCII. */
    private static boolean isRequestLine(ByteBuf buffer, int start, int end) {
        int spaces = 0;
        for (int i = start; i < end; i++) {
            byte b = buffer.getByte(i);
            if (b == ' ' && buffer.getByte(i + 1) != ' ') {
                spaces++;
            } else if (b <= ' ' || b == 0x7f) {
                return false;
            }
        }
        return spaces == 2;
    }
}
