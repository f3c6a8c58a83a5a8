// SPDX-License-Identifier: Apache-2.0
package io.httun.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.tunnel.TunnelService;
import io.httun.testrig.Echoes;
import io.httun.testrig.Logged;
import io.httun.testrig.TunnelRig;
import java.lang.reflect.Proxy;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;

/** Configurations that change while connections are open. */
class BridgeModifiedTest {
    private final TunnelRig rig = new TunnelRig();
    private final BridgeEnds ends = new BridgeEnds(rig);
    /** Where the framework was told to mount it, and that it was taken away. */
    private final List<Object> mounts = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    private BundleContext framework() {
        Object registration = Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {ServiceRegistration.class}, (proxy, method, arguments) -> {
                    mounts.add(
                            method.getName().equals("setProperties")
                                    ? ((Dictionary<?, ?>) arguments[0]).get(TunnelService.PATH)
                                    : method.getName());
                    return null;
                });
        return (BundleContext) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {BundleContext.class}, (proxy, method, arguments) -> {
                    mounts.add(((Dictionary<?, ?>) arguments[2]).get(TunnelService.PATH));
                    return registration;
                });
    }

    @Test
    void onlyARightPathMovesIt() throws Exception {
        BridgeComponent server = ends.server();
        server.mount(framework());
        assertThat(Logged.by(() -> server.modified(Map.of("name", "test", "path", "wrong"))))
                .contains("path = wrong: must begin with /", "bridge server test keeps its configuration");
        assertThat(Logged.by(() -> server.modified(Map.of("name", "test", "path", "/b", "wait.seconds", 26))))
                .contains("wait.seconds = 26: must be");
        server.modified(Map.of("name", "test", "filters", "none"));
        assertThat(mounts).containsExactly("/bridge");
        server.modified(Map.of("name", "test", "path", "/other"));
        assertThat(server.listeners().get(0).address()).isEqualTo("/other");
        server.stop();
        assertThat(mounts).containsExactly("/bridge", "/other", "unregister");
    }

    @Test
    void whatIsOpenStaysOpen() throws Exception {
        BridgeComponent server = ends.server();
        try (Socket open = TunnelRig.dial(ends.through(ends.mount(server), rig.echo()))) {
            Echoes.hello(open);
            server.modified(Map.of("name", "test", "filters", "none"));
            server.modified(Map.of("name", "test", "filters", "none", "idle.seconds", 30));
            Echoes.hello(open);
        }
    }

    @Test
    void aClientKeepsItsOldOneWithTheMessage() throws Exception {
        int port = ends.mount(ends.server());
        BridgeConnector client = (BridgeConnector) ends.client(port);
        Map<String, Object> wrong = Map.of("name", "test", "server", "127.0.0.1:" + port, "connect.seconds", 0);
        assertThat(Logged.by(() -> client.modified(wrong)))
                .contains("connect.seconds = 0: must be", "connector test keeps its configuration");
        try (Socket open = TunnelRig.dial(rig.local(client, "127.0.0.1:" + rig.echo()))) {
            Echoes.hello(open);
        }
    }
}
