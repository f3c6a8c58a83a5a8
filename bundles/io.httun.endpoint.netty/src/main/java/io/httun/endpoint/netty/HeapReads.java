// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** Before the JDK's TLS, which decrypts arrays in place but a direct buffer by way of new arrays, twice for every record. */
@ChannelHandler.Sharable
final class HeapReads extends ChannelInboundHandlerAdapter {
    static final HeapReads INSTANCE = new HeapReads();

    private HeapReads() {}

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof ByteBuf direct && direct.isDirect()) {
            ByteBuf heap = context.alloc().heapBuffer(direct.readableBytes()).writeBytes(direct);
            direct.release();
            context.fireChannelRead(heap);
        } else {
            context.fireChannelRead(message);
        }
    }
}
