// SPDX-License-Identifier: Apache-2.0
package io.httun.streams;

import io.httun.api.relay.RelayConnection;
import io.httun.api.relay.RelayOrigin;
import io.httun.api.target.Target;
import io.httun.toolkit.tunnel.BulkSockets;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/** A stream at the server that waits for a connection to a port, and carries it then: the client's end of the stream is the target. */
final class InboundAccept extends ChannelInboundHandlerAdapter implements AcceptPort.Waiting {
    private final AcceptPort port;
    private final RelayOrigin relay;
    private final Target listen;
    private ChannelHandlerContext context;

    InboundAccept(AcceptPort port, RelayOrigin relay, InetSocketAddress listen) {
        this.port = port;
        this.relay = relay;
        this.listen = Target.of(listen.getAddress(), listen.getPort());
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        if (port.add(this)) {
            ctx.channel().closeFuture().addListener(closed -> port.ended(this));
        } else {
            failed(true, "the port closes");
        }
    }

    @Override
    public void accepted(SocketChannel connection) {
        context.executor().execute(() -> register(connection));
    }

    private void register(SocketChannel connection) {
        BulkSockets.tune(connection);
        context.channel().eventLoop().register(connection).addListener(registered -> {
            if (registered.isSuccess()) {
                join(connection);
            } else {
                connection.unsafe().closeForcibly();
                port.putBack(this);
            }
        });
    }

    private void join(SocketChannel connection) {
        InetSocketAddress peer = connection.remoteAddress();
        Optional<RelayConnection> accepted = context.channel().isActive() && peer != null
                ? relay.accept(connection, NetUtil.toAddressString(peer.getAddress()))
                : Optional.empty();
        if (accepted.isEmpty()) {
            BulkSockets.reset(connection);
            if (context.channel().isActive()) {
                port.putBack(this);
            }
            return;
        }
        context.writeAndFlush(new DefaultHttp2HeadersFrame(StreamAnswer.connected(peer)));
        accepted.get().connected(listen, context.channel());
        context.pipeline().remove(this);
        ChannelInboundHandlerAdapter place = new ChannelInboundHandlerAdapter();
        connection.pipeline().addLast(place);
        accepted.get().relay(place, List.of(), false);
    }

    @Override
    public void failed(boolean taken, String why) {
        context.executor().execute(() -> StreamAnswer.last(context, StreamAnswer.noPort(taken)));
    }

    @Override
    public boolean isIn(Channel pipe) {
        return context.channel().parent() == pipe;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable failure) {
        // The client has reset it: it no longer waits.
        ctx.close();
    }
}
