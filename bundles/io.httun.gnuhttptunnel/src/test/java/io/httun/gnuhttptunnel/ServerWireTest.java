// SPDX-License-Identifier: Apache-2.0
package io.httun.gnuhttptunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import io.httun.testrig.Programs;
import io.httun.testrig.TunnelRig;
import io.httun.testrig.Vectors;
import io.netty.buffer.ByteBufUtil;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Our server, byte by byte. Some connections need only be there. */
@SuppressWarnings("try")
class ServerWireTest {
    private static final String OPEN = "0100012a";
    private static final String HELLO = "02000568656c6c6f";
    private static final String CLOSE = "46";
    private static final String DISCONNECT = "47";
    private static final String ABORT = "04000561626f7274";

    private final TunnelRig rig = new TunnelRig();
    private final GnuHttptunnelEnds ends = new GnuHttptunnelEnds(rig);
    /** What each of the target's connections got until its end. */
    private final BlockingQueue<String> arrived = new LinkedBlockingQueue<>();

    @TempDir
    Path folder;

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    private int target() throws IOException {
        return rig.target(socket -> {
            ByteArrayOutputStream got = new ByteArrayOutputStream();
            try {
                socket.getInputStream().transferTo(got);
            } finally {
                arrived.add(got.toString(StandardCharsets.US_ASCII));
            }
        });
    }

    private String arrived() throws InterruptedException {
        return arrived.poll(20, TimeUnit.SECONDS);
    }

    private static Socket request(int port, String method, String hex, String... headers) throws IOException {
        Socket socket = TunnelRig.dial(port);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes((method + " /index.html?crap=1 HTTP/1.1\r\nHost: server\r\n" + String.join("", headers) + "\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(ByteBufUtil.decodeHexDump(hex));
        socket.getOutputStream().write(out.toByteArray());
        return socket;
    }

    /** What comes behind the head of an answer, to its end. */
    private static String body(Socket socket) throws IOException {
        skipHead(socket);
        return ByteBufUtil.hexDump(socket.getInputStream().readAllBytes());
    }

    private static void skipHead(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
            int next = in.read();
            assertThat(next).as("a head, got %s", head).isNotNegative();
            head.append((char) next);
        }
        assertThat(head).startsWith("HTTP/1.1 200 OK\r\n");
    }

    /** An end, or a reset where it had not read everything. */
    private static void assertClosed(Socket socket) throws IOException {
        try {
            assertThat(socket.getInputStream().read()).isNegative();
        } catch (SocketException e) {
            assertThat(e).hasMessageContaining("reset");
        }
    }

    @Test
    void treatsEveryMalformedBodyAsRecorded() throws Exception {
        int port = GnuHttptunnelEnds.portOf(ends.server(rig.echo()));
        Vectors.objects(Vectors.load("gnu-httptunnel.json").get("malformed")).forEach(vector -> replay(port, vector));
    }

    private static void replay(int port, JsonObject vector) {
        String body = Vectors.text(vector, "bodyHex");
        String result = Vectors.text(vector, "result");
        try (Socket post = request(port, "POST", OPEN + body);
                Socket get = request(port, "GET", "")) {
            if (result.endsWith("tunnel ends")) {
                // Ours says that it is no ordinary end; a stock client takes both alike.
                assertThat(body(get)).as(body).isEqualTo(ABORT);
            } else {
                skipHead(get);
                String echo = "020001" + body.substring(body.length() - 2);
                assertThat(ByteBufUtil.hexDump(get.getInputStream().readNBytes(4)))
                        .as(body)
                        .isEqualTo(echo);
                post.getOutputStream().write(ByteBufUtil.decodeHexDump(CLOSE));
                assertThat(body(post)).isEmpty();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(body, e);
        }
    }

    /** All of it is there before there is a target. */
    @Test
    void aWholeTunnelInOneSmallPostArrives() throws Exception {
        GnuHttptunnelServer server = ends.server(target());
        int port = GnuHttptunnelEnds.portOf(server);
        try (Socket post = request(port, "POST", OPEN + HELLO + CLOSE);
                Socket get = request(port, "GET", "")) {
            assertThat(arrived()).isEqualTo("hello");
            assertThat(body(get)).isEqualTo(CLOSE);
            assertThat(body(post)).isEmpty();
        }
        assertThat(GnuHttptunnelEnds.lastCause(server)).isEqualTo("closed");
    }

    @ParameterizedTest
    @ValueSource(strings = {OPEN + CLOSE, OPEN + ABORT})
    void aTunnelThatEndsBeforeThereIsATargetLeavesNothingBehind(String body) throws Exception {
        GnuHttptunnelServer server = ends.server(target());
        int port = GnuHttptunnelEnds.portOf(server);
        for (int i = 0; i < 3; i++) {
            try (Socket post = request(port, "POST", body);
                    Socket get = request(port, "GET", "")) {
                assertThat(arrived()).isEmpty();
                assertThat(body(get)).isNotEmpty();
            }
            GnuHttptunnelEnds.lastCause(server);
        }
    }

    @Test
    void manySmallPostsArriveInOrder() throws Exception {
        int port = GnuHttptunnelEnds.portOf(ends.server(target()));
        try (Socket first = request(port, "POST", OPEN + "02000161" + DISCONNECT);
                Socket get = request(port, "GET", "")) {
            skipHead(get);
            for (char letter = 'b'; letter <= 'z'; letter++) {
                request(port, "POST", "020001" + Integer.toHexString(letter) + DISCONNECT)
                        .close();
            }
            try (Socket last = request(port, "POST", CLOSE)) {
                assertThat(arrived()).hasSize(26).isEqualTo("abcdefghijklmnopqrstuvwxyz");
            }
        }
    }

    /** The transport reads on unasked when a client ends its output. */
    @Test
    void bytesThatComeWithTheEndOfAClientStayInOrder() throws Exception {
        GnuHttptunnelServer server = ends.server(target());
        int port = GnuHttptunnelEnds.portOf(server);
        try (Socket post = request(port, "POST", OPEN + HELLO)) {
            await().until(() -> server.listeners().get(0).accepted() == 0);
            post.getOutputStream().write(ByteBufUtil.decodeHexDump("020001" + "21" + CLOSE));
            post.shutdownOutput();
            try (Socket get = request(port, "GET", "")) {
                assertThat(arrived()).isEqualTo("hello!");
                assertThat(body(get)).isEqualTo(CLOSE);
            }
        }
    }

    /** A limit ends the tunnel while a POST's last bytes are read. */
    @Test
    void aLimitThatIsReachedWithinTheLastBytesOfAPostEndsTheTunnel() throws Exception {
        GnuHttptunnelServer server = ends.server(target(), "policy", "bytes=3");
        int port = GnuHttptunnelEnds.portOf(server);
        try (Socket post = request(port, "POST", OPEN);
                Socket get = request(port, "GET", "")) {
            skipHead(get);
            await().until(() -> server.connections().stream()
                    .anyMatch(connection -> connection.state().equals("open")));
            post.getOutputStream().write(ByteBufUtil.decodeHexDump(HELLO + DISCONNECT));
            assertThat(ByteBufUtil.hexDump(get.getInputStream().readAllBytes())).isEqualTo(ABORT);
            assertThat(post.getInputStream().read()).isNegative();
        }
        assertThat(GnuHttptunnelEnds.lastCause(server)).contains("limit of 3 bytes");
    }

    @Test
    void onlyItsSourcesMayCome() throws Exception {
        GnuHttptunnelServer server = ends.server(target(), "sources", "10.0.0.0/8");
        try (Socket socket = TunnelRig.dial(GnuHttptunnelEnds.portOf(server))) {
            assertClosed(socket);
        }
        assertThat(server.listeners().get(0).refused()).isEqualTo(1);
    }

    @Test
    void aSecondTunnelOfTheSameAddressIsRefusedAndTheFirstNoticesNothing() throws Exception {
        int port = GnuHttptunnelEnds.portOf(ends.server(rig.echo()));
        try (Socket post = request(port, "POST", OPEN);
                Socket get = request(port, "GET", "")) {
            skipHead(get);
            try (Socket second = request(port, "POST", OPEN + HELLO);
                    Socket third = request(port, "GET", "")) {
                assertClosed(second);
                assertClosed(third);
            }
            post.getOutputStream().write(ByteBufUtil.decodeHexDump("0200026f6b"));
            assertThat(ByteBufUtil.hexDump(get.getInputStream().readNBytes(5))).isEqualTo("0200026f6b");
        }
    }

    @Test
    void whatContinuesNoTunnelIsClosed() throws Exception {
        int port = GnuHttptunnelEnds.portOf(ends.server(target()));
        try (Socket post = request(port, "POST", HELLO)) {
            assertClosed(post);
        }
        assertThat(arrived).isEmpty();
    }

    @Test
    void halfATunnelIsClosedAfterItsTime() throws Exception {
        int port = GnuHttptunnelEnds.portOf(ends.server(target(), "pair.seconds", 1));
        try (Socket post = request(port, "POST", OPEN + HELLO)) {
            assertClosed(post);
        }
        try (Socket get = request(port, "GET", "")) {
            assertThat(body(get)).isEqualTo(ABORT);
        }
        assertThat(arrived).isEmpty();
    }

    @Test
    void aVanishedClientsTargetIsClosed() throws Exception {
        GnuHttptunnelServer server = ends.server(target(), "idle.seconds", 10);
        int port = GnuHttptunnelEnds.portOf(server);
        try (Socket post = request(port, "POST", OPEN + HELLO);
                Socket get = request(port, "GET", "")) {
            assertThat(arrived()).isEqualTo("hello");
            assertThat(body(get)).endsWith(ABORT);
        }
        await().atMost(Duration.ofSeconds(20)).until(() -> server.connections().isEmpty());
        assertThat(GnuHttptunnelEnds.lastCause(server)).contains("nothing came from the client for 10 s");
    }

    @Test
    void whoGuessesTenPasswordsIsRefusedWithTheRightOneToo() throws Exception {
        try (Programs programs = new Programs(folder)) {
            String file = programs.secret("user:password").toString();
            int port = GnuHttptunnelEnds.portOf(ends.server(rig.echo(), "basic.auth.file", file));
            String right = login("user:password");
            try (Socket get = request(port, "GET", "", right)) {
                skipHead(get);
            }
            for (int i = 0; i < 10; i++) {
                try (Socket get = request(port, "GET", "", login("user:" + i))) {
                    assertClosed(get);
                }
            }
            try (Socket get = request(port, "GET", "", right)) {
                assertClosed(get);
            }
        }
    }

    private static String login(String userAndPassword) {
        return "Authorization: Basic "
                + Base64.getEncoder().encodeToString(userAndPassword.getBytes(StandardCharsets.US_ASCII)) + "\r\n";
    }
}
