// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoints;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every endpoint does with requests, answers and refusals. */
@Timeout(60)
abstract class Behaviour extends StockTransfers {
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
        for (int i = 0; i < 10; i++) {
            assertTooLarge(BodyPublishers.ofByteArray(large));
            assertTooLarge(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large)));
        }
        assertThat(requests).isEmpty();
    }

    private void assertTooLarge(BodyPublisher body) throws Exception {
        try {
            HttpResponse<String> reply = send(request("/7/w/0123456789").POST(body));
            if (direct()) {
                assertThat(reply.statusCode()).isEqualTo(413);
                assertThat(reply.body()).isEmpty();
            }
            assertThat(reply.statusCode()).isGreaterThanOrEqualTo(400);
        } catch (IOException e) {
            // A web server may close rather than read all of it.
            assertThat(direct()).as("%s", e).isFalse();
        }
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
}
