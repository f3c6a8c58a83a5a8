// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.api.target.RefusedException.Cause;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectListenerTest {
    private static final String ESTABLISHED = "HTTP/1.1 200 Connection established\r\n\r\n";

    private final ListenerRig rig = new ListenerRig("auto");

    @AfterEach
    void end() throws IOException {
        rig.close();
    }

    private static String connect(String target, String... headers) {
        return "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n" + String.join("", headers) + "\r\n";
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String read(Socket socket, int bytes) throws IOException {
        return new String(socket.getInputStream().readNBytes(bytes), StandardCharsets.US_ASCII);
    }

    private static String exchange(LocalListener listener, String sent) throws IOException {
        try (Socket socket = ListenerRig.dial(listener)) {
            write(socket, sent);
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "localhost"})
    void connects(String host) throws IOException {
        int echo = rig.echo();
        try (Socket socket = ListenerRig.dial(rig.connect())) {
            write(socket, connect(host + ":" + echo));
            assertThat(read(socket, ESTABLISHED.length())).isEqualTo(ESTABLISHED);
            write(socket, "hello");
            assertThat(read(socket, 5)).isEqualTo("hello");
        }
    }

    @Test
    void losesNothingOfWhatComesRightBehindTheRequest() throws IOException {
        int echo = rig.echo();
        try (Socket socket = ListenerRig.dial(rig.connect())) {
            write(socket, connect("127.0.0.1:" + echo) + "early bird");
            socket.shutdownOutput();
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                    .isEqualTo(ESTABLISHED + "early bird");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "DENIED, 403",
        "UNRESOLVED, 502",
        "UNREACHABLE, 502",
        "CONNECTION_REFUSED, 502",
        "FAILED, 502",
        "TIMED_OUT, 504",
        "OVERLOADED, 503",
        "UNAVAILABLE, 503"
    })
    void answersSayWhy(Cause cause, String status) throws IOException {
        rig.connector = ListenerRig.failing(cause);
        assertThat(exchange(rig.connect(), connect("a.test:443")))
                .startsWith("HTTP/1.1 " + status)
                .contains("connection: close")
                .doesNotContain("a.test");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CONNECT\r\n\r\n",
                "\u0016\u0003\u0001\u0002\r\n\r\n",
                "CONNECT nowhere HTTP/1.1\r\n\r\n",
                "CONNECT a.test:0 HTTP/1.1\r\n\r\n",
                "CONNECT a.test:70000 HTTP/1.1\r\n\r\n",
                "CONNECT http://a.test/ HTTP/1.1\r\n\r\n",
                "CONNECT a.test:65536 HTTP/1.1\r\n\r\n",
                "CONNECT user:pass@a.test:443 HTTP/1.1\r\n\r\n",
                "CONNECT a.test:443/path HTTP/1.1\r\n\r\n",
                "CONNECT a.test:443 HTTP/1.1\r\nhost: a.test:443\r\nhost: b.test:443\r\n\r\n",
                "GET / HTTP/1.1\r\nhost: a.test\r\n\r\n",
                "GET https://a.test/ HTTP/1.1\r\nhost: a.test\r\n\r\n",
                "GET http:///path HTTP/1.1\r\nhost: a.test\r\n\r\n",
                "CONNECT a.test:1 HTTP/1.1\r\ncontent-length: 5\r\n\r\n",
                "CONNECT a.test:1 HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n"
            })
    void refusesMalformedRequests(String request) throws IOException {
        LocalListener listener = rig.connect();
        assertThat(exchange(listener, request)).startsWith("HTTP/1.1 400");
        assertThat(listener.status().refused()).isEqualTo(1);
    }

    @Test
    void refusesOtherMethods() throws IOException {
        assertThat(exchange(rig.connect("forward", false), "GET http://a.test/ HTTP/1.1\r\nhost: a.test\r\n\r\n"))
                .startsWith("HTTP/1.1 405")
                .contains("allow: CONNECT");
    }

    @Test
    void refusesTooLargeRequestsAndStillTellsSo() throws IOException {
        LocalListener listener = rig.connect();
        assertThat(exchange(listener, connect("a.test:1", "x: " + "y".repeat(100_000) + "\r\n")))
                .startsWith("HTTP/1.1 431");
        assertThat(exchange(listener, connect("a".repeat(9 << 10) + ":1"))).startsWith("HTTP/1.1 414");
    }

    @Test
    void saysWhetherThereAreTooManyConnectionsOrTooManyOfOneSource() throws IOException {
        LocalListener full = rig.connect("connections.max", 1);
        LocalListener crowded = rig.connect("policy", "per.source=1");
        try (Socket first = ListenerRig.dial(full);
                Socket second = ListenerRig.dial(crowded)) {
            await().until(() -> full.origin().open() == 1 && crowded.origin().open() == 1);
            assertThat(first.isConnected() && second.isConnected()).isTrue();
            assertThat(exchange(full, connect("a.test:1")))
                    .startsWith("HTTP/1.1 503")
                    .contains("retry-after");
            assertThat(exchange(crowded, connect("a.test:1"))).startsWith("HTTP/1.1 429");
        }
    }

    @Test
    void countsTheSourceBehindAProxyThatNamesIt() throws IOException {
        LocalListener listener = rig.connect("proxy.protocol", true, "policy", "per.source=1");
        try (Socket first = ListenerRig.dial(listener)) {
            write(first, "PROXY TCP4 192.0.2.1 192.0.2.9 1 2\r\n");
            await().until(() -> listener.origin().open() == 1);
            assertThat(exchange(listener, "PROXY TCP4 192.0.2.1 192.0.2.9 3 4\r\n" + connect("a.test:1")))
                    .startsWith("HTTP/1.1 429");
            assertThat(exchange(listener, "PROXY TCP4 192.0.2.2 192.0.2.9 5 6\r\n" + connect("127.0.0.1:1")))
                    .startsWith("HTTP/1.1 502");
        }
    }

    @Test
    void endsASlowNegotiation() throws IOException {
        assertThat(exchange(rig.connect("negotiation.seconds", 1), "CONNECT a.test:1 HTTP/1.1\r\nx:"))
                .startsWith("HTTP/1.1 408");
    }

    @Test
    void asksForUserAndPassword(@TempDir Path directory) throws IOException {
        int echo = rig.echo();
        LocalListener listener = rig.connect("users.file", SocksRig.users(directory));
        String target = "127.0.0.1:" + echo;
        assertThat(exchange(listener, connect(target)))
                .startsWith("HTTP/1.1 407")
                .contains("proxy-authenticate: Basic realm=\"httun\"");
        assertThat(exchange(listener, connect(target, login("ann:wrong")))).startsWith("HTTP/1.1 407");
        try (Socket socket = ListenerRig.dial(listener)) {
            write(socket, connect(target, login("ann:secret")));
            assertThat(read(socket, ESTABLISHED.length())).isEqualTo(ESTABLISHED);
        }
    }

    private static String login(String pair) {
        return "Proxy-Authorization: basic "
                + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.US_ASCII)) + "\r\n";
    }
}
