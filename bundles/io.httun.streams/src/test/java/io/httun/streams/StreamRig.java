// SPDX-License-Identifier: Apache-2.0
package io.httun.streams;

import io.httun.api.relay.RelayOrigin;
import io.httun.api.relay.RelayPolicy;
import io.httun.api.relay.RelaySettings;
import io.httun.api.stream.ListenRule;
import io.httun.api.stream.StreamConnector;
import io.httun.api.stream.StreamOrigin;
import io.httun.api.target.Target;
import io.httun.api.target.TargetConnector;
import io.httun.testrig.TunnelRig;
import io.httun.toolkit.listen.ListeningPort;
import io.httun.toolkit.tunnel.BulkSockets;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Both halves of the streams, in pipes that are plain connections on loopback. */
final class StreamRig implements AutoCloseable {
    final TunnelRig rig = new TunnelRig();
    final Http2Multiplexer atClient = new Http2Multiplexer(rig.loops());
    /** Pipes that were opened. */
    final AtomicInteger pipes = new AtomicInteger();

    /** The client's ends of them. */
    final List<Channel> atClientEnd = new CopyOnWriteArrayList<>();

    /** Makes the server's connections. */
    volatile TargetConnector targets = rig.direct();

    /** The server's ends. */
    final List<Channel> atServerEnd = new CopyOnWriteArrayList<>();

    final RelayOrigin origin;
    final StreamConnector connector;
    volatile Http2Multiplexer atServer = new Http2Multiplexer(rig.loops());
    /** Where pipes lead: the server's port, or something in front of it. */
    volatile Target server;

    /** Where the client may listen. */
    volatile List<ListenRule> reverse = List.of();

    StreamRig() {
        origin = rig.engine().open(settings(), () -> targets);
        ListeningPort port = new ListeningPort(
                "pipes",
                rig.loops(),
                rig.loops().group().next(),
                new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel pipe) {
                        BulkSockets.tune(pipe);
                        atServerEnd.add(pipe);
                        atServer.serve(pipe, new StreamOrigin(origin, "", reverse, true));
                    }
                },
                listening -> {});
        port.open(new ListeningPort.Wanted(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
        server = Target.of(InetAddress.getLoopbackAddress(), TunnelRig.portOf(port));
        connector = atClient.connector("test", loop -> {
            pipes.incrementAndGet();
            Future<Channel> pipe = rig.direct().connect(server, loop);
            pipe.addListener((FutureListener<Channel>) opened -> atClientEnd.add(opened.getNow()));
            return pipe;
        });
        rig.closing(() -> {
            atClient.stop();
            atServer.stop();
            port.close();
            origin.close();
        });
    }

    /** Of the server's channel. */
    static RelaySettings settings(String... filters) {
        return new RelaySettings("channel", List.of(filters), 20_000, RelayPolicy.UNLIMITED, Map.of());
    }

    @Override
    public void close() throws IOException {
        rig.close();
    }
}
