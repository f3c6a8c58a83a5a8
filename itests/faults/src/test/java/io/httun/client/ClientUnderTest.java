// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.config.CertificatePins;
import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.KeyAgreement;
import io.httun.api.crypto.SharedSecret;
import io.httun.api.target.NameResolver;
import io.httun.api.target.Target;
import io.httun.api.target.TargetConnector;
import io.httun.api.tunnel.EventLoops;
import io.httun.protocol.KeyLife;
import io.httun.protocol.NonceSource;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.security.SecureRandom;
import java.util.List;

/** The real client with time limits of the test's own. */
public final class ClientUnderTest implements TargetConnector, AutoCloseable {
    /** As {@link Timeouts}, for those that matter here; all in milliseconds. */
    public record Limits(long write, long read, long patience, long stockRead) {}

    private final TunnelClient client;

    /** @param keyFrames that one key may protect */
    public ClientUnderTest(
            EventLoops loops,
            NameResolver resolver,
            FrameCipher cipher,
            KeyAgreement agreement,
            int id,
            String secret,
            String url,
            Limits limits,
            long keyFrames) {
        Timeouts timeouts = new Timeouts(
                limits.read,
                limits.read,
                limits.write,
                limits.read,
                10_000,
                limits.patience,
                5000,
                60_000,
                limits.stockRead);
        ClientSettings settings = new ClientSettings(
                "home",
                List.of(ServerUrl.parse(url)),
                id,
                SharedSecret.ofHex(secret),
                "",
                "",
                List.of(),
                AddressFamily.ANY,
                new TlsSettings(TlsSettings.SYSTEM, "", CertificatePins.parse("tls.pin")),
                new ClientSettings.Limits(256, 2, 64, 20_000),
                1024,
                timeouts,
                WayOut.DIRECT);
        client = new TunnelClient(
                settings,
                new Surroundings(
                        loops,
                        resolver,
                        () -> null,
                        () -> cipher,
                        () -> agreement,
                        () -> new KeyLife(keyFrames, Long.MAX_VALUE),
                        new NonceSource(new SecureRandom())));
    }

    @Override
    public boolean takesNames() {
        return false;
    }

    @Override
    public Future<Channel> connect(Target target, EventLoop loop) {
        return client.connect(target, loop);
    }

    /** What ended the connections that ended last. */
    public List<?> closedConnections() {
        return client.closedConnections();
    }

    @Override
    public void close() {
        client.close();
    }
}
