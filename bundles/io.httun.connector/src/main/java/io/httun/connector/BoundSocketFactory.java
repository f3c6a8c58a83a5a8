// SPDX-License-Identifier: Apache-2.0
package io.httun.connector;

import io.httun.toolkit.tunnel.BulkSockets;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ReflectiveChannelFactory;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.unix.RawUnixChannelOption;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Creates sockets that are tuned and bound to their interface. Not by bootstrap options, whose failures are only
 * logged: a connection must not use another interface than the configured one.
 */
final class BoundSocketFactory implements ChannelFactory<SocketChannel> {
    private final ChannelFactory<? extends SocketChannel> sockets;
    private final String device;

    BoundSocketFactory(Class<? extends SocketChannel> type, String device) {
        this.sockets = new ReflectiveChannelFactory<>(type);
        this.device = device;
    }

    @Override
    public SocketChannel newChannel() {
        SocketChannel channel = sockets.newChannel();
        BulkSockets.tune(channel);
        bind(channel, device);
        return channel;
    }

    /** @param device empty for any */
    static void bind(Channel channel, String device) {
        if (!device.isEmpty()) {
            try {
                Interface.bind(channel, device);
            } catch (ChannelException e) {
                channel.unsafe().closeForcibly();
                throw new ChannelException("cannot bind to interface " + device + ": " + e.getMessage(), e);
            }
        }
    }

    /** A class of its own, because the package of native options is an optional import. */
    private static final class Interface {
        private static final int SOL_SOCKET = 1;
        private static final int SO_BINDTODEVICE = 25;
        private static final int IFNAMSIZ = 16;
        private static final RawUnixChannelOption OPTION =
                new RawUnixChannelOption("SO_BINDTODEVICE", SOL_SOCKET, SO_BINDTODEVICE, IFNAMSIZ);

        static void bind(Channel channel, String device) {
            ByteBuffer name = ByteBuffer.allocate(IFNAMSIZ);
            name.put(device.getBytes(StandardCharsets.UTF_8)).position(0);
            channel.config().setOption(OPTION, name);
        }
    }
}
