// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.fcgi;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import io.httun.api.tunnel.TunnelService;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;

/** An endpoint with a service that answers with the path, or waits. */
abstract class FcgiRig {
    static final byte[] NOTHING = new byte[0];

    final Loops loops = new Loops();
    final List<TunnelRequest> requests = new CopyOnWriteArrayList<>();
    final List<CompletableFuture<TunnelReply>> waiting = new CopyOnWriteArrayList<>();
    final List<String> deliveries = new CopyOnWriteArrayList<>();
    FcgiEndpoint endpoint;

    @AfterEach
    void stop() {
        if (endpoint != null) {
            endpoint.deactivate();
        }
        loops.close();
        requests.forEach(request -> request.body().release());
    }

    void start(String... properties) {
        Map<String, Object> all = new HashMap<>(Map.of("listen", "127.0.0.1:0"));
        for (int i = 0; i < properties.length; i += 2) {
            all.put(properties[i], properties[i + 1]);
        }
        endpoint = new FcgiEndpoint(loops, all);
        endpoint.open();
    }

    void serve(TunnelService service) {
        endpoint.addService(service, Map.of());
    }

    /** Answers with the path; what begins with /wait waits. */
    FcgiClient connect() throws IOException {
        if (endpoint == null) {
            start();
        }
        serve(request -> {
            requests.add(request);
            CompletableFuture<TunnelReply> reply = new CompletableFuture<>();
            if (request.path().startsWith("/wait")) {
                waiting.add(reply);
            } else {
                reply.complete(frame(request.path()));
            }
            return reply;
        });
        return client();
    }

    FcgiClient client() throws IOException {
        String address = endpoint.endpoints().get(0).address();
        return new FcgiClient(new InetSocketAddress(
                InetAddress.getLoopbackAddress(), Integer.parseInt(address.substring(address.lastIndexOf(':') + 1))));
    }

    TunnelReply frame(String text) {
        return new TunnelReply(
                200,
                List.of(TunnelReply.NO_STORE, Map.entry("content-type", "application/octet-stream")),
                Unpooled.wrappedBuffer(text.getBytes(US_ASCII)),
                new TunnelReply.Delivery() {
                    @Override
                    public void written() {
                        deliveries.add("written");
                    }

                    @Override
                    public void failed() {
                        deliveries.add("failed");
                    }
                });
    }

    int waitingRequests() {
        return endpoint.endpoints().get(0).waiting();
    }
}
