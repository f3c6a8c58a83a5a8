// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.cxf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import io.httun.api.tunnel.TunnelRouter;
import io.httun.api.tunnel.TunnelService;
import io.netty.buffer.Unpooled;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.cxf.Bus;
import org.apache.cxf.bus.CXFBusFactory;
import org.apache.cxf.transport.http.DestinationRegistryImpl;
import org.apache.cxf.transport.servlet.CXFNonSpringServlet;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.servlet.ServletContextHandler;
import org.eclipse.jetty.servlet.ServletHolder;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointOnJettyTest {
    private static final int THREADS = 8;

    private final TunnelRouter services = new TunnelRouter();
    private final List<TunnelRequest> requests = new CopyOnWriteArrayList<>();
    private final Server jetty = new Server(new QueuedThreadPool(THREADS));
    private final HttpClient client = HttpClient.newHttpClient();
    private TunnelResource resource;
    private String base;

    @BeforeEach
    void start() throws Exception {
        Bus bus = new CXFBusFactory().createBus();
        DestinationRegistryImpl destinations = new DestinationRegistryImpl();
        resource = new TunnelResource("/httun", services);
        CxfEndpoint.serve(bus, destinations, resource);
        CXFNonSpringServlet servlet = new CXFNonSpringServlet(destinations, false);
        servlet.setBus(bus);
        ServletHolder holder = new ServletHolder(servlet);
        holder.setAsyncSupported(true);
        ServletContextHandler handler = new ServletContextHandler();
        handler.addServlet(holder, "/httun/*");
        jetty.setHandler(handler);
        var connector = new org.eclipse.jetty.server.ServerConnector(jetty, 1, 1);
        connector.setHost("127.0.0.1");
        jetty.addConnector(connector);
        jetty.start();
        base = "http://127.0.0.1:" + connector.getLocalPort() + "/httun";
    }

    @AfterEach
    void stop() throws Exception {
        jetty.stop();
    }

    private void answer(CompletionStage<TunnelReply> reply) {
        serve(request -> {
            requests.add(request);
            return reply;
        });
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(base + path));
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), BodyHandlers.ofByteArray());
    }

    private static TunnelReply frame(String text, List<String> deliveries) {
        return new TunnelReply(
                200,
                List.of(TunnelReply.NO_STORE, Map.entry("content-type", "application/octet-stream")),
                Unpooled.wrappedBuffer(text.getBytes()),
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

    @Test
    void handsTheRequestOnAsItCame() throws Exception {
        answer(CompletableFuture.completedFuture(TunnelReply.bare(200, List.of())));
        HttpResponse<byte[]> reply = send(request("/7/w/0123456789?m=a%20b&x=1")
                .header("Authorization", "Basic abc")
                .POST(BodyPublishers.ofByteArray(new byte[TunnelRequest.MAX_BODY])));
        assertThat(reply.statusCode()).isEqualTo(200);
        assertThat(reply.headers().firstValue("content-length")).contains("0");
        TunnelRequest request = requests.get(0);
        assertThat(request.method()).isEqualTo("POST");
        assertThat(request.path()).isEqualTo("/7/w/0123456789");
        assertThat(request.query()).isEqualTo("m=a%20b&x=1");
        assertThat(request.authorization()).isEqualTo("Basic abc");
        assertThat(request.body().readableBytes()).isEqualTo(TunnelRequest.MAX_BODY);
        assertThat(request.body().hasArray()).isTrue();
    }

    @Test
    void writesTheReplyAndTellsSoOnce() throws Exception {
        List<String> deliveries = new CopyOnWriteArrayList<>();
        CompletableFuture<TunnelReply> late = new CompletableFuture<>();
        answer(late);
        CompletableFuture<HttpResponse<byte[]>> reply =
                client.sendAsync(request("/7/r/0123456789?m=x").build(), BodyHandlers.ofByteArray());
        await().until(() -> resource.waiting() == 1);
        late.complete(frame("sealed", deliveries));
        assertThat(new String(reply.get().body())).isEqualTo("sealed");
        assertThat(reply.get().headers().firstValue("content-length")).contains("6");
        assertThat(reply.get().headers().firstValue("content-type")).contains("application/octet-stream");
        assertThat(reply.get().headers().firstValue("cache-control")).contains("no-store");
        await().untilAsserted(() -> assertThat(deliveries).containsExactly("written"));
        await().until(() -> resource.waiting() == 0);
    }

    @Test
    void waitingRequestsHoldNoThread() throws Exception {
        List<CompletableFuture<TunnelReply>> late = new CopyOnWriteArrayList<>();
        serve(request -> {
            late.add(new CompletableFuture<>());
            return late.get(late.size() - 1);
        });
        List<CompletableFuture<HttpResponse<byte[]>>> replies = new ArrayList<>();
        for (int i = 0; i < 10 * THREADS; i++) {
            replies.add(client.sendAsync(request("/7/r/" + i).build(), BodyHandlers.ofByteArray()));
        }
        await().until(() -> resource.waiting() == 10 * THREADS);
        late.forEach(reply -> reply.complete(TunnelReply.bare(408, List.of())));
        for (CompletableFuture<HttpResponse<byte[]>> reply : replies) {
            assertThat(reply.get().statusCode()).isEqualTo(408);
        }
    }

    @Test
    void withoutAServerAsksToComeAgain() throws Exception {
        HttpResponse<byte[]> reply = send(request("/7/r/0123456789"));
        assertThat(reply.statusCode()).isEqualTo(503);
        assertThat(reply.headers().firstValue("retry-after")).contains("1");
    }

    @Test
    void goingAwayAnswersThoseWhoWait() throws Exception {
        answer(new CompletableFuture<>());
        CompletableFuture<HttpResponse<byte[]>> reply =
                client.sendAsync(request("/7/r/0123456789").build(), BodyHandlers.ofByteArray());
        await().until(() -> resource.waiting() == 1);
        resource.release();
        assertThat(reply.get().statusCode()).isEqualTo(503);
        assertThat(resource.waiting()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"OPTIONS", "PATCH", "FROBNICATE"})
    void otherMethodsGetTheOneFace(String method) throws Exception {
        answer(CompletableFuture.completedFuture(TunnelReply.bare(200, List.of())));
        assertOneFace(send(request("/7/r/0123456789").method(method, BodyPublishers.ofString("x"))));
        assertThat(requests).isEmpty();
    }

    @Test
    void oddHeadersGetNoAnswerOfTheirOwn() throws Exception {
        answer(CompletableFuture.completedFuture(TunnelReply.refused()));
        assertOneFace(send(request("/7/r/0123456789").header("Accept", "no such/thing/at all;;q=")));
        assertOneFace(
                send(request("/7/w/0123456789").header("Content-Type", "////").POST(BodyPublishers.ofString("x"))));
        assertOneFace(send(request("")));
        assertOneFace(send(request("/")));
    }

    @Test
    void aBodyLargerThanAnyFrameGetsTheOneFace() throws Exception {
        answer(CompletableFuture.completedFuture(TunnelReply.bare(200, List.of())));
        byte[] large = new byte[TunnelRequest.MAX_BODY + 1];
        assertOneFace(send(request("/7/w/0123456789").POST(BodyPublishers.ofByteArray(large))));
        assertOneFace(send(request("/7/w/0123456789")
                .POST(BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(large)))));
        assertThat(requests).isEmpty();
    }

    private static void assertOneFace(HttpResponse<byte[]> reply) {
        assertThat(reply.statusCode()).isEqualTo(404);
        assertThat(reply.body()).isEmpty();
        assertThat(reply.headers().firstValue("content-length")).contains("0");
        assertThat(reply.headers().map().keySet())
                .containsExactlyInAnyOrder("cache-control", "content-length", "date", "server");
    }

    private void serve(TunnelService service) {
        services.add(service, Map.of());
    }
}
