// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import static org.awaitility.Awaitility.await;

import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.KeyAgreement;
import io.httun.api.crypto.SharedSecret;
import io.httun.api.status.SessionStatus;
import io.httun.api.stream.StreamMultiplexer;
import io.httun.api.target.NameResolver;
import io.httun.api.target.Target;
import io.httun.api.target.TargetConnector;
import io.httun.api.tunnel.ChannelTester.Progress;
import io.httun.api.tunnel.EventLoops;
import io.httun.protocol.KeyLife;
import io.httun.protocol.NonceSource;
import io.httun.toolkit.tls.ClientTls;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The real client with time limits of the test's own. */
public final class ClientUnderTest implements TargetConnector, AutoCloseable {
    /** As {@link Timeouts}, for those that matter here; all in milliseconds. */
    public record Limits(long write, long read, long patience, long stockRead) {}

    private final TunnelClient client;

    /**
     * @param keyFrames that one key may protect
     * @param streams null at any time while it has none
     */
    public ClientUnderTest(
            EventLoops loops,
            NameResolver resolver,
            FrameCipher cipher,
            KeyAgreement agreement,
            int id,
            String secret,
            List<String> urls,
            Limits limits,
            long keyFrames,
            Supplier<StreamMultiplexer> streams) {
        Timeouts timeouts = new Timeouts(
                limits.read, limits.read, limits.write, limits.read, 10_000, limits.patience, 5000, limits.stockRead);
        ClientSettings settings = new ClientSettings(
                "home",
                urls.stream().map(ServerUrl::parse).toList(),
                id,
                SharedSecret.ofHex(secret),
                "",
                "",
                List.of(),
                AddressFamily.ANY,
                ClientTls.of("tls", "system"),
                new ClientSettings.Limits(256, 64, 20_000),
                1024,
                timeouts,
                new WayOut("", false, true, true, new PipeSettings(true, 32, limits.patience)));
        client = new TunnelClient(
                settings,
                new Surroundings(
                        loops,
                        resolver,
                        () -> null,
                        () -> cipher,
                        () -> agreement,
                        () -> new KeyLife(keyFrames, Long.MAX_VALUE),
                        streams,
                        new NonceSource(new SecureRandom())));
    }

    @Override
    public boolean takesNames() {
        return true;
    }

    @Override
    public Future<Channel> connect(Target target, EventLoop loop) {
        return client.connect(target, loop);
    }

    public Future<Void> test(Duration period, long count, Consumer<Progress> progress) {
        return client.test(period, count, progress);
    }

    /** Has it look at its server by itself, as a configured one does. */
    public void start() {
        client.start();
    }

    public List<SessionStatus> sessions() {
        return client.sessions().toList();
    }

    /** What ended the connections that ended last. */
    public List<?> closedConnections() {
        return client.closedConnections();
    }

    /** What there is to say of it when a test fails. */
    @Override
    public String toString() {
        return client.status() + " " + client.sessions().toList() + " " + client.closedConnections();
    }

    @Override
    public void close() {
        client.close();
        await("the end of the client's pipes").until(client::isIdle);
    }
}
