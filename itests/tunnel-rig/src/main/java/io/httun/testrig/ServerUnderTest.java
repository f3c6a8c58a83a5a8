// SPDX-License-Identifier: Apache-2.0
package io.httun.testrig;

import io.httun.api.cluster.ClusterChannels;
import io.httun.api.cluster.NodeServer;
import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.KeyAgreement;
import io.httun.api.status.ChannelStatus;
import io.httun.api.status.DrainStatus;
import io.httun.api.status.SessionStatus;
import io.httun.api.stream.StreamMultiplexer;
import io.httun.api.target.RefusedException;
import io.httun.api.target.Target;
import io.httun.api.target.TargetAdmission;
import io.httun.api.target.TargetConnector;
import io.httun.api.tun.PacketAdmission;
import io.httun.api.tun.TunDevice;
import io.httun.api.tunnel.EventLoops;
import io.httun.api.tunnel.ServerDrain;
import io.httun.api.tunnel.TunnelService;
import io.httun.protocol.KeyLife;
import io.httun.relay.NettyRelayEngine;
import io.httun.server.ChannelComponent;
import io.httun.server.ClusterChannelsComponent;
import io.httun.server.NodeServerComponent;
import io.httun.server.TunnelServer;
import io.httun.toolkit.tunnel.BulkSockets;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The real server as the framework would put it together, with one channel and every target allowed. */
public final class ServerUnderTest implements TargetAdmission, TargetConnector, AutoCloseable {
    private final EventLoops loops;
    private final TunnelServer server;
    private final ChannelComponent channel;

    public ServerUnderTest(EventLoops loops, FrameCipher cipher, KeyAgreement agreement, int id, String secret) {
        this(loops, cipher, agreement, id, secret, Map.of());
    }

    /** @param more properties of the channel */
    public ServerUnderTest(
            EventLoops loops,
            FrameCipher cipher,
            KeyAgreement agreement,
            int id,
            String secret,
            Map<String, Object> more) {
        this(loops, cipher, agreement, id, secret, 0, more);
    }

    /**
     * @param node its number among several
     * @param more properties of the channel
     */
    public ServerUnderTest(
            EventLoops loops,
            FrameCipher cipher,
            KeyAgreement agreement,
            int id,
            String secret,
            int node,
            Map<String, Object> more) {
        this.loops = loops;
        server = new TunnelServer(loops, cipher, agreement, Map.of("inits.per.second", 10_000, "node", node));
        Map<String, Object> properties =
                new HashMap<>(Map.of("name", "home", "id", id, "secret", secret, "test", true, "filters", "none"));
        properties.putAll(more);
        channel = new ChannelComponent(server, new NettyRelayEngine(this, Map.of()), this, properties);
    }

    public TunnelService service() {
        return server;
    }

    /** What runs in pipes; without it clients get none. */
    public void streams(StreamMultiplexer multiplexer) {
        server.streams(multiplexer);
    }

    /** What keys of sessions may do that begin from now on. */
    public void keyLives(Supplier<KeyLife> lives) {
        server.keyLives(lives);
    }

    public void use(TunDevice device) {
        channel.setTun(device);
    }

    public void stopUsing(TunDevice device) {
        channel.unsetTun(device);
    }

    public void filter(PacketAdmission packets) {
        server.packets(packets);
    }

    /** Bytes in all queues. */
    public long waiting() {
        return server.waiting();
    }

    public boolean end(SessionStatus session) {
        return server.closeSession(session.id());
    }

    /** Takes it out of service, and back. */
    public ServerDrain drain() {
        return server.drain();
    }

    public DrainStatus drainStatus() {
        return server.drains().get(0);
    }

    /** The server for its cluster. */
    public NodeServer node() {
        return new NodeServerComponent(server);
    }

    /** What its administrator says of channels. */
    public ClusterChannels channels() {
        return new ClusterChannelsComponent(server);
    }

    public ChannelStatus channel() {
        return server.channels().get(0);
    }

    /** Connections to targets that are open. */
    public int connections() {
        return server.connections().size();
    }

    public List<?> sessions() {
        return server.sessions();
    }

    @Override
    public Future<Target> admit(Target target, List<String> filters, boolean resolve, EventExecutor executor) {
        return executor.newSucceededFuture(target);
    }

    @Override
    public boolean takesNames() {
        return false;
    }

    @Override
    public Future<Channel> connect(Target target, EventLoop loop) {
        Promise<Channel> promise = loop.newPromise();
        new Bootstrap()
                .group(loop)
                .channel(loops.socketChannel())
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .option(ChannelOption.TCP_NODELAY, true)
                .handler(new ChannelInboundHandlerAdapter())
                .connect(new InetSocketAddress(target.addresses().get(0), target.port()))
                .addListener((ChannelFuture connected) -> {
                    if (connected.isSuccess()) {
                        if (!promise.trySuccess(connected.channel())) {
                            BulkSockets.reset(connected.channel());
                        }
                    } else {
                        promise.tryFailure(new RefusedException(
                                RefusedException.Cause.CONNECTION_REFUSED,
                                connected.cause().getMessage()));
                    }
                });
        return promise;
    }

    @Override
    public void close() {
        channel.deactivate();
        server.deactivate();
    }
}
