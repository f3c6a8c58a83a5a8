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

import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import io.httun.api.tunnel.TunnelService;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class FcgiEndpointTest {
    private static final byte[] NOTHING = new byte[0];

    private final Loops loops = new Loops();
    private final List<TunnelRequest> requests = new CopyOnWriteArrayList<>();
    private final List<CompletableFuture<TunnelReply>> waiting = new CopyOnWriteArrayList<>();
    private final List<String> deliveries = new CopyOnWriteArrayList<>();
    private FcgiEndpoint endpoint;

    @AfterEach
    void stop() {
        if (endpoint != null) {
            endpoint.deactivate();
        }
        loops.close();
        requests.forEach(request -> request.body().release());
    }

    private void start(String... properties) {
        Map<String, Object> all = new HashMap<>(Map.of("listen", "127.0.0.1:0"));
        for (int i = 0; i < properties.length; i += 2) {
            all.put(properties[i], properties[i + 1]);
        }
        endpoint = new FcgiEndpoint(loops, all);
        endpoint.open();
    }

    private void serve(TunnelService service) {
        endpoint.addService(service, Map.of());
    }

    /** Answers with the path; what begins with /wait waits. */
    private FcgiClient connect() throws IOException {
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

    private FcgiClient client() throws IOException {
        String address = endpoint.endpoints().get(0).address();
        return new FcgiClient(new InetSocketAddress(
                InetAddress.getLoopbackAddress(), Integer.parseInt(address.substring(address.lastIndexOf(':') + 1))));
    }

    private TunnelReply frame(String text) {
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

    private int waitingRequests() {
        return endpoint.endpoints().get(0).waiting();
    }

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
    void aRequestCutIntoSingleBytesIsTheSame() throws IOException {
        try (FcgiClient client = connect()) {
            client.write(begin(1, 1, true));
            for (byte one : pairs(post("/7/w/01", 3))) {
                client.write(record(4, 1, new byte[] {one}, 255));
            }
            client.write(record(4, 1, NOTHING, 9));
            for (byte part : record(5, 1, "abc".getBytes(US_ASCII), 5)) {
                client.write(new byte[] {part});
            }
            client.write(record(5, 1, NOTHING, 0));
            assertThat(client.answer(1).body()).isEqualTo("/7/w/01");
            assertThat(requests.get(0).body().toString(US_ASCII)).isEqualTo("abc");
        }
    }

    @Test
    void tellsItsLimits() throws IOException {
        start("connections.max", "77", "requests.max", "99");
        try (FcgiClient client = connect()) {
            byte[] asked = pairs(
                    Map.of("FCGI_MAX_CONNS", "", "FCGI_MAX_REQS", "", "FCGI_MPXS_CONNS", "", "FCGI_WHATEVER", "x"));
            FcgiClient.Received result = client.write(record(9, 0, asked, 4)).read();
            assertThat(result.type()).isEqualTo(10);
            assertThat(result.id()).isZero();
            Map<String, String> values = new HashMap<>();
            NameValues.read(Unpooled.wrappedBuffer(result.content()), values::put);
            assertThat(values)
                    .containsOnly(
                            Map.entry("FCGI_MAX_CONNS", "77"),
                            Map.entry("FCGI_MAX_REQS", "99"),
                            Map.entry("FCGI_MPXS_CONNS", "1"));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 12, 255})
    void anUnknownManagementRecordIsAnsweredSo(int type) throws IOException {
        try (FcgiClient client = connect()) {
            FcgiClient.Received answer =
                    client.write(record(type, 0, new byte[70], 2)).read();
            assertThat(answer.type()).isEqualTo(11);
            assertThat(answer.content()[0]).isEqualTo((byte) type);
            assertThat(client.request(1, true, get("/1"), NOTHING).answer(1).body())
                    .isEqualTo("/1");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 3, 77})
    void otherRolesAreRefused(int role) throws IOException {
        try (FcgiClient client = connect()) {
            client.write(begin(1, role, true), record(4, 1, pairs(get("/1")), 0), record(5, 1, NOTHING, 0));
            FcgiClient.Answer answer = client.answer(1);
            assertThat(answer.protocolStatus()).isEqualTo(3);
            assertThat(client.request(1, true, get("/again"), NOTHING).answer(1).body())
                    .isEqualTo("/again");
            assertThat(requests).hasSize(1);
        }
    }

    @Test
    void recordsOfUnknownRequestsAndASecondBeginAreIgnored() throws IOException {
        try (FcgiClient client = connect()) {
            client.request(1, true, get("/wait/1"), NOTHING);
            client.write(
                    record(5, 2, new byte[9], 0),
                    record(4, 2, new byte[9], 0),
                    record(2, 2, NOTHING, 0),
                    record(12, 2, new byte[3], 0),
                    record(8, 1, new byte[3], 0),
                    record(6, 0, new byte[3], 0),
                    begin(1, 1, false));
            assertThat(client.request(3, true, get("/3"), NOTHING).answer(3).body())
                    .isEqualTo("/3");
            waiting.get(0).complete(frame("unharmed"));
            assertThat(client.answer(1).body()).isEqualTo("unharmed");
        }
    }

    @Test
    void anAbortEndsThatRequestOnly() throws IOException {
        try (FcgiClient client = connect()) {
            client.request(1, true, get("/wait/1"), NOTHING).request(2, true, get("/wait/2"), NOTHING);
            client.write(begin(3, 1, true), record(4, 3, pairs(post("/3", 99)), 0));
            await().until(() -> waiting.size() == 2);
            assertThat(client.write(record(2, 1, NOTHING, 0)).answer(1).head()).isEmpty();
            assertThat(waiting.get(0)).isCancelled();
            assertThat(client.write(record(2, 3, NOTHING, 0)).answer(3).head()).isEmpty();
            waiting.get(1).complete(frame("here"));
            assertThat(client.answer(2).body()).isEqualTo("here");
            assertThat(waitingRequests()).isZero();
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
    void anotherVersionClosesTheConnection() throws IOException {
        try (FcgiClient client = connect();
                FcgiClient other = client()) {
            other.request(1, true, get("/wait/1"), NOTHING);
            client.write("GET /httun/7/r/1 HTTP/1.1\r\n\r\n".getBytes(US_ASCII));
            assertThat(client.isAtEnd()).isTrue();
            await().until(() -> waiting.size() == 1);
            waiting.get(0).complete(frame("unharmed"));
            assertThat(other.answer(1).body()).isEqualTo("unharmed");
        }
    }

    @Test
    void oversizeAndMalformedParametersFailTheirRequestOnly() throws IOException {
        try (FcgiClient client = connect()) {
            client.write(begin(1, 1, true));
            for (int i = 0; i < 3; i++) {
                client.write(record(4, 1, new byte[30_000], 0));
            }
            client.write(record(4, 1, NOTHING, 0), record(5, 1, NOTHING, 0));
            assertThat(client.answer(1).status()).startsWith("431");
            byte[] longName = {(byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 1, 'a', 'b'};
            client.write(begin(1, 1, true), record(4, 1, longName, 0));
            client.write(record(4, 1, NOTHING, 0), record(5, 1, NOTHING, 0));
            assertThat(client.answer(1).status()).isEqualTo("400 Bad Request");
            assertThat(client.request(1, true, get("/1"), NOTHING).answer(1).body())
                    .isEqualTo("/1");
            assertThat(requests).hasSize(1);
        }
    }

    @Test
    void bodiesLargerThanAnyFrameOrShorterThanSaidAreRefused() throws IOException {
        try (FcgiClient client = connect()) {
            int most = TunnelRequest.MAX_BODY;
            client.request(1, true, post("/7/w/1", most), new byte[most]);
            assertThat(client.answer(1).status()).isEqualTo("200 OK");
            client.request(1, true, post("/7/w/1", most + 1), new byte[most + 1]);
            FcgiClient.Answer tooLarge = client.answer(1);
            assertThat(tooLarge.status()).startsWith("413");
            assertThat(tooLarge.body()).isEmpty();
            client.request(1, true, post("/7/w/1", 10), new byte[9]);
            assertThat(client.answer(1).status()).isEqualTo("404 Not Found");
            assertThat(requests).hasSize(1);
        }
    }

    @Test
    void moreRequestsThanAllowedAreAskedToComeAgain() throws IOException {
        start("requests.max", "2");
        try (FcgiClient client = connect()) {
            client.request(1, true, get("/wait/1"), NOTHING).request(2, true, get("/wait/2"), NOTHING);
            FcgiClient.Answer third =
                    client.request(3, true, get("/3"), NOTHING).answer(3);
            assertThat(third.status()).startsWith("503");
            assertThat(third.head()).containsEntry("retry-after", "1");
            await().until(() -> waiting.size() == 2);
            waiting.get(0).complete(frame("first"));
            assertThat(client.answer(1).body()).isEqualTo("first");
            assertThat(client.request(3, true, get("/3"), NOTHING).answer(3).status())
                    .isEqualTo("200 OK");
        }
    }

    @Test
    void moreConnectionsThanAllowedAreClosed() throws IOException {
        start("connections.max", "1");
        try (FcgiClient client = connect()) {
            assertThat(client.request(1, true, get("/1"), NOTHING).answer(1).body())
                    .isEqualTo("/1");
            try (FcgiClient second = client()) {
                assertThat(second.isAtEnd()).isTrue();
            }
            assertThat(client.request(1, true, get("/2"), NOTHING).answer(1).body())
                    .isEqualTo("/2");
        }
    }

    @Test
    void strangersAreNotListenedTo() throws IOException {
        start("peers", "192.0.2.0/24");
        try (FcgiClient client = connect()) {
            assertThat(client.isAtEnd()).isTrue();
        }
        endpoint.modified(Map.of("listen", "127.0.0.1:0", "peers", "192.0.2.0/24, 127.0.0.1"));
        try (FcgiClient client = client()) {
            assertThat(client.request(1, true, get("/1"), NOTHING).answer(1).body())
                    .isEqualTo("/1");
        }
    }

    @Test
    void whatDoesNotComeWholeIsGivenUp() throws IOException {
        start("receive.timeout.seconds", "1");
        try (FcgiClient client = connect();
                FcgiClient cut = client()) {
            client.request(1, true, get("/wait/1"), NOTHING);
            client.write(begin(2, 1, true), record(4, 2, pairs(post("/2", 9)), 0), record(4, 2, NOTHING, 0));
            cut.write(new byte[] {1, 1, 0});
            assertThat(client.answer(2).status()).startsWith("408");
            assertThat(cut.isAtEnd()).isTrue();
            waiting.get(0).complete(frame("unharmed"));
            assertThat(client.answer(1).body()).isEqualTo("unharmed");
        }
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

    @Test
    void aPortThatEveryoneCanUseIsAProblem() {
        start("listen", "0.0.0.0:0", "peers", "192.0.2.0/24");
        assertThat(endpoint.problems()).isEmpty();
        endpoint.modified(Map.of("listen", "0.0.0.0:0", "peers", "0.0.0.0/0"));
        assertThat(endpoint.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.part()).isEqualTo("endpoint default");
            assertThat(problem.what()).isEqualTo("is open to everyone who can reach 0.0.0.0:0");
            assertThat(problem.remedy()).contains("peers");
        });
        endpoint.modified(Map.of("listen", "127.0.0.1:0", "peers", "any"));
        assertThat(endpoint.problems()).isEmpty();
    }

    @Test
    void parametersThatDoNotEndAreBoundedTogether() throws IOException {
        try (FcgiClient client = connect()) {
            byte[] much = new byte[60_000];
            int requests = (64 << 20) / much.length + 2;
            for (int id = 1; id <= requests; id++) {
                client.write(begin(id, 1, true), record(4, id, much, 0));
            }
            client.write(record(4, requests, NOTHING, 0), record(5, requests, NOTHING, 0));
            assertThat(client.answer(requests).status()).startsWith("503");
        }
    }

    @Test
    void aHeaderAloneTakesNoMemory() {
        UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(false);
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.config().setAllocator(memory);
        channel.pipeline().addLast(new FcgiConnection(new Serving(null, FcgiEndpointSettings.read(Map.of()))));
        channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {1, 9, 0, 0, -1, -1, 0, 0}));
        assertThat(memory.metric().usedHeapMemory()).isLessThan(1_000);
        channel.finishAndReleaseAll();
    }
}
