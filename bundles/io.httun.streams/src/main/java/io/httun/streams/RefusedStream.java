// SPDX-License-Identifier: Apache-2.0
package io.httun.streams;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** A stream that a server began, which no server of ours does. */
final class RefusedStream extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ctx.close();
    }
}
