// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import io.httun.api.target.Target;
import io.httun.api.target.TargetAdmission;
import io.httun.api.tunnel.EventLoops;
import io.httun.api.tunnel.TunnelService;
import io.httun.connector.DirectConnector;
import io.httun.crypto.jca.JcaFrameCipher;
import io.httun.crypto.jca.JcaKeyAgreement;
import io.httun.relay.NettyRelayEngine;
import io.httun.server.ChannelComponent;
import io.httun.server.TunnelServer;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.Map;

/** The tunnel's server as the framework puts it together, with channel 1 and every target allowed. */
final class RealServer implements TargetAdmission, AutoCloseable {
    public static final String SECRET = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    private final TunnelServer server;
    private final ChannelComponent channel;

    public RealServer(EventLoops loops) {
        // Some tests ask for nothing in particular as fast as they can.
        server = new TunnelServer(
                loops, new JcaFrameCipher(), new JcaKeyAgreement(), Map.of("strangers.per.second", 100_000));
        channel = new ChannelComponent(
                server,
                new NettyRelayEngine(this, Map.of()),
                new DirectConnector(loops, Map.of("name", "direct")),
                Map.of("name", "home", "id", 1, "secret", SECRET, "test", true, "filters", "none"));
    }

    public TunnelService service() {
        return server;
    }

    @Override
    public Future<Target> admit(Target target, List<String> filters, boolean resolve, EventExecutor executor) {
        return executor.newSucceededFuture(target);
    }

    @Override
    public void close() {
        channel.deactivate();
        server.deactivate();
    }
}
