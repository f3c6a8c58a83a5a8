// SPDX-License-Identifier: Apache-2.0
package io.httun.erltunnel;

import io.httun.testrig.BothEnds;
import io.httun.testrig.TunnelRig;
import java.util.Map;

/** Both ends of the protocol. */
final class Ends extends BothEnds<ServerComponent> {
    Ends(TunnelRig rig) {
        super(rig);
    }

    ServerComponent server(Object... more) {
        Map<String, Object> properties =
                properties(Map.of("name", "test", "bind", "127.0.0.1:0", "filters", "none"), more);
        ServerComponent server = new ServerComponent(rig.loops(), rig.engine(), rig.direct(), properties);
        server.start();
        rig.closing(server::stop);
        return server;
    }

    @Override
    public ServerComponent serverTo(int target, Object... more) {
        return server(more);
    }

    @Override
    public int port(ServerComponent server) {
        return portOf(server);
    }

    static int portOf(ServerComponent server) {
        return TunnelRig.portOf(server.port());
    }

    @Override
    protected ClientComponent connector(Map<String, Object> properties) {
        return new ClientComponent(rig.admission(), rig.direct(), properties);
    }
}
