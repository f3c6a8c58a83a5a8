// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.carried;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CarriageTest {
    private static final int LARGE = 64 << 20;

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

    @AfterEach
    void close() {
        loops.shutdownGracefully();
    }

    private long unsent(Channel link) throws Exception {
        return link.eventLoop().submit(() -> Carriage.unsentOn(link)).get();
    }

    @Test
    void noConnectionHasNothingUnsent() {
        assertThat(Carriage.unsentOn(null)).isZero();
    }

    /** One message that the peer reads slowly is progress, long before the whole of it has gone out. */
    @Test
    void seesThatPartOfAMessageHasGoneOut() throws Exception {
        try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Channel link = new Bootstrap()
                    .group(loops)
                    .channel(NioSocketChannel.class)
                    .handler(new ChannelInboundHandlerAdapter())
                    .connect(listening.getLocalSocketAddress())
                    .sync()
                    .channel();
            try (Socket peer = listening.accept()) {
                ChannelFuture sent = link.writeAndFlush(Unpooled.wrappedBuffer(new byte[LARGE]));
                await().until(() -> unsent(link) < LARGE);
                long before = unsent(link);
                peer.getInputStream().readNBytes(LARGE / 2);
                await().until(() -> unsent(link) < before);
                assertThat(sent.isDone()).isFalse();
                peer.getInputStream().readNBytes(LARGE / 2);
                sent.sync();
                assertThat(unsent(link)).isZero();
            } finally {
                link.close().sync();
            }
        }
    }
}
