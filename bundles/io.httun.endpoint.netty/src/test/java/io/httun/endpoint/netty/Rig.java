// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import io.httun.api.status.EndpointStatus;
import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import io.httun.api.tunnel.TunnelService;
import io.httun.runtime.NettyEventLoops;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * An endpoint with a tunnel behind it that answers what it is asked: {@code /echo} with method, query, body and peer,
 * {@code /wait} when {@link #late} says so, everything else like the server does.
 */
final class Rig implements TunnelService, AutoCloseable {
    static final NettyEventLoops LOOPS = new NettyEventLoops(Map.of("threads", 2));

    final List<CompletableFuture<TunnelReply>> late = new CopyOnWriteArrayList<>();
    final List<TunnelRequest> requests = new CopyOnWriteArrayList<>();
    final List<String> deliveries = new CopyOnWriteArrayList<>();
    final NettyEndpoint endpoint;
    private final Map<String, Object> properties = new HashMap<>(Map.of("name", "test", "listen", "127.0.0.1:0"));

    Rig(Object... more) {
        put(more);
        endpoint = new NettyEndpoint(LOOPS, properties);
        endpoint.addService(this, Map.of());
        endpoint.start();
    }

    private void put(Object... more) {
        for (int i = 0; i < more.length; i += 2) {
            properties.put(more[i].toString(), more[i + 1]);
        }
    }

    void change(Object... more) {
        put(more);
        endpoint.modified(properties);
    }

    EndpointStatus status(int index) {
        return endpoint.endpoints().get(index);
    }

    int port() {
        return port(0);
    }

    int port(int index) {
        String address = status(index).address();
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    Raw raw() throws IOException {
        return new Raw(port());
    }

    static byte[] pattern(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 31 + (i >> 8));
        }
        return bytes;
    }

    TunnelReply reply(byte[] body) {
        return new TunnelReply(
                200,
                List.of(TunnelReply.NO_STORE, Map.entry("content-type", "application/octet-stream")),
                Unpooled.wrappedBuffer(body),
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

    @Override
    public CompletionStage<TunnelReply> handle(TunnelRequest request) {
        byte[] body = ByteBufUtil.getBytes(request.body());
        request.body().release();
        if (!request.path().startsWith("/bulk")) {
            requests.add(request);
        }
        if (List.of("/echo", "/wait").contains(request.path())) {
            request.carrier().attach("a session");
        }
        if (request.path().equals("/wait")) {
            late.add(new CompletableFuture<>());
            return late.get(late.size() - 1);
        }
        return CompletableFuture.completedFuture(
                switch (request.path()) {
                    case "/echo" ->
                        reply((request.method() + " " + request.query() + " "
                                        + new String(body, StandardCharsets.ISO_8859_1))
                                .getBytes(StandardCharsets.ISO_8859_1));
                    case "/peer" -> reply(request.carrier().peer().getBytes(StandardCharsets.ISO_8859_1));
                    case "/bulk" -> reply(body.length > 0 ? body : pattern(Integer.parseInt(request.query())));
                    default -> TunnelReply.refused();
                });
    }

    @Override
    public void close() {
        endpoint.stop();
    }
}
