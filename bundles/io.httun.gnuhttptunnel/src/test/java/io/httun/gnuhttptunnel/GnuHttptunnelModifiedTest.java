// SPDX-License-Identifier: Apache-2.0
package io.httun.gnuhttptunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.testrig.Echoes;
import io.httun.testrig.Logged;
import io.httun.testrig.Programs;
import io.httun.testrig.TunnelRig;
import java.net.Socket;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Configurations that change while connections are open. */
class GnuHttptunnelModifiedTest {
    private final TunnelRig rig = new TunnelRig();
    private final GnuHttptunnelEnds ends = new GnuHttptunnelEnds(rig);

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    private static Map<String, Object> with(Map<String, Object> first, String key, Object value) {
        Map<String, Object> properties = new HashMap<>(first);
        properties.put(key, value);
        return properties;
    }

    @Test
    void aWrongOneIsNamedAndAnUnchangedOneChangesNothing() throws Exception {
        int target = rig.echo();
        Map<String, Object> right = Map.of("name", "test", "bind", "127.0.0.1:0", "target", "127.0.0.1:" + target);
        GnuHttptunnelServer server = ends.server(target);
        int port = GnuHttptunnelEnds.portOf(server);
        try (Socket open = TunnelRig.dial(ends.through(port))) {
            Echoes.hello(open);
            assertThat(Logged.by(() -> server.modified(with(right, "idle.seconds", 5))))
                    .contains("idle.seconds = 5: must be", "server test keeps its configuration");
            assertThat(Logged.by(() -> server.modified(right))).doesNotContain("ERROR", "WARN");
            assertThat(GnuHttptunnelEnds.portOf(server)).isEqualTo(port);
            Echoes.hello(open);
        }
    }

    @Test
    void anotherPortIsOpenedAndTheOldOneClosed() throws Exception {
        int target = rig.echo();
        GnuHttptunnelServer server = ends.server(target);
        int before = GnuHttptunnelEnds.portOf(server);
        server.modified(Map.of("name", "test", "bind", "127.0.0.2:0", "target", "127.0.0.1:" + target));
        await().until(() -> server.port().address().startsWith("127.0.0.2:"));
        assertThat(GnuHttptunnelEnds.portOf(server)).isPositive();
        await().until(() -> !Programs.takesConnections(before));
    }

    @Test
    void aClientKeepsItsOldOneWithTheMessage() throws Exception {
        int target = rig.echo();
        int port = GnuHttptunnelEnds.portOf(ends.server(target));
        GnuHttptunnelConnector client = (GnuHttptunnelConnector) ends.client(port);
        Map<String, Object> wrong = Map.of("name", "test", "server", "127.0.0.1:" + port, "connect.seconds", 0);
        assertThat(Logged.by(() -> client.modified(wrong)))
                .contains("connect.seconds = 0: must be", "connector test keeps its configuration");
        try (Socket open = TunnelRig.dial(rig.local(client, "127.0.0.1:" + target))) {
            Echoes.hello(open);
        }
    }
}
