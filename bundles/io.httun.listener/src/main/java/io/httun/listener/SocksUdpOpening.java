// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.relay.RelayConnection;
import io.httun.api.target.RefusedException.Cause;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.socksx.v5.Socks5CommandRequest;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * Opens the two sockets of UDP ASSOCIATE: one for the client, one for the targets. The association lives as long as the client's
 * connection (RFC 1928 section 7).
 */
final class SocksUdpOpening implements RelayConnection.Opening {
    private static final int MAX_DATAGRAM = 0xffff;

    /** Called once, on the event loop. */
    interface Result {
        /** @param relay the address to which the client must send */
        void associated(InetSocketAddress relay);

        void refused(Cause cause);

        /** The client's socket could not be opened. */
        void failed();
    }

    private final ListenerClient client;
    private final SocketChannel control;
    private final int clientPort;
    private final Result result;
    private Channel inner;

    SocksUdpOpening(ListenerClient client, SocketChannel control, Socks5CommandRequest request, Result result) {
        this.client = client;
        this.control = control;
        this.clientPort = clientPort(control, request);
        this.result = result;
    }

    /** The port from which the client will send; 0 if it names none, or another host such as a target. */
    private static int clientPort(SocketChannel control, Socks5CommandRequest request) {
        InetAddress named = NetUtil.createInetAddressFromIpAddressString(request.dstAddr());
        boolean itself = named != null
                && (named.isAnyLocalAddress()
                        || named.equals(control.remoteAddress().getAddress()));
        return itself ? request.dstPort() : 0;
    }

    void start() {
        new Bootstrap()
                .group(control.eventLoop())
                .channel(client.parts().loops().datagramChannel())
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(MAX_DATAGRAM))
                .handler(new ChannelInboundHandlerAdapter())
                .bind(control.localAddress().getAddress(), 0)
                .addListener((ChannelFutureListener) bound -> {
                    inner = bound.channel();
                    control.closeFuture().addListener(closed -> inner.close());
                    if (bound.isSuccess()) {
                        client.connection().openDatagrams(this);
                    } else {
                        result.failed();
                    }
                });
    }

    @Override
    public void opened(Channel outer) {
        UdpAssociation association =
                new UdpAssociation(client, control.remoteAddress().getAddress(), clientPort, inner, outer);
        association.start();
        control.closeFuture().addListener(closed -> association.stop());
        // For example when the connector is removed: the client has to associate again.
        outer.closeFuture().addListener(closed -> control.close());
        result.associated((InetSocketAddress) inner.localAddress());
    }

    @Override
    public void refused(Cause cause) {
        inner.close();
        result.refused(cause);
    }
}
