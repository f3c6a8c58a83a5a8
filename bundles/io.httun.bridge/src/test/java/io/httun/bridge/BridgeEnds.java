// SPDX-License-Identifier: Apache-2.0
package io.httun.bridge;

import io.httun.endpoint.netty.MountedEndpoint;
import io.httun.testrig.BothEnds;
import io.httun.testrig.TunnelRig;
import java.util.Map;

/** Both ends of the protocol, the server on the standalone HTTP server. */
final class BridgeEnds extends BothEnds<BridgeComponent> {
    BridgeEnds(TunnelRig rig) {
        super(rig);
    }

    BridgeComponent server(Object... more) {
        Map<String, Object> properties = properties(Map.of("name", "test", "filters", "none"), more);
        BridgeComponent server = new BridgeComponent(rig.loops(), rig.engine(), rig.direct(), properties);
        rig.closing(server::stop);
        return server;
    }

    @Override
    public BridgeComponent serverTo(int target, Object... more) {
        return server(more);
    }

    /** Mounts it. */
    @Override
    public int port(BridgeComponent server) {
        return mount(server);
    }

    /** @param more of the endpoint */
    int mount(BridgeComponent server, Object... more) {
        MountedEndpoint endpoint = new MountedEndpoint(rig.loops(), server, "/bridge", properties(Map.of(), more));
        rig.closing(endpoint);
        return endpoint.port();
    }

    @Override
    protected BridgeConnector connector(Map<String, Object> properties) {
        BridgeConnector client = new BridgeConnector(rig.admission(), rig.direct(), properties);
        rig.closing(client::stop);
        return client;
    }
}
