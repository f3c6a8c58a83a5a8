// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.crypto.SharedSecret;
import io.httun.api.target.NameResolver;
import io.httun.api.target.TargetConnector;
import io.httun.api.tunnel.EventLoops;
import io.httun.api.tunnel.PathReport;
import io.httun.crypto.jca.JcaFrameCipher;
import io.httun.crypto.jca.JcaKeyAgreement;
import io.httun.protocol.KeyLife;
import io.httun.protocol.NonceSource;
import io.httun.toolkit.tls.ClientTls;
import java.security.SecureRandom;
import java.util.List;

/** A real client, for probes of its path with time limits for a loaded machine. */
public final class ProbedClient {
    /** A reply is held back for 5 s, which no machine is too slow for; only a path that does hold it back takes as long. */
    private static final PathProbe.Limits PATIENT = new PathProbe.Limits(5000, 30_000, 16_000);

    private final ClientSettings settings;
    private final Surroundings surroundings;

    /** @param connector null for connections of its own, else one that forwards requests */
    public ProbedClient(
            EventLoops loops, NameResolver resolver, TargetConnector connector, int id, String secret, String url) {
        settings = new ClientSettings(
                "home",
                List.of(ServerUrl.parse(url)),
                id,
                SharedSecret.ofHex(secret),
                "",
                "",
                List.of(),
                AddressFamily.ANY,
                // Whoever answers: the tests look at what a probe says of the certificate.
                ClientTls.of("tls", "none"),
                new ClientSettings.Limits(256, 64, 20_000),
                1024,
                new Timeouts(20_000, 20_000, 20_000, 20_000, 20_000, 20_000, 5000),
                connector == null ? WayOut.DIRECT : new WayOut("(name=corp)", true, true, true));
        surroundings = new Surroundings(
                loops,
                resolver,
                () -> connector,
                JcaFrameCipher::new,
                JcaKeyAgreement::new,
                KeyLife::new,
                () -> null,
                new NonceSource(new SecureRandom()));
    }

    public PathReport probe(boolean idle) throws InterruptedException {
        return new PathProbe(ClientContext.of(settings, surroundings), PATIENT).run(idle, true, step -> {});
    }

    /** As a stranger, who does not know the channel's secret. */
    public PathReport probeAsStranger() throws InterruptedException {
        return new PathProbe(ClientContext.of(settings, surroundings), PATIENT).run(false, false, step -> {});
    }
}
