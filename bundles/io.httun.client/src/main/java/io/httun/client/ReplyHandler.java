// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.protocol.Frame;
import io.httun.protocol.FrameBody;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.List;

/** Aggregates replies: collects the body of a 200 in one heap buffer, discards other bodies. */
final class ReplyHandler extends ChannelInboundHandlerAdapter {
    private static final int OK = 200;
    private static final int SECOND = 1000;
    private static final int MAX_SKIPPED = 1 << 20;

    private final HttpLink link;
    private HttpResponse head;
    private ByteBuf body = Unpooled.EMPTY_BUFFER;
    private int skipped;

    ReplyHandler(HttpLink link) {
        this.link = link;
    }

    boolean hasBegun() {
        return head != null;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        try {
            if (!link.isCurrent(context.channel())) {
                return;
            }
            if (message instanceof HttpResponse response) {
                begin(context, response);
            }
            if (message instanceof HttpContent content && head != null) {
                gather(context, content);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void begin(ChannelHandlerContext context, HttpResponse response) {
        if (response.decoderResult().isFailure()) {
            unreadable("got something that is not HTTP");
            return;
        }
        if (!link.isWaiting()) {
            unreadable("got a reply without a request");
            return;
        }
        head = response;
        skipped = 0;
        long length = HttpUtil.getContentLength(response, -1L);
        if (response.status().code() == OK && length != 0 && length <= FrameBody.MAX_BATCH) {
            body = context.alloc().heapBuffer(length > 0 ? (int) length : Frame.OVERHEAD, FrameBody.MAX_BATCH);
        }
    }

    private void gather(ChannelHandlerContext context, HttpContent content) {
        int length = content.content().readableBytes();
        link.moved();
        if (content.decoderResult().isFailure()) {
            unreadable("got a reply with a broken body");
        } else if (head.status().code() != OK) {
            skipped += length;
            if (skipped > MAX_SKIPPED) {
                unreadable("got a reply of status " + head.status().code() + " that does not end");
            }
        } else if (length > body.maxWritableBytes()) {
            unreadable("got a reply larger than the maximum of " + FrameBody.MAX_BATCH + " bytes");
        } else if (length > 0) {
            body.writeBytes(content.content());
        }
        if (head != null && content instanceof LastHttpContent) {
            complete();
        }
    }

    private void complete() {
        HttpResponse response = head;
        ByteBuf whole = body;
        head = null;
        body = Unpooled.EMPTY_BUFFER;
        HttpResponseStatus status = response.status();
        if (status.codeClass() == HttpStatusClass.INFORMATIONAL) {
            return;
        }
        List<String> challenges = status.equals(HttpResponseStatus.PROXY_AUTHENTICATION_REQUIRED)
                ? response.headers().getAll(HttpHeaderNames.PROXY_AUTHENTICATE)
                : null;
        if (link.isAboutLogin(challenges, HttpUtil.isKeepAlive(response))) {
            whole.release();
            return;
        }
        boolean page = skipped > 0 || whole.isReadable();
        link.answered(
                new LinkReply(status.code(), whole, page, retryAfterMillis(response)), HttpUtil.isKeepAlive(response));
    }

    /** A date counts as absent. */
    private static long retryAfterMillis(HttpResponse response) {
        String value = response.headers().get(HttpHeaderNames.RETRY_AFTER, "");
        return value.matches("[0-9]{1,6}") ? SECOND * Integer.parseInt(value) : 0;
    }

    private void unreadable(String what) {
        forget();
        link.broken(HttpLink.Failure.GARBAGE, new HttunException(link.url() + ": " + what));
    }

    private boolean forget() {
        boolean begun = head != null;
        head = null;
        body.release();
        body = Unpooled.EMPTY_BUFFER;
        return begun;
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        boolean begun = forget();
        if (link.isCurrent(context.channel())) {
            link.broken(
                    begun ? HttpLink.Failure.BROKEN : HttpLink.Failure.UNANSWERED,
                    new HttunException(link.url() + " closed the connection"
                            + (begun ? " in the middle of a reply" : " without an answer")));
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        boolean begun = forget();
        context.close();
        if (link.isCurrent(context.channel())) {
            link.broken(
                    begun ? HttpLink.Failure.BROKEN : HttpLink.Failure.UNANSWERED,
                    new HttunException(link.url() + ": " + cause.getMessage(), cause));
        }
    }
}
