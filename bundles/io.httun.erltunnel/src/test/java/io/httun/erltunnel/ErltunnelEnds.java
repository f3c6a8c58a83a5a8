// SPDX-License-Identifier: Apache-2.0
package io.httun.erltunnel;

import io.httun.testrig.BothEnds;
import io.httun.testrig.TunnelRig;
import java.util.Map;

/** Both ends of the protocol. */
final class ErltunnelEnds extends BothEnds<ErltunnelServer> {
    ErltunnelEnds(TunnelRig rig) {
        super(rig);
    }

    ErltunnelServer server(Object... more) {
        Map<String, Object> properties =
                properties(Map.of("name", "test", "bind", "127.0.0.1:0", "filters", "none"), more);
        ErltunnelServer server = new ErltunnelServer(rig.loops(), rig.engine(), rig.direct(), properties);
        server.start();
        rig.closing(server::stop);
        return server;
    }

    @Override
    public ErltunnelServer serverTo(int target, Object... more) {
        return server(more);
    }

    @Override
    public int port(ErltunnelServer server) {
        return portOf(server);
    }

    static int portOf(ErltunnelServer server) {
        return TunnelRig.portOf(server.port());
    }

    @Override
    protected ErltunnelConnector connector(Map<String, Object> properties) {
        ErltunnelConnector client = new ErltunnelConnector(rig.admission(), rig.direct(), properties);
        rig.closing(client::stop);
        return client;
    }
}
