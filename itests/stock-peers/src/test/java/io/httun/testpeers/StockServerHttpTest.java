// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import static io.httun.testpeers.Peers.MOMENT;
import static io.httun.testpeers.Peers.SOON;
import static io.httun.testpeers.Peers.bytes;
import static io.httun.testpeers.Peers.text;
import static io.httun.testpeers.StockOperation.TEST_FROM_SRV;
import static io.httun.testpeers.StockOperation.TEST_TO_SRV;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The HTTP layer of the stock-like server (wire protocol, sections 1 and 8). */
class StockServerHttpTest {

    private static final int OTHER_CHANNEL = 8;

    private StockServer server;
    private StockClient client;
    private StockSession session;
    private StockHttpConnection connection;

    @BeforeEach
    void connect() throws Exception {
        server = Peers.server().channel(OTHER_CHANNEL, Peers.secret(2)).start();
        client = Peers.client(server).build();
        session = client.init();
        connection = client.connect();
    }

    @AfterEach
    void disconnect() throws Exception {
        connection.close();
        session.close();
        server.close();
    }

    @Test
    void initAnswerHasLengthAndType() throws Exception {
        connection.send(client.requestR(client.sealInit()));
        StockReply reply = connection.readReply(SOON);
        assertThat(reply.line()).isEqualTo("HTTP/1.1 200 Ok");
        assertThat(reply.headers())
                .containsExactly(
                        "cache-control: no-store", "content-length: 96", "content-type: application/octet-stream");
        assertThat(reply.body()).hasSize(96);
    }

    @Test
    void writeIsAcknowledgedWithoutLengthOnAConnectionThatStays() throws Exception {
        for (int i = 0; i < 2; i++) {
            connection.send(session.requestW(ping("x")));
            StockReply reply = connection.readHead(SOON);
            assertThat(reply.line()).isEqualTo("HTTP/1.1 200 Ok");
            assertThat(reply.headers()).containsExactly("cache-control: no-store");
        }
        assertThat(connection.isClosedWithin(MOMENT)).isFalse();
    }

    @Test
    void behindAProxyAnEmptyReplyHasALength() throws Exception {
        try (StockServer proxied = Peers.server().emptyLength(true).start();
                StockSession behind = Peers.client(proxied).build().init()) {
            StockReply reply = behind.sendW(behind.sealW(TEST_TO_SRV, bytes("x")));
            assertThat(reply.headers()).containsExactly("cache-control: no-store", "content-length: 0");
        }
    }

    @Test
    void idleReadIs408ThatSaysCloseAndStaysOpen() throws Exception {
        connection.send(session.requestR(session.sealR(TEST_FROM_SRV)));
        StockReply reply = connection.readReply(SOON);
        assertThat(reply.line()).isEqualTo("HTTP/1.1 408 Request Timeout");
        assertThat(reply.headers())
                .containsExactly(
                        "cache-control: no-store",
                        "connection: close",
                        "content-length: 19",
                        "content-type: text/plain");
        assertThat(text(reply.body())).isEqualTo("408 Request Timeout");
        connection.send(session.requestR(session.sealR(TEST_FROM_SRV)));
        assertThat(connection.readReply(SOON).status()).isEqualTo(408);
    }

    @Test
    void readBlocksItsConnection() throws Exception {
        connection.send(session.requestR(session.sealR(TEST_FROM_SRV)));
        await().until(() -> server.busyConnections() == 1);
        connection.send(session.requestW(ping("late")));
        assertThat(connection.readReply(SOON).status()).isEqualTo(408);
        assertThat(connection.readHead(SOON).status()).isEqualTo(200);
        assertThat(text(session.read(TEST_FROM_SRV))).isEqualTo("Pong: late");
    }

    @Test
    void pipelinedRequestIsLost() throws Exception {
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.writeBytes(session.requestW(ping("one")));
        both.writeBytes(session.requestW(ping("two")));
        connection.send(both.toByteArray());
        assertThat(connection.readHead(SOON).status()).isEqualTo(200);
        assertThat(connection.isClosedWithin(MOMENT)).isFalse();
        assertThat(text(session.read(TEST_FROM_SRV))).isEqualTo("Pong: one");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /9/r/AA?m=AA",
                "GET /7/x/AA?m=AA",
                "GET /7/r?m=AA",
                "GET /7/r/AA/BB?m=AA",
                "GET /httun/7/r/AA?m=AA",
                "GET /7/r/A.A?m=AA",
                "GET /7/r/AA",
                "GET /7/r/AA?m=AA",
                "GET /7/r/AA?m",
                "GET /7/r/AA?a=1&b=2&c=3&d=4&e=5&f=6&g=7&h=8&m=AA",
                "HEAD /7/r/AA",
                "PUT /7/w/AA",
                "nonsense"
            })
    void refusedFirstRequestIsClosedWithNothing(String start) throws Exception {
        connection.send(start + " HTTP/1.1\r\n\r\n");
        assertThat(connection.isClosedWithin(SOON)).isTrue();
    }

    @Test
    void badHttpAfterAGoodRequestIs400() throws Exception {
        connection.send(session.requestW(ping("x")));
        connection.readHead(SOON);
        connection.send("GET /" + OTHER_CHANNEL + "/r/AA?m=AA HTTP/1.1\r\n\r\n");
        StockReply reply = connection.readReply(SOON);
        assertThat(reply.line()).isEqualTo("HTTP/1.1 400 Bad Request");
        assertThat(reply.header("connection")).contains("close");
        assertThat(connection.isClosedWithin(SOON)).isTrue();
        assertThat(server.traffic().refusals()).anyMatch(reason -> reason.contains("pinned to 7"));
    }

    @Test
    void laxPathAndQueryAreTaken() throws Exception {
        String message = StockFrame.toBase64(client.sealInit());
        connection.send("GET //7abc//r/AA?a=1&&b=2&c=3&d=4&e=5&f=6&g=7&m=" + message + "#m=x \r\n\r\n");
        assertThat(connection.readReply(SOON).status()).isEqualTo(200);
    }

    @Test
    void refusedWriteIs200First() throws Exception {
        connection.send("POST /7/w/AA HTTP/1.1\r\ncontent-length: 0\r\n\r\n");
        assertThat(connection.readHead(SOON).status()).isEqualTo(200);
        assertThat(connection.isClosedWithin(SOON)).isTrue();
    }

    @Test
    void chunkedBodyIsNotRead() throws Exception {
        connection.send("POST /7/w/AA HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n");
        assertThat(connection.readHead(SOON).status()).isEqualTo(200);
        assertThat(connection.isClosedWithin(SOON)).isTrue();
    }

    @Test
    void largestFrameFitsAndMoreIsDroppedInSilence() throws Exception {
        byte[] largest = new byte[StockFrame.MAX_PAYLOAD];
        session.write(TEST_TO_SRV, largest);
        connection.send("POST /7/w/AA HTTP/1.1\r\ncontent-length: 73728\r\n\r\n");
        assertThat(connection.isClosedWithin(MOMENT)).isFalse();
        connection.send(session.requestW(ping("x")));
        assertThat(connection.readHead(SOON).status()).isEqualTo(200);
    }

    @Test
    void basicAuthIsCheckedOnEveryRequest() throws Exception {
        try (StockServer guarded = Peers.server().basicAuth("user", "word").start()) {
            StockClient known = Peers.client(guarded).basicAuth("user", "word").build();
            try (StockSession open = known.init()) {
                assertThat(open.sendW(open.sealW(TEST_TO_SRV, bytes("x"))).status())
                        .isEqualTo(200);
            }
            for (StockClient stranger : new StockClient[] {
                Peers.client(guarded).build(),
                Peers.client(guarded).basicAuth("user", "wrong").build()
            }) {
                assertThatThrownBy(stranger::init).isInstanceOf(EOFException.class);
            }
        }
    }

    @Test
    void extraHeadersComeSecond() throws Exception {
        try (StockServer decorated = Peers.server().extraHeader("x-one", "1").start()) {
            StockReply reply = Peers.client(decorated).build().sendInit(client.sealInit());
            assertThat(reply.headers().get(0)).isEqualTo("cache-control: no-store");
            assertThat(reply.headers().get(1)).isEqualTo("x-one: 1");
        }
    }

    @Test
    void firstRequestInTimeOrNeverAnswered() throws Exception {
        ServerTiming quick = Peers.SERVER_TIMING.withFirstRequest(Duration.ofMillis(50));
        try (StockServer hasty = Peers.server().timing(quick).start();
                StockHttpConnection late = Peers.client(hasty).build().connect()) {
            assertThat(late.isClosedWithin(MOMENT)).isFalse();
            late.send(client.requestR(client.sealInit()));
            assertThat(late.isClosedWithin(MOMENT)).isFalse();
            assertThat(hasty.traffic().sessions()).isZero();
        }
    }

    @Test
    void endOfTheClientsStreamIs400AfterTheReply() throws Exception {
        connection.send(session.requestR(session.sealR(TEST_FROM_SRV)));
        connection.endOutput();
        assertThat(connection.readReply(SOON).status()).isEqualTo(408);
        assertThat(connection.readReply(SOON).status()).isEqualTo(400);
        assertThat(connection.isClosedWithin(SOON)).isTrue();
    }

    private byte[] ping(String text) throws StockException {
        return session.sealW(TEST_TO_SRV, bytes(text));
    }
}
