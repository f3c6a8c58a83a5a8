// SPDX-License-Identifier: Apache-2.0
package io.httun.erltunnel;

import io.httun.toolkit.carried.CarriedGate;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.ReferenceCountUtil;

/** Lets requests pass whose head has the login that is asked for: no body is kept for anybody else. */
final class RequestLogin extends ChannelInboundHandlerAdapter {
    private final CarriedGate<ErltunnelServerSettings> gate;
    private final SocketChannel channel;
    private boolean admitted;

    RequestLogin(CarriedGate<ErltunnelServerSettings> gate, SocketChannel channel) {
        this.gate = gate;
        this.channel = channel;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpRequest request) {
            admitted = gate.admits(channel, request.headers().get(HttpHeaderNames.AUTHORIZATION, ""));
            if (!admitted) {
                channel.close();
            }
        }
        if (admitted) {
            ctx.fireChannelRead(message);
        } else {
            ReferenceCountUtil.release(message);
        }
    }
}
