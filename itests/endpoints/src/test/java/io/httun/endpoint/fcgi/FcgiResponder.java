// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.fcgi;

import io.httun.api.tunnel.EventLoops;
import io.httun.api.tunnel.TunnelService;
import io.httun.endpoints.Endpoint;
import java.nio.file.Path;
import java.util.Map;

/** The FastCGI endpoint on a Unix socket that any user may connect to. */
public final class FcgiResponder implements Endpoint {
    private final FcgiEndpoint endpoint;

    public FcgiResponder(EventLoops loops, Path socket) {
        endpoint = new FcgiEndpoint(loops, Map.of("listen", "unix:" + socket, "socket.mode", "0666"));
        endpoint.open();
    }

    @Override
    public void serve(TunnelService service) {
        endpoint.addService(service, Map.of());
    }

    @Override
    public int waiting() {
        return endpoint.endpoints().get(0).waiting();
    }

    @Override
    public void release() {
        endpoint.deactivate();
    }

    @Override
    public void close() {
        endpoint.deactivate();
    }
}
