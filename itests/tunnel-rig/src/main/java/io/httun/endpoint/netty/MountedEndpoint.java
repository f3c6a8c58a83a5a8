// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import static org.awaitility.Awaitility.await;

import io.httun.api.tunnel.EventLoops;
import io.httun.api.tunnel.TunnelService;
import java.io.Closeable;
import java.util.HashMap;
import java.util.Map;

/** The standalone server with one service mounted, as the framework would do it. */
public final class MountedEndpoint implements Closeable {
    private final NettyEndpoint endpoint;

    public MountedEndpoint(EventLoops loops, TunnelService service, String path) {
        this(loops, service, path, Map.of());
    }

    /** @param more properties of the endpoint */
    public MountedEndpoint(EventLoops loops, TunnelService service, String path, Map<String, Object> more) {
        Map<String, Object> properties = new HashMap<>(Map.of("name", "test", "listen", "127.0.0.1:0"));
        properties.putAll(more);
        endpoint = new NettyEndpoint(loops, properties);
        endpoint.addService(service, Map.of(TunnelService.PATH, path));
        endpoint.start();
    }

    public int port() {
        await().until(() -> !endpoint.endpoints().isEmpty()
                && !endpoint.endpoints().get(0).address().endsWith(":0"));
        String address = endpoint.endpoints().get(0).address();
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    @Override
    public void close() {
        endpoint.stop();
    }
}
