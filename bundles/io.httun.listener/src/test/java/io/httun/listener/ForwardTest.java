// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.listener.RealPrograms.Result;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Plain http:// requests through the proxy. */
class ForwardTest {
    private final ListenerRig rig = new ListenerRig("auto");
    private WebTarget web;
    private LocalListener listener;

    @TempDir
    Path folder;

    @BeforeEach
    void start() throws IOException {
        web = new WebTarget();
        listener = rig.connect();
    }

    @AfterEach
    void end() throws IOException {
        rig.close();
        web.close();
    }

    private String proxy() {
        return "http://127.0.0.1:" + ListenerRig.portOf(listener);
    }

    private Result curl(String... arguments) {
        String[] all = new String[arguments.length + 2];
        all[0] = "-x";
        all[1] = proxy();
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        return RealPrograms.curl(all);
    }

    private String raw(String request) throws IOException {
        try (Socket socket = ListenerRig.dial(listener)) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    @Test
    void passesOnWhatIsForTheTargetAndNothingElse() {
        String page = curl(
                        "-H",
                        "Connection: x-hop",
                        "-H",
                        "X-Hop: 1",
                        "-H",
                        "X-End: 2",
                        "-H",
                        "TE: gzip",
                        "-H",
                        "Upgrade: websocket",
                        "-H",
                        "Host: other.test",
                        web.url("/page?a=b"))
                .ok()
                .output();
        assertThat(page)
                .startsWith("GET /page?a=b\n")
                .contains("X-end=[2]", "Via=[1.1 httun-", "Host=[127.0.0.1:" + web.port() + "]")
                .doesNotContain("X-hop", "Proxy-connection", "Te=", "Upgrade", "Connection=");
    }

    @Test
    void answersWithoutHopByHopHeadersAndWithVia() {
        assertThat(curl("-i", web.url("/page")).ok().output())
                .startsWith("HTTP/1.1 200 OK\r\n")
                .containsIgnoringCase("\r\nvia: 1.1 httun-")
                .doesNotContainIgnoringCase("keep-alive");
    }

    @Test
    void keepsBothConnectionsForOneRequestAfterTheOther() {
        String output = curl(
                        "-w",
                        "%{num_connects}\n",
                        web.url("/bytes/10"),
                        "-o",
                        "/dev/null",
                        web.url("/chunked/100000"),
                        "-o",
                        "/dev/null",
                        web.url("/bytes/0"),
                        "-o",
                        "/dev/null",
                        web.url("/none"),
                        "-o",
                        "/dev/null",
                        web.url("/bytes/5"),
                        "-o",
                        "/dev/null")
                .ok()
                .output();
        assertThat(output).isEqualTo("1\n0\n0\n0\n0\n");
        assertThat(web.connections).hasSize(1);
        assertThat(listener.status().accepted()).isEqualTo(1);
    }

    @Test
    void goesToAnotherTargetOnTheSameConnection() throws IOException {
        try (WebTarget other = new WebTarget()) {
            String output = curl(
                            "-w",
                            "%{num_connects}\n",
                            web.url("/bytes/1"),
                            "-o",
                            "/dev/null",
                            other.url("/bytes/1"),
                            "-o",
                            "/dev/null",
                            web.url("/bytes/1"),
                            "-o",
                            "/dev/null")
                    .ok()
                    .output();
            assertThat(output).isEqualTo("1\n0\n0\n");
            assertThat(other.connections).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-0", "--http1.1"})
    void carriesLargeBodiesBothWays(String version) throws IOException {
        Path file = folder.resolve("body");
        Files.write(file, new byte[5_000_000]);
        Path back = folder.resolve("back");
        curl(version, "-T", file.toString(), "-o", back.toString(), web.url("/echo"))
                .ok();
        assertThat(Files.mismatch(file, back)).isEqualTo(-1);
        curl(version, "-o", back.toString(), web.url("/chunked/5000000")).ok();
        assertThat(Files.size(back)).isEqualTo(5_000_000);
    }

    @Test
    void carriesAChunkedUploadThatWaitsForContinue() throws IOException {
        Path file = folder.resolve("body");
        Files.write(file, new byte[300_000]);
        Path back = folder.resolve("back");
        curl(
                        "-H",
                        "Transfer-Encoding: chunked",
                        "-H",
                        "Expect: 100-continue",
                        "-T",
                        file.toString(),
                        "-o",
                        back.toString(),
                        web.url("/echo"))
                .ok();
        assertThat(Files.mismatch(file, back)).isEqualTo(-1);
    }

    @Test
    void answersHeadWithoutABodyAndGoesOn() throws IOException {
        assertThat(curl("-I", web.url("/page"), "--next", "-sS", "-x", proxy(), web.url("/page"))
                        .ok()
                        .output())
                .contains("HTTP/1.1 200", "GET /page");
        int closed;
        try (ServerSocket server = new ServerSocket(0)) {
            closed = server.getLocalPort();
        }
        assertThat(curl("-I", "http://127.0.0.1:" + closed + "/").output())
                .startsWith("HTTP/1.1 502")
                .contains("content-length:");
    }

    @Test
    void servesPipelinedRequestsInTheirOrder() throws IOException {
        String one = "GET " + web.url("/one") + " HTTP/1.1\r\nHost: x\r\n\r\n";
        String two = "GET " + web.url("/two") + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        assertThat(raw(one + one + two)).containsSubsequence("GET /one", "GET /one", "GET /two");
    }

    @Test
    void repeatsARequestWhoseKeptConnectionHasGone() throws IOException {
        int target = rig.target(socket -> {
            socket.getInputStream().readNBytes(10);
            socket.getOutputStream()
                    .write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(StandardCharsets.US_ASCII));
        });
        String url = "http://127.0.0.1:" + target + "/";
        assertThat(curl(url, url, url).ok().output()).isEqualTo("okokok");
    }

    @Test
    void holdsARateAndLosesNothing() throws IOException {
        Path file = folder.resolve("body");
        Files.write(file, new byte[1_000_000]);
        Path back = folder.resolve("back");
        listener = rig.connect("policy", new String[] {"rate.to=4mb/s", "rate.from=4mb/s"});
        curl("-T", file.toString(), "-o", back.toString(), web.url("/echo")).ok();
        assertThat(Files.mismatch(file, back)).isEqualTo(-1);
        int untilItsEnd = rig.target(socket -> {
            String head = "";
            while (!head.endsWith("\r\n\r\n")) {
                head += (char) socket.getInputStream().read();
            }
            socket.getOutputStream().write("HTTP/1.0 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(new byte[1_000_000]);
        });
        curl("-o", back.toString(), "http://127.0.0.1:" + untilItsEnd + "/").ok();
        assertThat(Files.mismatch(file, back)).isEqualTo(-1);
        curl("-o", back.toString(), web.url("/chunked/1000000"), web.url("/bytes/1000000"), "-o", back.toString())
                .ok();
        assertThat(Files.mismatch(file, back)).isEqualTo(-1);
    }

    @Test
    void tellsThatATargetIsNoWebServer() throws IOException {
        int target = rig.target(socket -> socket.getOutputStream().write(new byte[100]));
        assertThat(curl("-i", "http://127.0.0.1:" + target + "/").output()).startsWith("HTTP/1.1 502 Bad Gateway");
    }

    @Test
    void doesNotPassAnAnswerThatWasCutOffForAWholeOne() throws IOException {
        int target = rig.target(socket -> {
            socket.getInputStream().readNBytes(10);
            socket.getOutputStream()
                    .write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf".getBytes(StandardCharsets.US_ASCII));
        });
        assertThat(curl("http://127.0.0.1:" + target + "/").exit()).isNotZero();
    }

    @Test
    void tunnelsAnUpgradeOnlyWhereThatIsChosen() throws IOException {
        int target = rig.target(socket -> {
            String head = "";
            while (!head.endsWith("\r\n\r\n")) {
                head += (char) socket.getInputStream().read();
            }
            boolean wanted = head.toLowerCase(java.util.Locale.ROOT).contains("upgrade: echo");
            String answer = wanted
                    ? "HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: upgrade\r\n\r\n"
                    : "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nplain";
            socket.getOutputStream().write((answer + (wanted ? "early" : "")).getBytes(StandardCharsets.US_ASCII));
            socket.getInputStream().transferTo(socket.getOutputStream());
            socket.shutdownOutput();
        });
        String request = "GET http://127.0.0.1:" + target
                + "/ HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n";
        assertThat(raw(request.replace("upgrade\r\n", "upgrade, close\r\n"))).endsWith("plain");
        listener = rig.connect("forward.upgrade", true);
        try (Socket socket = ListenerRig.dial(listener)) {
            socket.getOutputStream().write((request + "right behind").getBytes(StandardCharsets.US_ASCII));
            String answer = "";
            while (!answer.endsWith("right behind")) {
                answer += (char) socket.getInputStream().read();
            }
            assertThat(answer)
                    .startsWith("HTTP/1.1 101")
                    .containsIgnoringCase("upgrade: echo")
                    .endsWith("earlyright behind");
            socket.getOutputStream().write("more".getBytes(StandardCharsets.US_ASCII));
            socket.shutdownOutput();
            assertThat(socket.getInputStream().readAllBytes()).asString().isEqualTo("more");
        }
    }

    @Test
    void refusesToBeItsOwnTarget() throws IOException {
        int port = ListenerRig.portOf(listener);
        List<String> aliases = List.of(
                "127.0.0.1", "localhost", "LocalHost.", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]", "[::ffff:0.0.0.0]");
        for (String alias : aliases) {
            String authority = alias + ":" + port;
            assertThat(raw("CONNECT " + authority + " HTTP/1.1\r\nHost: x\r\n\r\n"))
                    .as(alias)
                    .startsWith("HTTP/1.1 403");
            assertThat(raw("GET http://" + authority + "/ HTTP/1.1\r\nHost: x\r\n\r\n"))
                    .as(alias)
                    .startsWith("HTTP/1.1 403");
        }
        assertThat(raw("CONNECT 127.1:" + port + " HTTP/1.1\r\nHost: x\r\n\r\n"))
                .as("neither an address nor a DNS name")
                .startsWith("HTTP/1.1 502");
    }

    @Test
    void detectsALoopByVia() throws IOException {
        String page = curl(web.url("/page")).ok().output();
        String via = page.substring(page.indexOf("Via=[") + 5, page.indexOf(']', page.indexOf("Via=[")));
        for (String start : new String[] {"GET " + web.url("/"), "CONNECT 127.0.0.1:" + web.port()}) {
            assertThat(raw(start + " HTTP/1.1\r\nHost: x\r\nVia: 1.0 other, " + via + "\r\n\r\n"))
                    .startsWith("HTTP/1.1 508 Loop Detected");
        }
    }

    @Test
    void asksForALoginAndRemembersIt() throws IOException {
        listener = rig.connect("users.file", SocksRig.users(folder));
        assertThat(curl("-i", web.url("/")).output()).startsWith("HTTP/1.1 407");
        assertThat(curl("-U", "ann:wrong", "-i", web.url("/")).output()).startsWith("HTTP/1.1 407");
        assertThat(curl("-U", "ann:secret", web.url("/a"), web.url("/b")).ok().output())
                .contains("GET /a", "GET /b")
                .doesNotContain("Proxy-auth");
        assertThat(curl("-p", "-U", "ann:secret", web.url("/c")).ok().output()).contains("GET /c");
        for (int i = 0; i < 9; i++) {
            assertThat(curl("-U", "ann:guess" + i, "-i", web.url("/")).output()).startsWith("HTTP/1.1 407");
        }
        assertThat(curl("-U", "ann:guess", "-i", web.url("/")).output())
                .startsWith("HTTP/1.1 429")
                .contains("retry-after: 60");
    }

    @Test
    void asksTheFiltersAgainForAnotherUserOfAKeptConnection() throws IOException {
        listener = rig.connect("users.file", SocksRig.users(folder));
        String request = "GET " + web.url("/page") + " HTTP/1.1\r\nHost: x\r\n";
        String ann = "Proxy-Authorization: Basic YW5uOnNlY3JldA==\r\n\r\n";
        String bob = "Proxy-Authorization: Basic Ym9iOm90aGVy\r\nConnection: close\r\n\r\n";
        assertThat(raw(request + ann + request + ann + request + bob).split("GET /page", -1))
                .hasSize(4);
        assertThat(web.connections).hasSize(2);
    }

    @Test
    void plainRequestsLeadOnlyToThePortsThatAreAllowed() throws IOException {
        String request = "POST http://127.0.0.1:25/ HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";
        assertThat(raw(request)).startsWith("HTTP/1.1 403").contains("http_request_denied");
        listener = rig.connect("forward.ports", "1-24, 26-65535");
        assertThat(raw(request)).startsWith("HTTP/1.1 403");
        assertThat(curl(web.url("/page")).ok().output()).contains("GET /page");
    }

    @Test
    void letsConnectLeadOnlyToThePortsThatAreAllowed() throws IOException {
        listener = rig.connect("bind", "0.0.0.0:0");
        assertThat(raw("CONNECT 127.0.0.1:" + web.port() + " HTTP/1.1\r\nHost: x\r\n\r\n"))
                .startsWith("HTTP/1.1 403");
        listener = rig.connect("bind", "0.0.0.0:0", "connect.ports", "1, " + web.port() + "-65535");
        assertThat(curl("-p", web.url("/page")).ok().output()).contains("GET /page");
    }
}
