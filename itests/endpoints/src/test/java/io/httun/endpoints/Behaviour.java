// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoints;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.api.tunnel.EventLoops;
import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import io.httun.crypto.jca.JcaFrameCipher;
import io.httun.crypto.jca.JcaKeyAgreement;
import io.httun.testpeers.Flood;
import io.httun.testpeers.StockClient;
import io.httun.testpeers.StockSocketMode;
import io.httun.testpeers.StockTestMode;
import io.httun.testrig.Logged;
import io.httun.testrig.ServerUnderTest;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocatorMetric;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every endpoint does, alone or behind a web server. Each subclass is one way to be reached. */
@Timeout(60)
abstract class Behaviour {
    private static final String SECRET = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int MIB = 1 << 20;

    @TempDir
    Path folder;

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    final EventLoops loops = () -> group;
    private final List<TunnelRequest> requests = new CopyOnWriteArrayList<>();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private Endpoint endpoint;
    private WebServer web;
    private String base;

    /** Starts the endpoint; called again after it has gone. */
    abstract Endpoint endpoint();

    /** Starts the web server in front of it; null if there is none. */
    WebServer webServer() {
        return null;
    }

    /** The endpoint's own base URL. */
    String url() {
        return "";
    }

    @BeforeEach
    void start() throws IOException {
        // Web servers run as somebody else.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        endpoint = endpoint();
        web = webServer();
        base = web == null ? url() : web.url();
    }

    @AfterEach
    void stop() {
        if (web != null) {
            web.close();
        }
        if (endpoint != null) {
            endpoint.close();
        }
        requests.forEach(request -> request.body().release());
        group.shutdownGracefully();
    }

    private boolean direct() {
        return web == null;
    }

    private void answer(CompletionStage<TunnelReply> reply) {
        endpoint.serve(request -> {
            requests.add(request);
            return reply;
        });
    }

    private static TunnelReply reply(int status, String text) {
        return reply(status, text, TunnelReply.Delivery.UNTRACKED);
    }

    private static TunnelReply reply(int status, String text, TunnelReply.Delivery delivery) {
        return new TunnelReply(
                status,
                List.of(TunnelReply.NO_STORE, Map.entry("content-type", "application/octet-stream")),
                Unpooled.wrappedBuffer(text.getBytes()),
                delivery);
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(base + path));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private CompletableFuture<HttpResponse<String>> sendAsync(String path) {
        return client.sendAsync(request(path).build(), BodyHandlers.ofString());
    }

    private static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST", "PUT", "DELETE"})
    void handsTheRequestOnAsItCame(String method) throws Exception {
        answer(CompletableFuture.completedFuture(TunnelReply.bare(200, List.of())));
        byte[] body = bytes(method.equals("GET") || method.equals("DELETE") ? 0 : MIB);
        BodyPublisher publisher = body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body);
        HttpResponse<String> reply = send(request("/7/w/0123456789?m=a%20b&x=1")
                .header("Authorization", "Basic abc")
                .method(method, publisher));
        assertThat(reply.statusCode()).isEqualTo(200);
        assertThat(reply.body()).isEmpty();
        assertThat(reply.headers().firstValue("content-length")).contains("0");
        TunnelRequest request = requests.get(0);
        assertThat(request.method()).isEqualTo(method);
        assertThat(request.path()).isEqualTo("/7/w/0123456789");
        assertThat(request.query()).isEqualTo("m=a%20b&x=1");
        assertThat(request.authorization()).isEqualTo("Basic abc");
        assertThat(request.carrier().peer()).isEqualTo("127.0.0.1");
        byte[] got = new byte[request.body().readableBytes()];
        request.body().readBytes(got);
        assertThat(got).isEqualTo(body);
    }

    @Test
    void theLongestQueryIsTaken() throws Exception {
        answer(CompletableFuture.completedFuture(TunnelReply.bare(200, List.of())));
        String m = "m=" + "x".repeat(TunnelRequest.MAX_LINE - 200);
        assertThat(send(request("/7/r/0123456789?" + m)).statusCode()).isEqualTo(200);
        assertThat(requests.get(0).query()).isEqualTo(m);
    }

    @Test
    void aChunkedBodyArrivesWhole() throws Exception {
        answer(CompletableFuture.completedFuture(TunnelReply.bare(200, List.of())));
        // Who refuses it does not read on: a long one could be cut off before the answer is read.
        byte[] body = bytes(alwaysPassesChunkedBodies() ? 300_000 : 1000);
        HttpResponse<String> reply = send(
                request("/7/w/0123456789").POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body))));
        if (!alwaysPassesChunkedBodies() && reply.statusCode() == 400) {
            return;
        }
        assertThat(reply.statusCode()).isEqualTo(200);
        byte[] got = new byte[requests.get(0).body().readableBytes()];
        requests.get(0).body().readBytes(got);
        assertThat(got).isEqualTo(body);
    }

    /** Whether whoever is in front can pass on a body before it knows its length; tunnel clients send none. */
    boolean alwaysPassesChunkedBodies() {
        return true;
    }

    @Test
    void writesTheReplyAndTellsSoOnce() throws Exception {
        List<String> deliveries = new CopyOnWriteArrayList<>();
        CompletableFuture<TunnelReply> late = new CompletableFuture<>();
        answer(late);
        CompletableFuture<HttpResponse<String>> reply = sendAsync("/7/r/0123456789?m=x");
        await().until(() -> endpoint.waiting() == 1);
        String text = "sealed".repeat(20_000);
        late.complete(reply(200, text, new TunnelReply.Delivery() {
            @Override
            public void written() {
                deliveries.add("written");
            }

            @Override
            public void failed() {
                deliveries.add("failed");
            }
        }));
        assertThat(reply.get().body()).isEqualTo(text);
        assertThat(reply.get().headers().firstValue("content-length")).contains("" + text.length());
        assertThat(reply.get().headers().firstValue("content-type")).contains("application/octet-stream");
        assertThat(reply.get().headers().firstValue("cache-control")).contains("no-store");
        await().untilAsserted(() -> assertThat(deliveries).containsExactly("written"));
        await().until(() -> endpoint.waiting() == 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403, 404, 408, 429, 502, 503, 504})
    void everyStatusComesAsItIs(int status) throws Exception {
        answer(CompletableFuture.completedFuture(reply(status, "as it is")));
        HttpResponse<String> reply = send(request("/7/r/0123456789"));
        assertThat(reply.statusCode()).isEqualTo(status);
        assertThat(reply.body()).isEqualTo("as it is");
    }

    @Test
    void manyWaitAndOthersDoNotNotice() throws Exception {
        int many = 100;
        List<CompletableFuture<TunnelReply>> late = new CopyOnWriteArrayList<>();
        endpoint.serve(request -> {
            request.body().release();
            if (request.path().endsWith("/w")) {
                return CompletableFuture.completedFuture(TunnelReply.bare(200, List.of()));
            }
            CompletableFuture<TunnelReply> reply = new CompletableFuture<>();
            late.add(reply);
            return reply;
        });
        List<CompletableFuture<HttpResponse<String>>> replies = new ArrayList<>();
        for (int i = 0; i < many; i++) {
            replies.add(sendAsync("/7/r/" + i));
        }
        await().atMost(LIMIT).until(() -> endpoint.waiting() == many);
        for (int i = 0; i < 10; i++) {
            assertThat(send(request("/7/w").POST(BodyPublishers.ofString("x"))).statusCode())
                    .isEqualTo(200);
        }
        late.forEach(reply -> reply.complete(reply(408, "idle")));
        for (CompletableFuture<HttpResponse<String>> reply : replies) {
            assertThat(reply.get().statusCode()).isEqualTo(408);
            assertThat(reply.get().body()).isEqualTo("idle");
        }
    }

    @Test
    void aClientThatIsGoneEndsItsWait() throws Exception {
        CompletableFuture<TunnelReply> never = new CompletableFuture<>();
        answer(never);
        URI url = URI.create(base);
        try (Socket socket = new Socket(url.getHost(), url.getPort())) {
            socket.getOutputStream()
                    .write(("GET /httun/7/r/01 HTTP/1.1\r\nHost: " + url.getAuthority() + "\r\n\r\n").getBytes());
            await().until(() -> endpoint.waiting() == 1);
        }
        if (noticesLostClients()) {
            await().until(() -> endpoint.waiting() == 0);
            assertThat(never).isCancelled();
        }
    }

    /** Whether whoever is in front watches its client while an answer is awaited. */
    boolean noticesLostClients() {
        return false;
    }

    @Test
    void withoutAServerAsksToComeAgain() throws Exception {
        HttpResponse<String> reply = send(request("/7/r/0123456789"));
        assertThat(reply.statusCode()).isEqualTo(503);
        assertThat(reply.headers().firstValue("retry-after")).contains("1");
    }

    @Test
    void goingAwayAnswersThoseWhoWaitAndComingBackIsNoticed() throws Exception {
        answer(new CompletableFuture<>());
        CompletableFuture<HttpResponse<String>> reply = sendAsync("/7/r/0123456789");
        await().until(() -> endpoint.waiting() == 1);
        endpoint.release();
        assertThat(reply.get().statusCode()).isEqualTo(503);
        assertThat(reply.get().headers().firstValue("retry-after")).contains("1");
        assertThat(endpoint.waiting()).isZero();
        if (!direct() && comesBack()) {
            endpoint.close();
            assertThat(send(request("/7/r/0123456789")).statusCode()).isIn(502, 503, 504);
            endpoint = endpoint();
            answer(CompletableFuture.completedFuture(TunnelReply.bare(200, List.of())));
            // lighttpd looks every second.
            await().until(() -> send(request("/7/r/0123456789")).statusCode() == 200);
        }
    }

    /** Whether a new endpoint is where the old one was. */
    boolean comesBack() {
        return false;
    }

    @ParameterizedTest
    @ValueSource(strings = {"OPTIONS", "PATCH", "FROBNICATE"})
    void otherMethodsAreRefused(String method) throws Exception {
        answer(CompletableFuture.completedFuture(TunnelReply.bare(200, List.of())));
        HttpResponse<String> reply = send(request("/7/r/0123456789").method(method, BodyPublishers.ofString("x")));
        if (direct()) {
            assertOneFace(reply);
        }
        assertThat(requests).isEmpty();
    }

    @Test
    void refusalsAllLookTheSame() throws Exception {
        answer(CompletableFuture.completedFuture(TunnelReply.refused()));
        assertOneFace(send(request("/7/r/0123456789").header("Accept", "no such/thing/at all;;q=")));
        assertOneFace(
                send(request("/7/w/0123456789").header("Content-Type", "////").POST(BodyPublishers.ofString("x"))));
        assertOneFace(send(request("/")));
        if (direct()) {
            assertOneFace(send(request("")));
        }
    }

    @Test
    void aBodyLargerThanAnyFrameIsRefused() throws Exception {
        answer(CompletableFuture.completedFuture(TunnelReply.bare(200, List.of())));
        byte[] large = bytes(TunnelRequest.MAX_BODY + 4096);
        for (BodyPublisher body : List.of(
                BodyPublishers.ofByteArray(large),
                BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large)))) {
            try {
                HttpResponse<String> reply = send(request("/7/w/0123456789").POST(body));
                if (direct()) {
                    assertThat(reply.statusCode()).isEqualTo(413);
                    assertThat(reply.body()).isEmpty();
                }
                assertThat(reply.statusCode()).isGreaterThanOrEqualTo(400);
            } catch (IOException e) {
                // A web server may close rather than read all of it.
                assertThat(direct()).isFalse();
            }
        }
        assertThat(requests).isEmpty();
    }

    private void assertOneFace(HttpResponse<String> reply) {
        assertThat(reply.statusCode()).isEqualTo(404);
        assertThat(reply.body()).isEmpty();
        assertThat(reply.headers().firstValue("content-length")).contains("0");
        assertThat(reply.headers().firstValue("cache-control")).contains("no-store");
        assertThat(reply.headers().map().keySet())
                .isSubsetOf(
                        "cache-control",
                        "content-length",
                        "date",
                        "server",
                        "connection",
                        "keep-alive",
                        "via",
                        "status");
    }

    /** Echoes a length and as many bytes. */
    private static final class Echo implements AutoCloseable {
        private final ServerSocket listener = listen();

        Echo() {
            Thread thread = new Thread(this::accept, "echo");
            thread.setDaemon(true);
            thread.start();
        }

        private static ServerSocket listen() {
            try {
                return new ServerSocket(0, 9, InetAddress.getLoopbackAddress());
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }

        private void accept() {
            while (!listener.isClosed()) {
                try (Socket socket = listener.accept()) {
                    DataInputStream in = new DataInputStream(socket.getInputStream());
                    byte[] bytes = in.readNBytes(in.readInt());
                    socket.getOutputStream().write(bytes);
                    in.read();
                } catch (IOException e) {
                    assertThat(e).isNotNull();
                }
            }
        }

        InetSocketAddress address() {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), listener.getLocalPort());
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }

    private StockClient stock() throws IOException {
        return StockClient.builder(URI.create(base), 7, HexFormat.of().parseHex(SECRET))
                .build();
    }

    @Test
    void aStockClientLosesNoByteAndWaitsAsLongAsItLikes() throws Exception {
        byte[] bytes = bytes(4 * MIB);
        try (Echo echo = new Echo();
                ServerUnderTest server =
                        new ServerUnderTest(loops, new JcaFrameCipher(), new JcaKeyAgreement(), 7, SECRET)) {
            endpoint.serve(server.service());
            StockClient stock = stock();
            try (StockTestMode mode = stock.test(Duration.ofMillis(1))) {
                await().atMost(LIMIT).until(() -> mode.pongs() >= 20 || mode.sawWrongPong());
                assertThat(mode.sawWrongPong()).isFalse();
                assertThat(mode.lastFailure()).isEmpty();
            }
            try (StockSocketMode mode = stock.socket(echo.address());
                    Socket socket = new Socket(InetAddress.getLoopbackAddress(), mode.localPort())) {
                DataOutputStream out = new DataOutputStream(socket.getOutputStream());
                out.writeInt(bytes.length);
                out.write(bytes, 0, MIB);
                // Longer than any r waits: at least one 408 comes on the way.
                long idle = System.nanoTime();
                await().pollDelay(Duration.ofMillis(5500)).until(() -> System.nanoTime() - idle > 0);
                out.write(bytes, MIB, bytes.length - MIB);
                out.flush();
                assertThat(socket.getInputStream().readNBytes(bytes.length)).isEqualTo(bytes);
                assertThat(mode.lastFailure()).isEmpty();
            }
        }
    }

    /**
     * Strangers' garbage harms no transfer and fills neither log nor memory. How much slower it is, is measured by
     * {@code benchmarks/run --attacks}. Once for each endpoint: what web servers do with garbage is theirs.
     */
    void flood() throws Exception {
        byte[] bytes = bytes(4 * MIB);
        String log = Logged.by(() -> {
            try (Echo echo = new Echo();
                    ServerUnderTest server =
                            new ServerUnderTest(loops, new JcaFrameCipher(), new JcaKeyAgreement(), 7, SECRET)) {
                endpoint.serve(server.service());
                StockClient stock = stock();
                try (StockSocketMode mode = stock.socket(echo.address());
                        Socket socket = new Socket(InetAddress.getLoopbackAddress(), mode.localPort())) {
                    // A stock session that ends on a busy machine says nothing.
                    socket.setSoTimeout((int) LIMIT.toMillis());
                    DataOutputStream out = new DataOutputStream(socket.getOutputStream());
                    out.writeInt(bytes.length);
                    out.write(bytes, 0, MIB);
                    try (Flood flood = new Flood(base)) {
                        await().atMost(LIMIT).until(() -> flood.sent() > 600);
                        out.write(bytes, MIB, bytes.length - MIB);
                        assertThat(socket.getInputStream().readNBytes(bytes.length))
                                .isEqualTo(bytes);
                        await().atMost(LIMIT).until(() -> flood.sent() > 1000);
                    }
                    assertThat(mode.lastFailure()).isEmpty();
                }
                await().atMost(LIMIT).until(() -> endpoint.waiting() == 0);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        // A line per cause and second, over the minute that the whole of it may take.
        assertThat(log.lines().filter(line -> line.contains("io.httun")).count())
                .isLessThan(1000);
        PooledByteBufAllocatorMetric memory = PooledByteBufAllocator.DEFAULT.metric();
        assertThat(memory.usedHeapMemory() + memory.usedDirectMemory()).isLessThan(128L * MIB);
    }
}
