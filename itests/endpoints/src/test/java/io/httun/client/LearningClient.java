// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import static org.awaitility.Awaitility.await;

import io.httun.api.crypto.SharedSecret;
import io.httun.api.stream.StreamMultiplexer;
import io.httun.api.target.NameResolver;
import io.httun.api.tunnel.ChannelTester.Progress;
import io.httun.api.tunnel.EventLoops;
import io.httun.crypto.jca.JcaFrameCipher;
import io.httun.crypto.jca.JcaKeyAgreement;
import io.httun.protocol.KeyLife;
import io.httun.protocol.NonceSource;
import io.httun.toolkit.tls.ClientTls;
import io.netty.util.concurrent.Future;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** A real client with streams, which learns what its path allows. */
public final class LearningClient implements AutoCloseable {
    private final TunnelClient client;

    public LearningClient(
            EventLoops loops, NameResolver resolver, StreamMultiplexer streams, int id, String secret, String url) {
        ClientSettings settings = new ClientSettings(
                "home",
                List.of(ServerUrl.parse(url)),
                id,
                SharedSecret.ofHex(secret),
                "",
                "",
                List.of(),
                AddressFamily.ANY,
                ClientTls.of("tls", "system"),
                new ClientSettings.Limits(256, 64, 20_000),
                1024,
                new Timeouts(20_000, 20_000, 3000, 8000, 20_000, 20_000, 5000),
                WayOut.DIRECT);
        client = new TunnelClient(
                settings,
                new Surroundings(
                        loops,
                        resolver,
                        () -> null,
                        JcaFrameCipher::new,
                        JcaKeyAgreement::new,
                        KeyLife::new,
                        () -> streams,
                        new NonceSource(new SecureRandom())));
    }

    /** Carries test data in both directions. */
    public Future<Void> test(long count, Consumer<Progress> progress) {
        return client.test(Duration.ZERO, count, progress);
    }

    /** What is shown of the path. */
    public String path() {
        return client.status().path();
    }

    public List<?> sessions() {
        return client.sessions().toList();
    }

    @Override
    public void close() {
        client.close();
        await().until(client::isIdle);
    }
}
