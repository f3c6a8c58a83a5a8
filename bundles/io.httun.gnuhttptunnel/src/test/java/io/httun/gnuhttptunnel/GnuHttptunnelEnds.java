// SPDX-License-Identifier: Apache-2.0
package io.httun.gnuhttptunnel;

import io.httun.testrig.BothEnds;
import io.httun.testrig.TunnelRig;
import java.util.Map;

/** Both ends of the protocol. */
final class GnuHttptunnelEnds extends BothEnds<GnuHttptunnelServer> {
    GnuHttptunnelEnds(TunnelRig rig) {
        super(rig);
    }

    GnuHttptunnelServer server(int target, Object... more) {
        Map<String, Object> properties =
                properties(Map.of("name", "test", "bind", "127.0.0.1:0", "target", "127.0.0.1:" + target), more);
        GnuHttptunnelServer server = new GnuHttptunnelServer(rig.loops(), rig.engine(), rig.direct(), properties);
        server.start();
        rig.closing(server::stop);
        return server;
    }

    @Override
    public GnuHttptunnelServer serverTo(int target, Object... more) {
        return server(target, more);
    }

    @Override
    public int port(GnuHttptunnelServer server) {
        return portOf(server);
    }

    static int portOf(GnuHttptunnelServer server) {
        return TunnelRig.portOf(server.port());
    }

    /** A local port whose connections go through a client to a server. */
    int through(int server, Object... more) {
        return rig.local(client(server, more), "anything.example:1");
    }

    @Override
    protected GnuHttptunnelConnector connector(Map<String, Object> properties) {
        GnuHttptunnelConnector client = new GnuHttptunnelConnector(rig.admission(), rig.direct(), properties);
        rig.closing(client::stop);
        return client;
    }
}
