// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoints;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import io.httun.endpoint.cxf.CxfOnJetty;
import io.httun.testrig.Logged;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CxfTest extends HttpBehaviour {
    private static final int SLOW_BODIES = 300;
    private static final int BODY = 60_000;
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @Override
    HttpEndpoint endpoint(int port) {
        return new CxfOnJetty();
    }

    @Test
    void strangersGarbageHarmsNoTransfer() throws Exception {
        flood();
    }

    /** Twenty-five times as many as the web server has threads. */
    @Test
    void slowBodiesHoldNoThread() throws Exception {
        List<TunnelRequest> requests = new CopyOnWriteArrayList<>();
        try (CxfOnJetty jetty = CxfOnJetty.withLimits(SLOW_BODIES + 50, SLOW_BODIES + 50)) {
            jetty.serve(request -> {
                requests.add(request);
                return CompletableFuture.completedFuture(TunnelReply.refused());
            });
            List<Socket> slow = new ArrayList<>();
            for (int i = 0; i < SLOW_BODIES; i++) {
                slow.add(beginBody(jetty, BODY));
            }
            for (int i = 0; i < 50; i++) {
                assertThat(post(jetty, "x".repeat(BODY)).statusCode()).isEqualTo(404);
            }
            assertThat(requests).hasSize(50);
            for (Socket socket : slow) {
                socket.getOutputStream().write(new byte[BODY - 1]);
                assertThat(answer(socket))
                        .startsWith("HTTP/1.1 404 ")
                        .containsIgnoringCase("content-length: 0\r\n")
                        .containsIgnoringCase("cache-control: no-store\r\n");
                socket.close();
            }
            assertThat(requests)
                    .hasSize(50 + SLOW_BODIES)
                    .allMatch(request -> request.body().readableBytes() == BODY);
        }
    }

    /** And says so to nobody but its sender. */
    @Test
    void aBodyWithoutProgressIsGivenUp() throws Exception {
        // Tests beside this one warn of their own, and send URIs that Jetty's parser warns of.
        assertThat(Logged.by(this::giveUpABody).lines())
                .filteredOn(line -> line.contains(" org.apache.cxf.")
                        || line.contains(" org.eclipse.jetty.")
                        || line.contains(" io.httun.endpoint.cxf."))
                .filteredOn(line -> !line.contains("jetty.http.HttpParser"))
                .noneMatch(line -> line.contains(" WARN "));
    }

    private void giveUpABody() {
        try (CxfOnJetty jetty = new CxfOnJetty(1 << 20, Duration.ofMillis(300));
                Socket socket = beginBody(jetty, BODY)) {
            assertThat(answer(socket))
                    .startsWith("HTTP/1.1 408 ")
                    .containsIgnoringCase("content-length: 0\r\n")
                    .containsIgnoringCase("connection: close\r\n");
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Those that have been arriving for longest make room, the newest are taken. */
    @Test
    void bodiesThatAreNotWholeAreBoundedTogether() throws Exception {
        try (CxfOnJetty jetty = new CxfOnJetty(4 * BODY, Duration.ofMinutes(1))) {
            jetty.serve(request -> CompletableFuture.completedFuture(TunnelReply.refused()));
            List<Socket> slow = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                Socket socket = beginBody(jetty, BODY);
                socket.getOutputStream().write(new byte[BODY / 2]);
                slow.add(socket);
            }
            // Four are within the budget.
            await().atMost(LIMIT)
                    .until(() -> slow.stream().filter(CxfTest::hasAnswer).count() == 2);
            for (Socket socket : slow) {
                if (hasAnswer(socket)) {
                    assertThat(answer(socket)).startsWith("HTTP/1.1 408 ");
                } else {
                    socket.getOutputStream().write(new byte[BODY - BODY / 2 - 1]);
                    assertThat(answer(socket)).startsWith("HTTP/1.1 404 ");
                }
            }
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    /** Whoever holds all places with incomplete bodies loses the oldest one to the next request. */
    @Test
    void incompleteBodiesAreLimitedInNumber() throws Exception {
        try (CxfOnJetty jetty = CxfOnJetty.withLimits(2, 100);
                Socket oldest = beginBody(jetty, BODY)) {
            jetty.serve(request -> CompletableFuture.completedFuture(TunnelReply.refused()));
            try (Socket second = beginBody(jetty, BODY);
                    Socket third = beginBody(jetty, BODY)) {
                assertThat(answers(oldest, second, third)).containsExactlyInAnyOrder("408", "404", "404");
            }
        }
    }

    /** The same source may go on when one of its bodies has ended. */
    @Test
    void incompleteBodiesOfOneAddressAreLimited() throws Exception {
        try (CxfOnJetty jetty = CxfOnJetty.withLimits(100, 2)) {
            jetty.serve(request -> CompletableFuture.completedFuture(TunnelReply.refused()));
            for (int i = 0; i < 3; i++) {
                try (Socket first = beginBody(jetty, BODY);
                        Socket second = beginBody(jetty, BODY);
                        Socket third = beginBody(jetty, BODY)) {
                    assertThat(answers(first, second, third)).containsExactlyInAnyOrder("503", "404", "404");
                }
            }
        }
    }

    /** Waits for the one answer that comes without a whole body, completes the other bodies, and returns all statuses. */
    private static List<String> answers(Socket... sockets) throws IOException {
        await().atMost(LIMIT)
                .until(() -> Stream.of(sockets).filter(CxfTest::hasAnswer).count() == 1);
        List<String> answers = new ArrayList<>();
        for (Socket socket : sockets) {
            boolean early = hasAnswer(socket);
            if (!early) {
                socket.getOutputStream().write(new byte[BODY - 1]);
            }
            String answer = answer(socket);
            answers.add(answer.split(" ")[1]);
            if (early) {
                assertThat(answer)
                        .containsIgnoringCase("content-length: 0\r\n")
                        .containsIgnoringCase("cache-control: no-store\r\n")
                        .containsIgnoringCase("connection: close\r\n");
            }
        }
        return answers;
    }

    @Test
    void theContextOfTheWebServerMayRestart() throws Exception {
        try (CxfOnJetty jetty = new CxfOnJetty()) {
            jetty.serve(
                    request -> CompletableFuture.completedFuture(TunnelReply.bare(200, List.of(TunnelReply.NO_STORE))));
            for (int i = 0; i < 3; i++) {
                assertThat(post(jetty, "x").statusCode()).isEqualTo(200);
                jetty.restartContext();
            }
            await().atMost(LIMIT).until(() -> post(jetty, "x").statusCode() == 200);
        }
    }

    private HttpResponse<String> post(CxfOnJetty jetty, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(jetty.url() + "/7/w/01"))
                .POST(BodyPublishers.ofString(body))
                .build();
        return client.send(request, BodyHandlers.ofString());
    }

    /** Sends the head of a request and the first byte of its body. */
    private static Socket beginBody(CxfOnJetty jetty, int length) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), jetty.port());
        socket.setSoTimeout((int) LIMIT.toMillis());
        String head = "POST /httun/7/w/01 HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + length + "\r\n\r\nx";
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static boolean hasAnswer(Socket socket) {
        try {
            return socket.getInputStream().available() > 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The head of an answer without a body. */
    private static String answer(Socket socket) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = socket.getInputStream().read();
            assertThat(next).as("end after: %s", head).isNotNegative();
            head.append((char) next);
        }
        return head.toString();
    }
}
