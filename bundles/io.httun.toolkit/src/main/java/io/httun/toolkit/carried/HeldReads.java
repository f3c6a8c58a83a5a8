// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.carried;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * Keeps what arrives together with the last message of a handshake until the connection's owner reads. Reading is off meanwhile, so it is
 * what one round of reading brings. Removes itself.
 */
public final class HeldReads extends ChannelDuplexHandler {
    private final Deque<Consumer<ChannelHandlerContext>> kept = new ArrayDeque<>();
    private final Deque<Object> messages = new ArrayDeque<>();

    /** Whether nothing is kept. */
    public boolean isEmpty() {
        return kept.isEmpty();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        messages.add(message);
        kept.add(later -> later.fireChannelRead(messages.poll()));
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (!kept.isEmpty()) {
            kept.add(ChannelHandlerContext::fireChannelReadComplete);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        kept.add(later -> later.fireUserEventTriggered(event));
    }

    /** Such as a TLS connection that was cut behind the handshake. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        kept.add(later -> later.fireExceptionCaught(cause));
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        release(context);
        context.fireChannelInactive();
    }

    @Override
    public void read(ChannelHandlerContext context) {
        release(context);
        context.read();
    }

    private void release(ChannelHandlerContext context) {
        if (context.isRemoved()) {
            return;
        }
        // Handlers behind this one get everything before anything new.
        while (!kept.isEmpty()) {
            kept.poll().accept(context);
        }
        if (!context.isRemoved()) {
            context.pipeline().remove(this);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        messages.forEach(ReferenceCountUtil::release);
        messages.clear();
    }
}
