// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.fcgi;

import static io.httun.endpoint.fcgi.FcgiClient.begin;
import static io.httun.endpoint.fcgi.FcgiClient.get;
import static io.httun.endpoint.fcgi.FcgiClient.pairs;
import static io.httun.endpoint.fcgi.FcgiClient.post;
import static io.httun.endpoint.fcgi.FcgiClient.record;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.api.tunnel.TunnelRequest;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests and their answers, and the life of the endpoint. */
@Timeout(30)
class FcgiEndpointTest extends FcgiRig {
    @Test
    void handsTheRequestOnAndWritesTheAnswer() throws IOException {
        try (FcgiClient client = connect()) {
            Map<String, String> params = post("/7/w/01", 70_000);
            params.put("HTTP_AUTHORIZATION", "Basic abc");
            params.put("REMOTE_ADDR", "192.0.2.1");
            params.put("REMOTE_PORT", "4711");
            FcgiClient.Answer answer =
                    client.request(1, true, params, new byte[70_000]).answer(1);
            assertThat(answer.status()).isEqualTo("200 OK");
            assertThat(answer.head())
                    .containsEntry("content-length", "7")
                    .containsEntry("content-type", "application/octet-stream")
                    .containsEntry("cache-control", "no-store");
            assertThat(answer.body()).isEqualTo("/7/w/01");
            TunnelRequest request = requests.get(0);
            assertThat(request.method()).isEqualTo("POST");
            assertThat(request.query()).isEqualTo("m=abc");
            assertThat(request.authorization()).isEqualTo("Basic abc");
            assertThat(request.body().readableBytes()).isEqualTo(70_000);
            assertThat(request.body().hasArray()).isTrue();
            assertThat(request.carrier().peer()).isEqualTo("192.0.2.1");
            await().untilAsserted(() -> assertThat(deliveries).containsExactly("written"));
        }
    }

    @Test
    void anAnswerLongerThanARecordArrivesWhole() throws IOException {
        String text = "x".repeat(200_000);
        start();
        serve(request -> CompletableFuture.completedFuture(frame(text)));
        try (FcgiClient client = client()) {
            FcgiClient.Answer answer =
                    client.request(9, true, get("/7/r/01"), NOTHING).answer(9);
            assertThat(answer.body()).isEqualTo(text);
        }
    }

    @Test
    void aConnectionEndsAfterTheAnswerUnlessItIsToBeKept() throws IOException {
        try (FcgiClient client = connect()) {
            for (int i = 0; i < 3; i++) {
                assertThat(client.request(1, true, get("/" + i), NOTHING)
                                .answer(1)
                                .body())
                        .isEqualTo("/" + i);
            }
            assertThat(client.request(1, false, get("/last"), NOTHING).answer(1).body())
                    .isEqualTo("/last");
            assertThat(client.isAtEnd()).isTrue();
        }
    }

    @Test
    void severalRequestsShareAConnection() throws IOException {
        try (FcgiClient client = connect()) {
            client.request(1, true, get("/wait/1"), NOTHING);
            client.write(begin(2, 1, true), record(4, 2, pairs(post("/2", 5)), 0), record(4, 2, NOTHING, 0));
            client.write(record(5, 2, "he".getBytes(US_ASCII), 1));
            client.request(3, true, get("/3"), NOTHING);
            assertThat(client.answer(3).body()).isEqualTo("/3");
            client.write(record(5, 2, "llo".getBytes(US_ASCII), 0), record(5, 2, NOTHING, 0));
            assertThat(client.answer(2).body()).isEqualTo("/2");
            await().until(() -> waiting.size() == 1);
            waiting.get(0).complete(frame("late"));
            assertThat(client.answer(1).body()).isEqualTo("late");
            assertThat(requests.get(2).body().toString(US_ASCII)).isEqualTo("hello");
        }
    }

    @Test
    void aConnectionThatIsGoneEndsTheWait() throws IOException {
        try (FcgiClient client = connect()) {
            client.request(1, true, get("/wait/1"), NOTHING);
            await().until(() -> waitingRequests() == 1);
        }
        await().until(() -> waiting.get(0).isCancelled());
        await().until(() -> waitingRequests() == 0);
    }

    @Test
    void withoutAServerAsksToComeAgain() throws IOException {
        start();
        try (FcgiClient client = client()) {
            FcgiClient.Answer answer =
                    client.request(1, true, get("/7/r/1"), NOTHING).answer(1);
            assertThat(answer.status()).startsWith("503");
            assertThat(answer.head()).containsEntry("retry-after", "1");
        }
    }

    @Test
    void goingAwayAnswersThoseWhoWait() throws IOException {
        try (FcgiClient client = connect()) {
            client.request(1, true, get("/wait/1"), NOTHING);
            client.write(begin(2, 1, true));
            await().until(() -> waitingRequests() == 1);
            endpoint.deactivate();
            assertThat(client.answer(1).status()).startsWith("503");
            assertThat(client.answer(2).status()).startsWith("503");
            assertThat(client.isAtEnd()).isTrue();
            assertThat(waiting.get(0)).isCancelled();
            assertThat(waitingRequests()).isZero();
        }
    }
}
