// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelOutputShutdownEvent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.ReferenceCountUtil;

/** Passes a target's replies on to a {@link ForwardedReply}, until the target is detached. */
final class TargetReplies extends ChannelInboundHandlerAdapter {
    private final ForwardedReply reply;
    private HttpResponse switching;
    private boolean informational;
    private boolean detached;

    TargetReplies(ForwardedReply reply) {
        this.reply = reply;
    }

    /** Detaches: further input is discarded. */
    void detach() {
        detached = true;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (detached) {
            ReferenceCountUtil.release(message);
        } else if (message instanceof HttpResponse response) {
            head(response);
        } else if (message instanceof HttpContent content) {
            content(content);
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    private void head(HttpResponse response) {
        informational = false;
        if (response.decoderResult().isFailure()) {
            reply.fault(TargetFault.of(response));
        } else if (response.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS)) {
            switching = response;
        } else if (response.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
            informational = true;
            reply.informational(response);
        } else {
            reply.head(response);
        }
    }

    private void content(HttpContent content) {
        boolean last = content instanceof LastHttpContent;
        if (switching != null || informational) {
            content.release();
            if (last && switching != null) {
                reply.switching(switching);
            }
        } else if (content.decoderResult().isFailure()) {
            content.release();
            reply.cut("the target's reply has a malformed body");
        } else {
            reply.body(content, last);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (!detached) {
            reply.flushReply();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (!detached) {
            reply.targetWritabilityChanged();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (detached) {
            return;
        } else if (event instanceof ChannelInputShutdownEvent) {
            reply.ended();
        } else if (event instanceof ChannelOutputShutdownEvent) {
            reply.broken();
        } else if (event instanceof IdleStateEvent) {
            reply.idle();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (!detached) {
            reply.ended();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable failure) {
        if (!detached) {
            reply.reset(failure);
        }
    }
}
