// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.testpeers.StockClient;
import io.httun.testpeers.StockOperation;
import io.httun.testpeers.StockReply;
import io.httun.testpeers.StockSession;
import io.httun.testpeers.StockSocketMode;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stock clients of a real server go on while somebody attacks or changes the endpoint. */
class UnderLoadTest {
    private static final String SLOW_SECONDS = "6";

    @TempDir
    Path folder;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final RealServer server = new RealServer(Rig.LOOPS);
    private final AtomicBoolean enough = new AtomicBoolean();
    private NettyEndpoint endpoint;

    @AfterEach
    void stop() {
        enough.set(true);
        threads.shutdownNow();
        endpoint.stop();
        server.close();
    }

    private void start(Map<String, Object> properties) {
        endpoint = new NettyEndpoint(Rig.LOOPS, properties);
        endpoint.addService(server.service(), Map.of());
        endpoint.start();
    }

    private int port() {
        String address = endpoint.endpoints().get(0).address();
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    private StockClient client() throws IOException {
        return StockClient.builder(
                        URI.create("http://127.0.0.1:" + port()),
                        1,
                        HexFormat.of().parseHex(RealServer.SECRET))
                .build();
    }

    /** Sends a pattern to an echo target and checks what comes back, until told to stop; returns how much. */
    private Future<Long> transfer(StockClient client) throws IOException {
        ServerSocket echo = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        StockSocketMode mode = client.socket(new InetSocketAddress(echo.getInetAddress(), echo.getLocalPort()));
        threads.submit(() -> {
            try (echo;
                    Socket socket = echo.accept()) {
                return socket.getInputStream().transferTo(socket.getOutputStream());
            }
        });
        byte[] pattern = Rig.pattern(50_000);
        return threads.submit(() -> {
            long bytes = 0;
            try (mode;
                    Socket socket = new Socket(InetAddress.getLoopbackAddress(), mode.localPort())) {
                socket.setSoTimeout(15_000);
                OutputStream out = socket.getOutputStream();
                while (!enough.get()) {
                    out.write(pattern);
                    assertThat(socket.getInputStream().readNBytes(pattern.length))
                            .isEqualTo(pattern);
                    bytes += pattern.length;
                }
                assertThat(mode.lastFailure()).isEmpty();
            }
            return bytes;
        });
    }

    @Test
    void slowClientsHurtNobody() throws Exception {
        start(Map.of(
                "listen", "127.0.0.1:0", "head.seconds", 2, "body.seconds", 2, "reply.seconds", 2, "site", "page"));
        String url = "http://127.0.0.1:" + port() + "/";
        List<Process> attacks = new ArrayList<>();
        for (String kind : List.of("-H", "-B", "-X")) {
            attacks.add(Program.start(
                    "slowhttptest",
                    kind,
                    "-c",
                    "300",
                    "-r",
                    "300",
                    "-i",
                    "1",
                    "-p",
                    "2",
                    "-l",
                    SLOW_SECONDS,
                    "-u",
                    url));
        }
        Future<Long> transfer = transfer(client());
        for (Process attack : attacks) {
            threads.submit(() -> attack.getInputStream().readAllBytes());
            attack.waitFor();
        }
        enough.set(true);
        assertThat(transfer.get()).as("bytes of a transfer that went on").isGreaterThan(100_000);
    }

    @Test
    void aCertificateIsReplacedWithoutALostRequest() throws Exception {
        Certificates made = new Certificates(folder).make("first");
        start(Map.of(
                "listen",
                "tls:127.0.0.1:0",
                "tls.certificate.file",
                made.chain.toString(),
                "tls.key.file",
                made.key.toString()));
        SSLContext trusting = SSLContext.getInstance("TLS");
        trusting.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
        AtomicInteger done = new AtomicInteger();
        int port = port();
        List<Future<Integer>> clients = new ArrayList<>();
        for (boolean kept : new boolean[] {true, true, false, false}) {
            clients.add(threads.submit(() -> requests(trusting, port, kept, done)));
        }
        await().until(() -> done.get() > 100);
        made.make("second");
        await().atMost(Duration.ofSeconds(15))
                .untilAsserted(() -> assertThat(Program.run("openssl", "s_client", "-connect", "127.0.0.1:" + port))
                        .contains("subject=CN = second"));
        int then = done.get();
        await().until(() -> done.get() > then + 100);
        enough.set(true);
        for (Future<Integer> client : clients) {
            assertThat(client.get()).isPositive();
        }
    }

    private int requests(SSLContext trusting, int port, boolean kept, AtomicInteger done) throws IOException {
        byte[] request = "GET /x HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        byte[] reply =
                new byte["HTTP/1.1 404 Not Found\r\ncache-control: no-store\r\ncontent-length: 0\r\n\r\n".length()];
        int count = 0;
        while (!enough.get()) {
            try (Socket socket = trusting.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port)) {
                socket.setSoTimeout(15_000);
                DataInputStream in = new DataInputStream(socket.getInputStream());
                do {
                    socket.getOutputStream().write(request);
                    in.readFully(reply);
                    assertThat(new String(reply, StandardCharsets.US_ASCII)).startsWith("HTTP/1.1 404");
                    count++;
                    done.incrementAndGet();
                } while (kept && !enough.get());
            }
        }
        return count;
    }

    /** Each exchange is a {@code w} and an {@code r}; one that the endpoint does not carry is tried again. */
    @Test
    void aSessionOutlivesChangesAndRestartsOfTheEndpoint() throws Exception {
        start(Map.of("listen", "127.0.0.1:0"));
        int port = port();
        AtomicInteger done = new AtomicInteger();
        try (StockSession session = client().init()) {
            Future<?> client = threads.submit(() -> {
                pings(session, done);
                return null;
            });
            await().until(() -> done.get() > 20);
            endpoint.modified(Map.of("listen", "127.0.0.1:0", "extra.headers", "x-new: 1"));
            endpoint.modified(Map.of("listen", "127.0.0.1:0, [::1]:0"));
            progress(done);
            for (int restarts = 0; restarts < 3; restarts++) {
                endpoint.stop();
                start(Map.of("listen", "127.0.0.1:" + port));
                assertThat(endpoint.endpoints().get(0).state()).isEqualTo("open");
                progress(done);
            }
            enough.set(true);
            client.get();
        }
    }

    private static void progress(AtomicInteger done) {
        int before = done.get();
        await().until(() -> done.get() > before + 20);
    }

    private void pings(StockSession session, AtomicInteger done) throws Exception {
        while (!enough.get()) {
            String ping = "ping " + done.get();
            byte[] frame = session.sealW(StockOperation.TEST_TO_SRV, ping.getBytes(StandardCharsets.US_ASCII));
            assertThat(carried(() -> session.sendW(frame)).status()).isEqualTo(200);
            StockReply reply = carried(() -> session.sendR(session.sealR(StockOperation.TEST_FROM_SRV)));
            assertThat(reply.status()).isEqualTo(200);
            byte[] pong =
                    session.accept(reply.body(), StockOperation.TEST_FROM_SRV).payload();
            assertThat(new String(pong, StandardCharsets.US_ASCII)).isEqualTo("Pong: " + ping);
            done.incrementAndGet();
        }
    }

    /** Tries again as clients do, while the endpoint is not there or goes away in the middle. */
    private static StockReply carried(Callable<StockReply> sending) {
        return await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(50))
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(sending, reply -> reply.status() != 503);
    }
}
