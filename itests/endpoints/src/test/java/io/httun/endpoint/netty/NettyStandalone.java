// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import io.httun.api.tunnel.EventLoops;
import io.httun.api.tunnel.TunnelService;
import io.httun.endpoints.HttpEndpoint;
import java.nio.file.Path;
import java.util.Map;

/** The standalone HTTP server on loopback, at {@code /httun}. */
public final class NettyStandalone implements HttpEndpoint {
    private final NettyEndpoint endpoint;
    private final int port;

    /** @param port 0 for any */
    public NettyStandalone(EventLoops loops, int port) {
        this(loops, Map.of("listen", "127.0.0.1:" + port, "path", "/httun"));
    }

    /** With TLS. */
    public NettyStandalone(EventLoops loops, Path certificate, Path key) {
        this(
                loops,
                Map.of(
                        "listen",
                        "tls:127.0.0.1:0",
                        "path",
                        "/httun",
                        "tls.certificate.file",
                        certificate.toString(),
                        "tls.key.file",
                        key.toString()));
    }

    private NettyStandalone(EventLoops loops, Map<String, Object> properties) {
        endpoint = new NettyEndpoint(loops, properties);
        endpoint.start();
        String address = endpoint.endpoints().get(0).address();
        this.port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public void serve(TunnelService service) {
        endpoint.addService(service, Map.of());
    }

    @Override
    public int waiting() {
        return endpoint.endpoints().stream()
                .mapToInt(status -> status.waiting())
                .sum();
    }

    @Override
    public void release() {
        endpoint.stop();
    }

    @Override
    public void close() {
        endpoint.stop();
    }
}
