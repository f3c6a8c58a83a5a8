// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Replies of old, odd and hostile servers, byte by byte. */
class ForwardReplyEdgesTest extends ForwardEdgesRig {
    @Test
    void passesOnLargeReplyHeads() throws IOException {
        RawWeb web = new RawWeb(rig, "HTTP/1.1 200 OK\r\nX: " + "y".repeat(60_000) + "\r\nContent-Length: 2\r\n\r\nok");
        assertThat(talk(get(web))).contains("y".repeat(60_000)).endsWith("ok");
        RawWeb larger =
                new RawWeb(rig, "HTTP/1.1 200 OK\r\nX: " + "y".repeat(70_000) + "\r\nContent-Length: 2\r\n\r\nok");
        assertThat(talk(get(larger)))
                .startsWith("HTTP/1.1 502")
                .contains("65536 bytes", "error=http_response_header_section_size");
        assertThat(ListenerRig.lastCause(listener)).contains("65536 bytes");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nbo\r\n2\r\ndy\r\n0\r\nX-T: 1\r\n\r\n",
                "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nbody",
                "HTTP/1.0 200 OK\r\n\r\nbody"
            })
    void givesClientsOfHttp10NoChunks(String reply) throws IOException {
        RawWeb web = new RawWeb(rig, reply);
        assertThat(talk("GET " + web.url("/") + " HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"))
                .containsIgnoringCase("connection: close")
                .doesNotContainIgnoringCase("chunked")
                .endsWith("\r\n\r\nbody");
        assertThat(talk(get(web)))
                .containsIgnoringCase("transfer-encoding: chunked")
                .contains("\r\nbo")
                .endsWith("0\r\n" + (reply.contains("X-T") ? "X-T: 1\r\n" : "") + "\r\n");
    }

    @Test
    void keepsInformationFromClientsThatDoNotKnowIt() throws IOException {
        RawWeb web = new RawWeb(rig, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK);
        assertThat(talk("GET " + web.url("/") + " HTTP/1.0\r\nExpect: 100-continue\r\n\r\n"))
                .startsWith("HTTP/1.1 200")
                .endsWith("ok");
        assertThat(web.heads.get(0)).doesNotContainIgnoringCase("expect");
        assertThat(talk(get(web))).startsWith("HTTP/1.1 103").contains("HTTP/1.1 200");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\nX: 1\nContent-Length: 2\n\nok",
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\nX: 1\r\n\r\nok",
                "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\nX: 1\r\n\r\nok",
                "HTTP/1.1 200 OK\r\n"
                        + "X: 1\r\n"
                        + "Transfer-Encoding: chunked\r\n"
                        + "Content-Length: 9\r\n\r\n"
                        + "2\r\n"
                        + "ok\r\n"
                        + "0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nX: 1\r\nTransfer-Encoding: identity\r\nContent-Length: 2\r\n\r\nok",
                "HTTP/1.1 200 OK\r\nX : 1\r\nContent-Length: 2\r\n\r\nok",
                "HTTP/1.1 200\r\nX: 1\r\nContent-Length: 2\r\n\r\nok"
            })
    void passesOnOddReplies(String reply) throws IOException {
        RawWeb web = new RawWeb(rig, reply);
        String replies = talk("GET " + web.url("/") + " HTTP/1.1\r\nHost: x\r\n\r\n" + get(web));
        assertThat(replies.split("HTTP/1.1 200", -1)).as(replies).hasSize(3);
        assertThat(replies).contains("X: 1\r\n");
        assertThat(replies.replace("2\r\nok\r\n0\r\n\r\n", "ok")).endsWith("\r\n\r\nok");
        boolean odd = reply.contains("OK\n")
                || reply.indexOf("Content-Length") != reply.lastIndexOf("Content-Length")
                || reply.contains("2, 2")
                || reply.contains("9\r\n");
        assertThat(web.connections).hasSize(odd ? 2 : 1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|NO_REPLY|connection_terminated",
                "HTTP/1.1 200 OK$X: y|CUT|http_response_incomplete",
                "hello$$|NO_HTTP|http_protocol_error",
                "HTTP/2.0 200 OK$Content-Length: 0$$|NO_HTTP|http_protocol_error",
                "HTTP/1.1 200 OK$Transfer-Encoding: gzip, chunked$$|CODING|http_response_transfer_coding",
                "HTTP/1.1 200 OK$Transfer-Encoding: chunked, gzip$$|CODING|http_response_transfer_coding",
                "HTTP/1.1 101 Switching Protocols$Upgrade: x$$|UPGRADE|http_upgrade_failed"
            })
    void tellsTheCauseOfATargetsFailure(String reply, TargetFault fault, String error) throws IOException {
        int port = rig.target(socket -> {
            RawWeb.head(socket);
            RawWeb.write(socket, reply.replace("$", "\r\n"));
        });
        assertThat(talk("GET http://127.0.0.1:" + port + "/ HTTP/1.1\r\nHost: x\r\n\r\n"))
                .startsWith("HTTP/1.1 502")
                .contains("httun: " + fault.text())
                .containsPattern("proxy-status: httun-[0-9a-f]+; error=" + error);
        assertThat(ListenerRig.lastCause(listener)).isEqualTo(fault.text());
    }

    /** The sizes lie around what the system's buffers take: with one of them some bytes still wait when the reply is complete. */
    @ParameterizedTest
    @ValueSource(ints = {300, 600, 900, 1_200, 1_500, 1_800, 2_100, 2_400, 2_700, 3_000, 3_300, 3_600, 3_900})
    void aSlowClientThatHasEndedItsOutputGetsTheWholeReply(int kilobytes) throws Exception {
        String body = "y".repeat(kilobytes * 1_000);
        CountDownLatch sent = new CountDownLatch(1);
        int port = rig.target(socket -> {
            RawWeb.head(socket);
            RawWeb.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
            sent.countDown();
            RawWeb.head(socket);
        });
        try (Socket socket = dialWithASmallBuffer()) {
            RawWeb.write(socket, "GET http://127.0.0.1:" + port + "/ HTTP/1.1\r\nHost: x\r\n\r\n");
            socket.shutdownOutput();
            // Larger ones leave the target only while the client reads.
            boolean all = sent.await(300, TimeUnit.MILLISECONDS);
            assertThat(RawWeb.readAll(socket)).as("%s", all).endsWith("\r\n\r\n" + body);
        }
    }

    @Test
    void aTargetThatIsNotReadIsNotSilent() throws IOException {
        int length = 8 << 20;
        RawWeb web = new RawWeb(rig, "HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n" + "y".repeat(length));
        listener = rig.connect("policy", new String[] {"idle=2s"});
        try (Socket socket = dialWithASmallBuffer()) {
            RawWeb.write(socket, get(web));
            await().during(Duration.ofSeconds(5))
                    .until(() -> listener.origin().closedConnections().isEmpty());
            assertThat(RawWeb.readAll(socket)).endsWith("\r\n\r\n" + "y".repeat(length));
        }
    }

    @Test
    void aTargetWithoutAReplyHasItsTime() throws IOException {
        RawWeb silent = new RawWeb(rig, "");
        listener = rig.connect("policy", new String[] {"idle=500ms"});
        assertThat(talk(get(silent))).startsWith("HTTP/1.1 504").contains("error=http_response_timeout");
    }

    private Socket dialWithASmallBuffer() throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.setSoTimeout(ListenerRig.READ_MILLIS);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), ListenerRig.portOf(listener)));
        return socket;
    }

    @Test
    void aTargetThatIsHeldBackByARateIsNotSilent() throws IOException {
        String body = "y".repeat(40_000);
        RawWeb web = new RawWeb(rig, "HTTP/1.1 200 OK\r\nContent-Length: 40000\r\n\r\n" + body);
        listener = rig.connect("policy", new String[] {"idle=2s", "rate.from=10kb/s"});
        assertThat(talk(get(web))).endsWith("\r\n\r\n" + body);
    }

    @Test
    void tellsTheCauseOfAFailedConnection() throws IOException {
        int closed;
        try (ServerSocket server = new ServerSocket(0)) {
            closed = server.getLocalPort();
        }
        assertThat(talk("GET http://127.0.0.1:" + closed + "/ HTTP/1.1\r\nHost: x\r\n\r\n"))
                .startsWith("HTTP/1.1 502")
                .contains("error=connection_refused");
        assertThat(talk("CONNECT 127.0.0.1:" + closed + " HTTP/1.1\r\nHost: x\r\n\r\n"))
                .startsWith("HTTP/1.1 502")
                .contains("error=connection_refused");
    }

    @Test
    void headAndStatusDecideThatThereIsNoBody() throws IOException {
        RawWeb head = new RawWeb(rig, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
        assertThat(talk(get(head).replace("GET", "HEAD")))
                .contains("Content-Length: 5\r\n")
                .endsWith("\r\n\r\n");
        RawWeb unmodified = new RawWeb(rig, "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\nETag: a\r\n\r\n");
        assertThat(talk(get(unmodified)))
                .contains("Content-Length: 5\r\n", "ETag: a")
                .endsWith("\r\n\r\n");
        RawWeb none = new RawWeb(rig, "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n");
        assertThat(talk(get(none)))
                .startsWith("HTTP/1.1 204")
                .doesNotContainIgnoringCase("content-length")
                .endsWith("\r\n\r\n");
        RawWeb part = new RawWeb(
                rig, "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 1-2/9\r\nContent-Length: 2\r\n\r\nok");
        assertThat(talk(get(part, "Range: bytes=1-2")))
                .startsWith("HTTP/1.1 206")
                .contains("Content-Range: bytes 1-2/9")
                .endsWith("ok");
        assertThat(part.heads.get(0)).contains("Range: bytes=1-2\r\n");
    }

    /** The server answers the head and closes with the body unread: the kernel sends a reset after the answer. */
    @ParameterizedTest
    @ValueSource(strings = {"plain", "CONNECT", "SOCKS", "port"})
    void anEarlyAnswerArrives(String way) throws Exception {
        String answer = "HTTP/1.1 413 Too Large\r\nContent-Length: 5\r\nConnection: close\r\n\r\nlarge";
        int port = rig.target(socket -> {
            RawWeb.head(socket);
            RawWeb.write(socket, answer);
        });
        LocalListener entry =
                switch (way) {
                    case "SOCKS" -> rig.socks();
                    case "port" -> rig.port(port);
                    default -> listener;
                };
        AtomicInteger arrived = new AtomicInteger();
        for (int i = 0; i < 20; i++) {
            try (Socket socket = ListenerRig.dial(entry)) {
                String path = "/";
                if (way.equals("plain")) {
                    path = "http://127.0.0.1:" + port + "/";
                } else if (way.equals("CONNECT")) {
                    RawWeb.write(socket, "CONNECT 127.0.0.1:" + port + " HTTP/1.1\r\nHost: x\r\n\r\n");
                    RawWeb.head(socket);
                } else if (way.equals("SOCKS")) {
                    socket.getOutputStream().write(new byte[] {4, 1, (byte) (port >> 8), (byte) port, 127, 0, 0, 1, 0});
                    socket.getInputStream().readNBytes(8);
                }
                RawWeb.write(
                        socket,
                        "POST " + path
                                + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 4000000\r\n\r\n");
                ListenerRig.daemon(() -> socket.getOutputStream().write(new byte[4_000_000]));
                String got = RawWeb.readAll(socket);
                if (got.contains("413 Too Large") && got.contains("large")) {
                    arrived.incrementAndGet();
                }
            }
        }
        assertThat(arrived).hasValue(20);
    }

    @Test
    void theRestOfARequestGoesOnAfterAnEarlyReply() throws Exception {
        CountDownLatch replied = new CountDownLatch(1);
        AtomicInteger body = new AtomicInteger();
        int port = rig.target(socket -> {
            RawWeb.head(socket);
            RawWeb.write(socket, OK);
            replied.countDown();
            body.set(socket.getInputStream().readAllBytes().length);
        });
        try (Socket socket = ListenerRig.dial(listener)) {
            RawWeb.write(
                    socket, "POST http://127.0.0.1:" + port + "/ HTTP/1.1\r\nHost: x\r\nContent-Length: 60\r\n\r\n");
            assertThat(RawWeb.readAll(socket)).contains("Connection: close").endsWith("ok");
            replied.await();
            for (int i = 0; i < 6; i++) {
                // More slowly than a lingering close of two seconds would allow.
                await().pollDelay(Duration.ofMillis(500)).until(() -> true);
                RawWeb.write(socket, "0123456789");
            }
        }
        await().untilAsserted(() -> assertThat(body).hasValue(60));
    }

    @Test
    void websocketsAreJoinedWhereThatIsChosen() throws IOException {
        int port = rig.target(socket -> {
            assertThat(RawWeb.head(socket)).contains("Upgrade: websocket\r\n", "Connection: Upgrade\r\n");
            RawWeb.write(
                    socket,
                    "HTTP/1.1 101 Switching Protocols\r\n"
                            + "Upgrade: websocket\r\n"
                            + "Connection: Upgrade\r\n"
                            + "Sec-WebSocket-Accept: s\r\n\r\n"
                            + "early");
            socket.getInputStream().transferTo(socket.getOutputStream());
            socket.shutdownOutput();
        });
        listener = rig.connect("forward.upgrade", true);
        try (Socket socket = ListenerRig.dial(listener)) {
            RawWeb.write(
                    socket,
                    "GET http://127.0.0.1:" + port
                            + "/ HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nmore");
            String got = RawWeb.head(socket);
            while (!got.endsWith("earlymore")) {
                got += (char) socket.getInputStream().read();
            }
            assertThat(got)
                    .startsWith("HTTP/1.1 101")
                    .contains("Sec-WebSocket-Accept: s\r\n")
                    .endsWith("earlymore");
        }
    }
}
