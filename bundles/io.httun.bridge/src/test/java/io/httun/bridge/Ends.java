// SPDX-License-Identifier: Apache-2.0
package io.httun.bridge;

import io.httun.endpoint.netty.MountedEndpoint;
import io.httun.testrig.BothEnds;
import io.httun.testrig.TunnelRig;
import java.util.Map;

/** Both ends of the protocol, the server on the standalone HTTP server. */
final class Ends extends BothEnds<ServerComponent> {
    Ends(TunnelRig rig) {
        super(rig);
    }

    ServerComponent server(Object... more) {
        Map<String, Object> properties = properties(Map.of("name", "test", "filters", "none"), more);
        ServerComponent server = new ServerComponent(rig.loops(), rig.engine(), rig.direct(), properties);
        rig.closing(server::stop);
        return server;
    }

    @Override
    public ServerComponent serverTo(int target, Object... more) {
        return server(more);
    }

    /** Mounts it. */
    @Override
    public int port(ServerComponent server) {
        return mount(server);
    }

    /** @param more of the endpoint */
    int mount(ServerComponent server, Object... more) {
        MountedEndpoint endpoint = new MountedEndpoint(rig.loops(), server, "/bridge", properties(Map.of(), more));
        rig.closing(endpoint);
        return endpoint.port();
    }

    @Override
    protected ClientComponent connector(Map<String, Object> properties) {
        return new ClientComponent(rig.admission(), rig.direct(), properties);
    }
}
