// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import static io.httun.testpeers.Peers.bytes;
import static io.httun.testpeers.Peers.text;
import static io.httun.testpeers.StockOperation.TEST_FROM_SRV;
import static io.httun.testpeers.StockOperation.TEST_TO_SRV;
import static io.httun.testpeers.StockRequest.Kind.INIT;
import static io.httun.testpeers.StockRequest.Kind.R;
import static io.httun.testpeers.StockRequest.Kind.W;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The wire side of the stock-like client (wire protocol, sections 1, 4 and 8). */
class StockClientTest {

    private StockServer server;
    private StockSession session;

    @BeforeEach
    void connect() throws Exception {
        server = Peers.server().start();
        session = Peers.client(server).build().init();
    }

    @AfterEach
    void disconnect() throws Exception {
        session.close();
        server.close();
    }

    @Test
    void headersInTheStockOrder() throws Exception {
        exchange();
        String host = "host: 127.0.0.1:" + server.port();
        assertThat(last(R).headers()).containsExactly("accept: */*", "cache-control: no-store", host);
        assertThat(last(W).headers())
                .containsExactly(
                        "content-type: application/octet-stream",
                        "accept: */*",
                        "cache-control: no-store",
                        host,
                        "content-length: 52");
    }

    @Test
    void allOptionsInTheStockOrder() throws Exception {
        StockClient client = Peers.client(server)
                .basicAuth("u", "p")
                .userAgent("agent")
                .extraHeader("x-one", "1")
                .build();
        try (StockSession open = client.init()) {
            open.write(TEST_TO_SRV, bytes("ping"));
        }
        assertThat(last(W).headers())
                .containsExactly(
                        "content-type: application/octet-stream",
                        "authorization: Basic dTpw",
                        "accept: */*",
                        "user-agent: agent",
                        "cache-control: no-store",
                        "x-one: 1",
                        "host: 127.0.0.1:" + server.port(),
                        "content-length: 52");
    }

    @Test
    void emptyExtraHeaderTakesAway() throws Exception {
        StockClient client =
                Peers.client(server).extraHeader("cache-control", "").build();
        client.init().close();
        assertThat(last(INIT).header("cache-control")).isEmpty();
    }

    @Test
    void serialsCountByDirectionFromARandomStart() throws Exception {
        exchange();
        exchange();
        for (StockRequest.Kind kind : List.of(R, W)) {
            List<StockRequest> requests = server.traffic().requests(kind);
            assertThat(requests).allMatch(request -> request.serial().matches("[0-9A-F]{10}"));
            long first = Long.parseLong(requests.get(0).serial(), 16);
            long second = Long.parseLong(requests.get(1).serial(), 16);
            assertThat(second).isEqualTo(first + 1 & 0xFF_FFFF_FFFFL);
        }
        assertThat(server.traffic().requests(R).get(0).serial())
                .isNotEqualTo(server.traffic().requests(W).get(0).serial());
    }

    @Test
    void frameOfAnInitIs128Characters() {
        assertThat(last(INIT).line()).matches("GET /7/r/[0-9A-F]{10}\\?m=[A-Za-z0-9_-]{128} HTTP/1.1");
    }

    @Test
    void everyWriteHasItsOwnConnectionAndReadsShareOne() throws Exception {
        for (int i = 0; i < 3; i++) {
            exchange();
        }
        assertThat(connections(W)).isEqualTo(3);
        assertThat(connections(R)).isEqualTo(1);
    }

    @Test
    void writesShareAConnectionWhereTheReplyHasALength() throws Exception {
        try (StockServer proxied = Peers.server().emptyLength(true).start();
                StockSession open = Peers.client(proxied).build().init()) {
            open.write(TEST_TO_SRV, bytes("1"));
            open.write(TEST_TO_SRV, bytes("2"));
            assertThat(proxied.traffic().requests(W))
                    .extracting(StockRequest::connection)
                    .hasSize(2)
                    .containsOnly(2L);
        }
    }

    @Test
    void idleReadsGoOnForEverEachOnANewConnection() throws Exception {
        server.next(R, 4, new Fault.Raw(bytes("HTTP/1.1 408 Idle\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")));
        session.write(TEST_TO_SRV, bytes("x"));
        assertThat(text(session.read(TEST_FROM_SRV))).isEqualTo("Pong: x");
        assertThat(connections(R)).isEqualTo(5);
    }

    @Test
    void emptyReplyToAReadMeansAskAgain() throws Exception {
        server.next(R, 4, new Fault.Raw(bytes("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")));
        session.write(TEST_TO_SRV, bytes("x"));
        assertThat(text(session.read(TEST_FROM_SRV))).isEqualTo("Pong: x");
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 429, 502, 503, 504})
    void writeIsTriedThreeTimes(int status) throws Exception {
        server.next(W, 2, new Fault.Status(status));
        session.write(TEST_TO_SRV, bytes("x"));
        server.next(W, 3, new Fault.Status(status));
        assertThatThrownBy(() -> session.write(TEST_TO_SRV, bytes("x")))
                .isInstanceOf(StockException.class)
                .hasMessageContaining("3 tries");
        assertThat(server.traffic().count(W)).isEqualTo(6);
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 502, 503, 504})
    void readIsTriedThreeTimes(int status) throws Exception {
        session.write(TEST_TO_SRV, bytes("x"));
        server.next(R, 2, new Fault.Status(status));
        assertThat(text(session.read(TEST_FROM_SRV))).isEqualTo("Pong: x");
        server.next(R, 3, new Fault.Status(status));
        assertThatThrownBy(() -> session.read(TEST_FROM_SRV)).hasMessageContaining("3 tries");
    }

    @Test
    void otherStatusEndsTheSession() throws Exception {
        server.next(W, new Fault.Status(500));
        assertThatThrownBy(() -> session.write(TEST_TO_SRV, bytes("x"))).hasMessageContaining("status 500");
        server.next(R, new Fault.Status(404));
        assertThatThrownBy(() -> session.read(TEST_FROM_SRV)).hasMessageContaining("status 404");
    }

    @Test
    void retriedWriteRepeatsItsFrame() throws Exception {
        server.next(W, new Fault.LateStatus(504));
        session.write(TEST_TO_SRV, bytes("x"));
        assertThat(text(session.read(TEST_FROM_SRV))).isEqualTo("Pong: x");
        await().until(() -> server.traffic().refusals().stream()
                .anyMatch(reason -> reason.contains("sequence 0 is at or below the floor")));
    }

    @Test
    void retriedReadHasANewFrame() throws Exception {
        session.write(TEST_TO_SRV, bytes("lost"));
        server.next(R, new Fault.LateStatus(504));
        server.next(R, new Fault.Status(502));
        server.next(R, new Fault.Raw(bytes("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")));
        assertThatThrownBy(() -> {
                    server.next(R, new Fault.Close());
                    session.read(TEST_FROM_SRV);
                })
                .isInstanceOf(EOFException.class);
        assertThat(server.traffic().requests(R))
                .extracting(StockRequest::line)
                .hasSize(4)
                .doesNotHaveDuplicates();
        assertThat(server.traffic().refusals()).noneMatch(reason -> reason.contains("sequence"));
    }

    @Test
    void replyWithARepeatedNumberIsRefused() throws Exception {
        session.write(TEST_TO_SRV, bytes("x"));
        byte[] reply = session.sendR(session.sealR(TEST_FROM_SRV)).body();
        assertThat(text(session.accept(reply, TEST_FROM_SRV).payload())).isEqualTo("Pong: x");
        assertThatThrownBy(() -> session.accept(reply, TEST_FROM_SRV)).hasMessageContaining("floor");
    }

    @Test
    void timeOuts() throws Exception {
        Duration quick = Duration.ofMillis(50);
        CountDownLatch never = new CountDownLatch(1);
        StockClient hasty = Peers.client(server)
                .timing(Peers.CLIENT_TIMING.withInit(quick).withRead(quick).withWrite(quick))
                .build();
        server.next(INIT, new Fault.Hold(never));
        assertThatThrownBy(hasty::init).isInstanceOf(SocketTimeoutException.class);
        try (StockSession open = hasty.init()) {
            server.next(W, new Fault.Hold(never));
            assertThatThrownBy(() -> open.write(TEST_TO_SRV, bytes("x"))).isInstanceOf(SocketTimeoutException.class);
            server.next(R, new Fault.Hold(never));
            assertThatThrownBy(() -> open.read(TEST_FROM_SRV)).isInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void initIsTriedFiveTimesWithNewKeys() throws Exception {
        StockClient client = Peers.client(server).build();
        server.next(INIT, 4, new Fault.Status(503));
        client.init().close();
        server.next(INIT, 5, new Fault.Status(401));
        assertThatThrownBy(client::init).hasMessageContaining("basic auth is needed");
        assertThat(server.traffic().requests(INIT))
                .extracting(StockRequest::line)
                .doesNotHaveDuplicates();
    }

    @Test
    void closedIdleConnectionIsNoticed() throws Exception {
        session.write(TEST_TO_SRV, bytes("x"));
        session.read(TEST_FROM_SRV);
        server.closeIdleConnections();
        session.write(TEST_TO_SRV, bytes("y"));
        assertThat(text(session.read(TEST_FROM_SRV))).isEqualTo("Pong: y");
    }

    @Test
    void lostReplyIsAnError() {
        server.next(W, new Fault.DropReply());
        assertThatThrownBy(() -> session.write(TEST_TO_SRV, bytes("x"))).isInstanceOf(IOException.class);
    }

    @Test
    void chunkedReplyIsRead() throws Exception {
        server.next(
                R,
                new Fault.Raw(bytes("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
                        + "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n")));
        StockReply reply = session.sendR(session.sealR(TEST_FROM_SRV));
        assertThat(text(reply.body())).isEqualTo("abcde");
        assertThat(reply.keepsConnection()).isTrue();
    }

    @Test
    void prefixOfTheUrlIsKept() throws Exception {
        StockClient prefixed = StockClient.builder(
                        URI.create(server.url() + "/some/where/"), Peers.CHANNEL, Peers.SECRET)
                .build();
        assertThat(text(prefixed.requestW(new byte[0]))).startsWith("POST /some/where/7/w/");
    }

    private void exchange() throws Exception {
        session.write(TEST_TO_SRV, bytes("ping"));
        assertThat(text(session.read(TEST_FROM_SRV))).isEqualTo("Pong: ping");
    }

    private StockRequest last(StockRequest.Kind kind) {
        List<StockRequest> requests = server.traffic().requests(kind);
        return requests.get(requests.size() - 1);
    }

    private long connections(StockRequest.Kind kind) {
        return server.traffic().requests(kind).stream()
                .map(StockRequest::connection)
                .distinct()
                .count();
    }
}
