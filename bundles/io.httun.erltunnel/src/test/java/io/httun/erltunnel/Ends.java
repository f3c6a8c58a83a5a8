// SPDX-License-Identifier: Apache-2.0
package io.httun.erltunnel;

import static org.awaitility.Awaitility.await;

import io.httun.api.target.TargetConnector;
import io.httun.testrig.TunnelRig;
import java.util.HashMap;
import java.util.Map;

/** Makes both ends of the protocol as their configurations would. */
final class Ends {
    private final TunnelRig rig;

    Ends(TunnelRig rig) {
        this.rig = rig;
    }

    ServerComponent server(Object... more) {
        Map<String, Object> properties =
                properties(Map.of("name", "test", "bind", "127.0.0.1:0", "filters", "none"), more);
        ServerComponent server = new ServerComponent(rig.loops(), rig.engine(), rig.direct(), properties);
        server.start();
        rig.closing(server::stop);
        return server;
    }

    static int portOf(ServerComponent server) {
        return TunnelRig.portOf(server.port());
    }

    TargetConnector client(int server, Object... more) {
        Map<String, Object> properties = properties(Map.of("name", "test", "server", "127.0.0.1:" + server), more);
        ClientComponent client = new ClientComponent(rig.admission(), rig.direct(), properties);
        rig.closing(client::stop);
        return client;
    }

    /** A local port whose connections go through a client to a server, and from there to a target. */
    int through(int server, int target, Object... more) {
        return rig.local(client(server, more), "127.0.0.1:" + target);
    }

    private static Map<String, Object> properties(Map<String, Object> first, Object... more) {
        Map<String, Object> properties = new HashMap<>(first);
        for (int i = 0; i < more.length; i += 2) {
            properties.put((String) more[i], more[i + 1]);
        }
        return properties;
    }

    static String lastCause(ServerComponent server) {
        await().until(() ->
                server.connections().isEmpty() && !server.closedConnections().isEmpty());
        return server.closedConnections().get(0).cause();
    }
}
