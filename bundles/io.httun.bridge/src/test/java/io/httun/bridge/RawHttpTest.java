// SPDX-License-Identifier: Apache-2.0
package io.httun.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.api.target.Target;
import io.httun.api.target.TargetConnector;
import io.httun.testrig.TunnelRig;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The wire page, line by line. */
class RawHttpTest {
    private final TunnelRig rig = new TunnelRig();
    private final BridgeEnds ends = new BridgeEnds(rig);
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String id = UUID.randomUUID().toString();
    private int port;

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    private void serve(Object... more) {
        port = ends.mount(ends.server(more));
    }

    private HttpResponse<String> ask(String method, String path, String body) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                        .timeout(Duration.ofSeconds(30))
                        .build(),
                BodyHandlers.ofString());
    }

    private int status(String method, String body) throws Exception {
        return ask(method, "/bridge/" + id, body).statusCode();
    }

    @Test
    void opensWritesReadsAndCloses() throws Exception {
        serve();
        assertThat(status("POST", "127.0.0.1:" + rig.echo())).isEqualTo(201);
        assertThat(status("PUT", "hello")).isEqualTo(200);
        HttpResponse<String> answer = ask("GET", "/bridge/any/thing/" + id, "");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("hello");
        assertThat(answer.headers().firstValue("content-encoding")).isEmpty();
        assertThat(status("DELETE", "")).isEqualTo(200);
        assertThat(status("GET", "")).isEqualTo(404);
        assertThat(status("DELETE", "")).isEqualTo(200);
    }

    @Test
    void answersNothingAfterAWhile() throws Exception {
        serve("wait.seconds", 1);
        status("POST", "127.0.0.1:" + rig.echo());
        assertThat(status("GET", "")).isEqualTo(204);
    }

    @Test
    void tellsThatTheTargetClosedOnlyBehindItsBytes() throws Exception {
        serve();
        int target = rig.target(socket -> socket.getOutputStream().write(new byte[1_000_000]));
        assertThat(status("POST", "127.0.0.1:" + target)).isEqualTo(201);
        int got = 0;
        HttpResponse<String> answer = ask("GET", "/bridge/" + id, "");
        while (answer.statusCode() == 200) {
            assertThat(answer.body().length()).isBetween(1, 640 << 10);
            got += answer.body().length();
            answer = ask("GET", "/bridge/" + id, "");
        }
        assertThat(answer.statusCode()).isEqualTo(410);
        assertThat(got).isEqualTo(1_000_000);
        assertThat(status("PUT", "late")).isEqualTo(410);
    }

    @Test
    void refusesWhatIsNoTarget() throws Exception {
        serve();
        assertThat(ask("POST", "/bridge/" + id, "nonsense").statusCode()).isEqualTo(406);
        assertThat(ask("POST", "/bridge/" + id, "127.0.0.1:1").body()).isEqualTo("connection refused");
        assertThat(ask("POST", "/bridge/" + "x".repeat(65), "127.0.0.1:1").statusCode())
                .isEqualTo(404);
        assertThat(ask("POST", "/bridge/" + id, "x".repeat(400)).statusCode()).isEqualTo(406);
        assertThat(ask("OPTIONS", "/bridge/" + id, "").statusCode()).isEqualTo(404);
    }

    @Test
    void anIdThatIsTakenIsNotJoined() throws Exception {
        serve();
        String target = "127.0.0.1:" + rig.echo();
        assertThat(status("POST", target)).isEqualTo(201);
        assertThat(ask("POST", "/bridge/" + id, target).body()).isEqualTo("this id is taken");
        assertThat(status("PUT", "hello")).isEqualTo(200);
        assertThat(ask("GET", "/bridge/" + id, "").body()).isEqualTo("hello");
    }

    @ParameterizedTest
    @CsvSource({"GET,404", "PUT,404", "DELETE,200"})
    void whoGuessesTenIdsIsRefused(String method, int answer) throws Exception {
        serve();
        status("POST", "127.0.0.1:" + rig.echo());
        for (int i = 0; i < 10; i++) {
            assertThat(ask(method, "/bridge/guess" + i, "").statusCode()).isEqualTo(answer);
        }
        assertThat(status("PUT", "hello")).isEqualTo(404);
    }

    @Test
    void answersAPostWhoseConnectionIsDeletedBeforeItIsThere() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        TargetConnector never = new TargetConnector() {
            @Override
            public boolean takesNames() {
                return true;
            }

            @Override
            public Future<Channel> connect(Target target, EventLoop loop) {
                asked.incrementAndGet();
                return loop.newPromise();
            }
        };
        BridgeComponent server =
                new BridgeComponent(rig.loops(), rig.engine(), never, Map.of("name", "test", "filters", "none"));
        rig.closing(server::stop);
        port = ends.mount(server);
        CompletableFuture<HttpResponse<String>> post = http.sendAsync(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/bridge/" + id))
                        .POST(BodyPublishers.ofString("127.0.0.1:1"))
                        .build(),
                BodyHandlers.ofString());
        await().until(() -> asked.get() == 1);
        assertThat(status("DELETE", "")).isEqualTo(200);
        HttpResponse<String> answer = post.get(20, TimeUnit.SECONDS);
        assertThat(answer.statusCode()).isEqualTo(406);
        assertThat(answer.body()).isEqualTo("closed before there was a connection");
    }

    @Test
    void letsOnlyItsSourcesCome() throws Exception {
        serve("sources", "10.0.0.0/8");
        assertThat(status("POST", "127.0.0.1:" + rig.echo())).isEqualTo(404);
    }

    @Test
    void aPutForATargetThatDoesNotReadIsAnsweredInTheEnd() throws Exception {
        serve("wait.seconds", 1);
        CompletableFuture<Void> reads = new CompletableFuture<>();
        CompletableFuture<Long> got = new CompletableFuture<>();
        int target = rig.target(socket -> {
            reads.join();
            got.complete(socket.getInputStream().transferTo(OutputStream.nullOutputStream()));
        });
        status("POST", "127.0.0.1:" + target);
        String much = "x".repeat(500_000);
        long sent = 0;
        long held = 0;
        while (held < TimeUnit.MILLISECONDS.toNanos(900)) {
            long begun = System.nanoTime();
            assertThat(status("PUT", much)).isEqualTo(200);
            held = System.nanoTime() - begun;
            sent += much.length();
        }
        for (int i = 0; i < 3; i++) {
            assertThat(status("PUT", "little")).as("nobody has read yet").isEqualTo(200);
            sent += 6;
        }
        reads.complete(null);
        status("DELETE", "");
        assertThat(got.get(30, TimeUnit.SECONDS)).isEqualTo(sent);
    }
}
