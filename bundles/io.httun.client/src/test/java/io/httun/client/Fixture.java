// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.crypto.SharedSecret;
import io.httun.api.stream.StreamMultiplexer;
import io.httun.api.target.NameResolver;
import io.httun.api.target.RefusedException;
import io.httun.api.target.Target;
import io.httun.api.target.TargetConnector;
import io.httun.api.tunnel.EventLoops;
import io.httun.crypto.jca.JcaFrameCipher;
import io.httun.crypto.jca.JcaKeyAgreement;
import io.httun.protocol.KeyLife;
import io.httun.protocol.NonceSource;
import io.httun.streams.Http2Multiplexer;
import io.httun.toolkit.tls.ClientTls;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Event loops, names and crypto for a client under test. */
final class Fixture implements EventLoops, NameResolver, AutoCloseable {
    static final String SECRET = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    static final int CHANNEL = 7;
    static final Timeouts TIMEOUTS = new Timeouts(2000, 2000, 3000, 8000, 10_000, 15_000, 5000);

    final Map<String, InetAddress> names = new ConcurrentHashMap<>();
    /** Null: there is none. */
    volatile TargetConnector connector;
    /** Clients have no crypto for the moment. */
    volatile boolean cryptoGone;

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private final JcaFrameCipher cipher = new JcaFrameCipher();
    private final JcaKeyAgreement agreement = new JcaKeyAgreement();
    private Http2Multiplexer streams;

    static byte[] secretBytes() {
        return HexFormat.of().parseHex(SECRET);
    }

    Surroundings surroundings() {
        return surroundings(KeyLife::new);
    }

    Surroundings surroundings(Supplier<KeyLife> keyLife) {
        return surroundings(keyLife, null);
    }

    /** Of a client whose connections share a pipe. */
    Surroundings withStreams() {
        return withStreams(KeyLife::new);
    }

    Surroundings withStreams(Supplier<KeyLife> keyLife) {
        return surroundings(keyLife, streams());
    }

    /** HTTP/2 in pipes, for both ends. */
    synchronized Http2Multiplexer streams() {
        if (streams == null) {
            streams = new Http2Multiplexer(this);
        }
        return streams;
    }

    private Surroundings surroundings(Supplier<KeyLife> keyLife, StreamMultiplexer multiplexer) {
        return new Surroundings(
                this,
                this,
                () -> connector,
                () -> cryptoGone ? null : cipher,
                () -> cryptoGone ? null : agreement,
                keyLife,
                () -> multiplexer,
                new NonceSource(new SecureRandom()));
    }

    static ClientSettings settings(String... urls) {
        return settings(TIMEOUTS, new ClientSettings.Limits(1024, 64, 20_000), "", urls);
    }

    static ClientSettings settings(
            Timeouts timeouts, ClientSettings.Limits limits, String authorization, String... urls) {
        return settings(timeouts, limits, authorization, WayOut.DIRECT, urls);
    }

    static ClientSettings settings(WayOut way, String... urls) {
        return settings(TIMEOUTS, new ClientSettings.Limits(1024, 64, 20_000), "", way, urls);
    }

    static ClientSettings settings(String url, ClientTls tls, WayOut way) {
        return settings(TIMEOUTS, new ClientSettings.Limits(16, 4, 1000), "", tls, way, url);
    }

    static ClientSettings settings(
            Timeouts timeouts, ClientSettings.Limits limits, String authorization, WayOut way, String... urls) {
        return settings(timeouts, limits, authorization, ClientTls.of("tls", "system"), way, urls);
    }

    private static ClientSettings settings(
            Timeouts timeouts,
            ClientSettings.Limits limits,
            String authorization,
            ClientTls tls,
            WayOut way,
            String... urls) {
        return new ClientSettings(
                "home",
                List.of(urls).stream().map(ServerUrl::parse).toList(),
                CHANNEL,
                SharedSecret.ofHex(SECRET),
                authorization,
                "",
                List.of(),
                AddressFamily.ANY,
                tls,
                limits,
                1024,
                timeouts,
                way);
    }

    /** Connects and waits; throws what the client refuses with. */
    Pipe connect(TunnelClient client, InetSocketAddress target) {
        Future<Channel> future = connecting(client, target);
        if (!future.awaitUninterruptibly(20, TimeUnit.SECONDS)) {
            throw new IllegalStateException("not connected within 20 s");
        }
        if (future.cause() instanceof RuntimeException e) {
            throw e;
        }
        return new Pipe(future.getNow());
    }

    Future<Channel> connecting(TunnelClient client, InetSocketAddress target) {
        EventLoop loop = group.next();
        return client.connect(Target.of(target.getAddress(), target.getPort()), loop);
    }

    @Override
    public Future<List<InetAddress>> resolve(String host, EventExecutor executor) {
        InetAddress address = names.get(host);
        return address == null
                ? executor.newFailedFuture(
                        new RefusedException(RefusedException.Cause.UNRESOLVED, host + " has no address"))
                : executor.newSucceededFuture(List.of(address));
    }

    @Override
    public EventLoopGroup group() {
        return group;
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
