// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class Http1Test {
    private static final String HOST = "Host: h\r\n";
    private final Rig rig = new Rig("head.seconds", 1, "body.seconds", 1, "head.max", 2048, "body.max", 100_000);

    @AfterEach
    void stop() {
        rig.close();
    }

    private static String get(String path) {
        return "GET " + path + " HTTP/1.1\r\n" + HOST + "\r\n";
    }

    private static String post(String path, String body) {
        return "POST " + path + " HTTP/1.1\r\n" + HOST + "content-length: " + body.length() + "\r\n\r\n" + body;
    }

    @Test
    void handsTheRequestOnAsItCame() throws Exception {
        try (Raw raw = rig.raw()) {
            raw.send(
                    "POST /echo?m=a%20b&x=1 HTTP/1.1\r\nhost: h\r\nAuthorization: Basic abc\r\ncontent-length: 3\r\n\r\nxyz");
            assertThat(raw.head().split("\r\n"))
                    .containsExactly(
                            "HTTP/1.1 200 OK",
                            "cache-control: no-store",
                            "content-type: application/octet-stream",
                            "content-length: 20");
            TunnelRequest request = rig.requests.get(0);
            assertThat(request.query()).isEqualTo("m=a%20b&x=1");
            assertThat(request.authorization()).isEqualTo("Basic abc");
            assertThat(request.carrier().peer()).isEqualTo("127.0.0.1");
        }
        await().untilAsserted(() -> assertThat(rig.deliveries).containsExactly("written"));
    }

    @Test
    void keepsTheConnectionAndItsCarrier() throws Exception {
        try (Raw raw = rig.raw()) {
            for (int i = 0; i < 3; i++) {
                assertThat(raw.send(post("/echo?" + i, "b" + i)).reply()).isEqualTo("200 POST " + i + " b" + i);
            }
        }
        assertThat(rig.requests.stream().map(TunnelRequest::carrier).distinct()).hasSize(1);
    }

    @Test
    void answersPipelinedRequestsInTheirOrder() throws Exception {
        try (Raw raw = rig.raw()) {
            raw.send(get("/wait") + post("/echo?1", "one") + get("/echo?2"));
            await().until(() -> rig.requests.size() == 3);
            rig.late.get(0).complete(rig.reply("late".getBytes()));
            assertThat(List.of(raw.reply(), raw.reply(), raw.reply()))
                    .containsExactly("200 late", "200 POST 1 one", "200 GET 2 ");
        }
    }

    @Test
    void takesBoundedlyManyRequestsAtOnceAndTheRestLater() throws Exception {
        try (Raw raw = rig.raw()) {
            raw.send(get("/wait").repeat(100));
            await().until(() -> rig.late.size() == 16);
            for (int i = 0; i < 100; i++) {
                int next = i;
                await().until(() -> rig.late.size() > next);
                assertThat(rig.late.size() - next).isLessThanOrEqualTo(16);
                rig.late.get(i).complete(rig.reply(Integer.toString(i).getBytes()));
                assertThat(raw.reply()).isEqualTo("200 " + i);
            }
        }
    }

    @Test
    void takesChunkedBodies() throws Exception {
        try (Raw raw = rig.raw()) {
            raw.send("PUT /echo HTTP/1.1\r\n" + HOST
                    + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n");
            assertThat(raw.reply()).isEqualTo("200 PUT  abcde");
            assertThat(raw.send(get("/echo?next")).reply()).isEqualTo("200 GET next ");
        }
    }

    @Test
    void takesTheAbsoluteForm() throws Exception {
        try (Raw raw = rig.raw()) {
            assertThat(raw.send(get("http://other.example/echo?a")).reply()).isEqualTo("200 GET a ");
        }
    }

    @Test
    void saysContinueToWhoWaitsForIt() throws Exception {
        try (Raw raw = rig.raw()) {
            raw.send("POST /echo HTTP/1.1\r\n" + HOST + "Expect: 100-continue\r\ncontent-length: 2\r\n\r\n");
            assertThat(raw.head()).isEqualTo("HTTP/1.1 100 Continue");
            assertThat(raw.send("ok").reply()).isEqualTo("200 POST  ok");
        }
    }

    @Test
    void http10ClosesUnlessAskedNotTo() throws Exception {
        try (Raw raw = rig.raw()) {
            raw.send("GET /echo?1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
            assertThat(raw.head()).contains("connection: keep-alive");
            assertThat(raw.send("GET /echo?2 HTTP/1.0\r\n\r\n").rest()).contains("connection: close", "GET 2");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"OPTIONS", "PATCH", "TRACE", "FROBNICATE", "HEAD"})
    void otherMethodsGetTheOneFace(String method) throws Exception {
        try (Raw raw = rig.raw()) {
            assertThat(raw.send(method + " /echo HTTP/1.1\r\n" + HOST + "\r\n").head())
                    .isEqualTo("HTTP/1.1 404 Not Found\r\ncache-control: no-store\r\ncontent-length: 0");
        }
        assertThat(rig.requests).isEmpty();
    }

    /** RFC 9112: shapes that two programs on the way could read in two ways. */
    static List<String> smuggling() {
        String post = "POST /echo HTTP/1.1\r\n" + HOST;
        return List.of(
                post + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                post + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
                post + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
                post + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
                post + "Content-Length: 3, 3\r\n\r\nabc",
                post + "Content-Length: +3\r\n\r\nabc",
                post + "Content-Length: -3\r\n\r\nabc",
                post + "Content-Length: 0x3\r\n\r\nabc",
                post + "Content-Length: 3 3\r\n\r\nabc",
                post + "Content-Length:\r\n\r\nabc",
                post + "Content-Length: 99999999999999999999\r\n\r\nabc",
                post + "Transfer-Encoding: identity\r\n\r\nabc",
                post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
                post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
                post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
                post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
                post + "Transfer-Encoding:\u000bchunked\r\n\r\n0\r\n\r\n",
                post + "Content-Length : 3\r\n\r\nabc",
                post + "Content Length: 3\r\n\r\nabc",
                post + " Content-Length: 3\r\n\r\nabc",
                post + "X: a\r\n folded\r\nContent-Length: 0\r\n\r\n",
                post + "X: a\r\n\tfolded\r\nContent-Length: 0\r\n\r\n",
                post + "No colon here\r\n\r\n",
                post + ": no name\r\n\r\n",
                post + "X: a\rb\r\n\r\n",
                post + "X: a\u0000b\r\n\r\n",
                "POST /echo HTTP/1.1\nHost: h\nContent-Length: 0\n\n",
                "POST /echo HTTP/1.1\r\nHost: h\nContent-Length: 0\r\n\r\n",
                "POST /echo HTTP/1.1\r\n\r\n",
                post + HOST + "Content-Length: 0\r\n\r\n",
                " POST /echo HTTP/1.1\r\n" + HOST + "\r\n",
                "POST  /echo HTTP/1.1\r\n" + HOST + "\r\n",
                "POST\t/echo HTTP/1.1\r\n" + HOST + "\r\n",
                "POST /echo  HTTP/1.1\r\n" + HOST + "\r\n",
                "POST /echo HTTP/1.1 \r\n" + HOST + "\r\n",
                "POST /ec ho HTTP/1.1\r\n" + HOST + "\r\n",
                "POST /\u00e9 HTTP/1.1\r\n" + HOST + "\r\n",
                "POST /echo\r\n" + HOST + "\r\n",
                "\u0000POST /echo HTTP/1.1\r\n" + HOST + "\r\n",
                "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "GET /echo HTTP/1.1\r\n" + HOST + "Sec-WebSocket-Key1: 1\r\nSec-WebSocket-Key2: 2\r\n\r\n",
                "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\r\n\r\n");
    }

    @ParameterizedTest
    @MethodSource("smuggling")
    void ambiguousRequestsAreRefusedAndNothingAfterThemIsRead(String shape) throws Exception {
        try (Raw raw = rig.raw()) {
            raw.send(get("/echo?before"));
            assertThat(raw.reply()).isEqualTo("200 GET before ");
            String rest = raw.send(shape + get("/echo?smuggled")).rest();
            assertThat(rest).startsWith("HTTP/1.1 400 Bad Request\r\n").contains("connection: close");
            assertThat(rest).doesNotContain("200 OK");
        }
        assertThat(rig.requests.stream().map(TunnelRequest::query)).containsExactly("before");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "zz\r\nabc\r\n0\r\n\r\n",
                "0x3\r\nabc\r\n0\r\n\r\n",
                "-3\r\nabc\r\n0\r\n\r\n",
                "3\nabc\r\n0\r\n\r\n",
                "3\r\nabcX\r\n0\r\n\r\n",
                "3\r\nabc\n0\r\n\r\n",
                "3;a\nb\r\nabc\r\n0\r\n\r\n",
                " 3\r\nabc\r\n0\r\n\r\n",
                "ffffffffffffffff3\r\nabc\r\n0\r\n\r\n",
                "\r\nabc\r\n0\r\n\r\n"
            })
    void ambiguousChunksAreRefused(String chunks) throws Exception {
        try (Raw raw = rig.raw()) {
            String rest = raw.send("POST /echo HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n" + chunks
                            + get("/echo?smuggled"))
                    .rest();
            assertThat(rest).startsWith("HTTP/1.1 400 Bad Request\r\n").doesNotContain("200 OK");
        }
        assertThat(rig.requests).isEmpty();
    }

    @Test
    void aHeadThatIsTooLargeGets431() throws Exception {
        String large = "x".repeat(2100);
        try (Raw raw = rig.raw()) {
            assertThat(raw.send(get("/" + large)).rest())
                    .startsWith("HTTP/1.1 431 ")
                    .contains("connection: close");
        }
        try (Raw raw = rig.raw()) {
            assertThat(raw.send("GET / HTTP/1.1\r\nx: " + large + "\r\n\r\n").rest())
                    .startsWith("HTTP/1.1 431 ");
        }
        try (Raw raw = rig.raw()) {
            assertThat(raw.send("GET / HTTP/1.1\r\n" + "x: y\r\n".repeat(600)).rest())
                    .startsWith("HTTP/1.1 431 ");
        }
    }

    @Test
    void aBodyThatIsTooLargeGets413() throws Exception {
        try (Raw raw = rig.raw()) {
            assertThat(raw.send(post("/echo", "x".repeat(100_001))).rest())
                    .startsWith("HTTP/1.1 413 ")
                    .contains("connection: close");
        }
        try (Raw raw = rig.raw()) {
            String chunk = "8000\r\n" + "x".repeat(0x8000) + "\r\n";
            assertThat(raw.send("POST /echo HTTP/1.1\r\n" + HOST + "transfer-encoding: chunked\r\n\r\n"
                                    + chunk.repeat(4))
                            .rest())
                    .startsWith("HTTP/1.1 413 ");
        }
        try (Raw raw = rig.raw()) {
            assertThat(raw.send(post("/bulk", "x".repeat(100_000))).reply()).hasSize(100_004);
        }
        assertThat(rig.requests).isEmpty();
    }

    @Test
    void headsAndBodiesThatAreTooSlowGet408() throws Exception {
        try (Raw raw = rig.raw()) {
            assertThat(raw.send("GET / HTTP/1.1\r\nHost: ").rest())
                    .startsWith("HTTP/1.1 408 ")
                    .contains("connection: close");
        }
        try (Raw raw = rig.raw()) {
            assertThat(raw.send("POST / HTTP/1.1\r\nHost: h\r\ncontent-length: 5\r\n\r\nab")
                            .rest())
                    .startsWith("HTTP/1.1 408 ");
        }
        try (Raw raw = rig.raw()) {
            assertThat(raw.rest()).as("who says nothing at all").isEmpty();
        }
    }

    @Test
    void wrongExpectationsAndVersionsAreNamed() throws Exception {
        try (Raw raw = rig.raw()) {
            assertThat(raw.send("GET / HTTP/1.1\r\n" + HOST + "Expect: miracle\r\n\r\n")
                            .rest())
                    .startsWith("HTTP/1.1 417 ");
        }
        try (Raw raw = rig.raw()) {
            assertThat(raw.send("GET / HTTP/1.2\r\n" + HOST + "\r\n").rest()).startsWith("HTTP/1.1 505 ");
        }
    }

    @Test
    void whoGoesAwayIsNoLongerWaitedFor() throws Exception {
        try (Raw raw = rig.raw()) {
            raw.send(get("/wait"));
            await().until(() -> rig.status(0).waiting() == 1);
        }
        await().until(() -> rig.late.get(0).isCancelled());
        assertThat(rig.status(0).waiting()).isZero();
    }

    @Test
    void aReplyThatNobodyTakesAnyMoreIsReportedAsFailed() throws Exception {
        try (Raw raw = rig.raw()) {
            raw.send(get("/wait") + get("/echo"));
            await().until(() -> rig.requests.size() == 2);
        }
        await().untilAsserted(() -> assertThat(rig.deliveries).containsExactly("failed"));
    }

    @Test
    void withoutAServerAsksToComeAgain() throws Exception {
        rig.endpoint.removeService(rig);
        assertThat(rig.status(0).state()).isEqualTo("no server");
        try (Raw raw = rig.raw()) {
            assertThat(raw.send(get("/echo")).head())
                    .startsWith("HTTP/1.1 503 ")
                    .contains("retry-after: 1");
        }
    }

    @Test
    void goingAwayAnswersThoseWhoWaitAndClosesWithinFiveSeconds() throws Exception {
        try (Raw waiting = rig.raw();
                Raw idle = rig.raw();
                Raw half = rig.raw()) {
            idle.send(get("/echo")).reply();
            waiting.send(get("/wait"));
            half.send(post("/echo", "x".repeat(1000)).substring(0, 500));
            await().until(() -> rig.status(0).waiting() == 1);
            long begin = System.nanoTime();
            rig.close();
            assertThat(System.nanoTime() - begin).isLessThan(5_000_000_000L);
            assertThat(waiting.rest()).startsWith("HTTP/1.1 503 ").contains("retry-after: 1", "connection: close");
            assertThat(half.rest()).startsWith("HTTP/1.1 503 ");
            assertThat(idle.rest()).isEmpty();
        }
        assertThat(rig.late.get(0)).isCancelled();
        assertThat(TunnelReply.unavailable().body().refCnt()).isPositive();
    }
}
