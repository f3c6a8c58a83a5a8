// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.api.status.ConnectionStatus;
import io.httun.listener.RealPrograms.Result;
import io.httun.shell.stdio.StandardStreams;
import io.httun.testpeers.SelfSigned;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real proxy clients with these listeners. */
class RealClientsTest {
    private static final int PARTS = 60;

    private final ListenerRig rig = new ListenerRig("auto");
    private WebTarget web;

    @TempDir
    Path folder;

    @BeforeEach
    void start() throws IOException {
        web = new WebTarget();
    }

    @AfterEach
    void end() throws IOException {
        rig.close();
        web.close();
    }

    private static String at(LocalListener listener) {
        return "127.0.0.1:" + ListenerRig.portOf(listener);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--socks4", "--socks4a", "--socks5", "--socks5-hostname"})
    void curlThroughSocks(String option) {
        LocalListener listener = rig.socks();
        String url = web.url("/page").replace("127.0.0.1", option.equals("--socks4") ? "127.0.0.1" : "localhost");
        assertThat(RealPrograms.curl("-4", option, at(listener), url).ok().output())
                .contains("GET /page");
    }

    @Test
    void curlThroughSocksToAnHttpProxyWithLogins() throws IOException {
        String users = SocksRig.users(folder);
        // Acts as another process: a proxy refuses connections to its own process.
        try (ListenerRig other = new ListenerRig("auto")) {
            LocalListener socks = rig.socks("users.file", users);
            LocalListener http = other.connect("users.file", users);
            assertThat(RealPrograms.curl(
                                    "--preproxy",
                                    "socks5h://ann:secret@" + at(socks),
                                    "-x",
                                    "http://bob:other@" + at(http),
                                    "-p",
                                    web.url("/page"))
                            .ok()
                            .output())
                    .contains("GET /page");
            assertThat(RealPrograms.curl("--socks5", "ann:wrong@" + at(socks), web.url("/page"))
                            .exit())
                    .isNotZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"socks4", "socks5", "http"})
    void proxychains(String kind) throws IOException {
        RealPrograms.need("proxychains4");
        LocalListener listener = kind.equals("http") ? rig.connect() : rig.socks();
        Path file = Files.writeString(
                folder.resolve("proxychains.conf"),
                "strict_chain\nquiet_mode\n[ProxyList]\n" + kind + " 127.0.0.1 " + ListenerRig.portOf(listener) + "\n");
        Result result = RealPrograms.run(
                "proxychains4",
                "-q",
                "-f",
                file.toString(),
                "curl",
                "-sS",
                "-m",
                "30",
                "--noproxy",
                "*",
                web.url("/page"));
        assertThat(result.ok().output()).contains("GET /page");
        assertThat(listener.status().accepted()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"socks5", "http", "https"})
    void chromiumLoadsAPageOfManyParts(String kind) throws Exception {
        RealPrograms.need("chromium");
        SelfSigned own = SelfSigned.make(folder, "own");
        LocalListener listener =
                switch (kind) {
                    case "https" ->
                        rig.connect(
                                "tls.certificate.file",
                                own.certificate().toString(),
                                "tls.key.file",
                                own.key().toString());
                    case "http" -> rig.connect();
                    default -> rig.socks();
                };
        try (WebTarget secure = WebTarget.overTls(own.context())) {
            StringBuilder page = new StringBuilder("<p id=c></p>");
            for (int i = 0; i < PARTS; i++) {
                String url =
                        i % 2 == 0 ? web.url("/script/" + i) : "https://127.0.0.1:" + secure.port() + "/script/" + i;
                page.append("<script src='").append(url).append("'></script>");
            }
            page.append("<script>document.getElementById('c').textContent = 'loaded ' + (window.n || 0)</script>");
            Path file = Files.writeString(folder.resolve("page.html"), page);
            Result result = RealPrograms.run(
                    "chromium",
                    "--headless",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--user-data-dir=" + folder.resolve("profile"),
                    "--ignore-certificate-errors-spki-list="
                            + Base64.getEncoder().encodeToString(own.keySha256()),
                    "--proxy-server=" + kind + "://" + at(listener),
                    "--proxy-bypass-list=<-loopback>",
                    "--virtual-time-budget=20000",
                    "--dump-dom",
                    file.toUri().toString());
            assertThat(result.output()).as(result.errors()).contains("loaded " + PARTS);
            await().until(() -> listener.origin().connections().isEmpty());
            List<String> targets = listener.origin().closedConnections().stream()
                    .map(ConnectionStatus::target)
                    .toList();
            assertThat(targets).as("tunnelled").contains("127.0.0.1:" + secure.port());
            if (kind.equals("https")) {
                assertThat(targets.stream().filter(target -> target.equals("127.0.0.1:" + web.port())))
                        .as("HTTP/2, where each request is a stream")
                        .hasSize(PARTS / 2);
            }
        }
    }

    private static Result streams(List<String> input, String... arguments) {
        String[] command = new String[4 + arguments.length];
        command[0] = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        command[1] = "-cp";
        command[2] = System.getProperty("java.class.path");
        command[3] = StandardStreams.class.getName();
        System.arraycopy(arguments, 0, command, 4, arguments.length);
        return RealPrograms.run(input, command);
    }

    @Test
    void standardStreamsAreAConnection() throws IOException {
        Path login = Files.writeString(folder.resolve("login"), "ann:secret\n");
        String users = SocksRig.users(folder);
        String port = "" + web.port();
        List<String> request = List.of("GET /page HTTP/1.0\r", "\r");
        for (String url : new String[] {
            "http://" + at(rig.connect("users.file", users)), "socks5://" + at(rig.socks("users.file", users))
        }) {
            assertThat(streams(request, url, login.toString(), "localhost", port)
                            .ok()
                            .output())
                    .contains("GET /page");
            assertThat(streams(request, url, "", "localhost", port).errors())
                    .contains(url.startsWith("http") ? "HTTP/1.1 407" : "the proxy requires a login");
        }
        String socks = "socks5://" + at(rig.socks());
        assertThat(streams(request, socks, "", "127.0.0.1", "1").errors())
                .contains("the target refused the connection");
    }

    @Test
    void settingsChangeUnderLoadAndNoConnectionNotices() throws Exception {
        Path users = Path.of(SocksRig.users(folder));
        Map<String, Object> properties = ListenerRig.configuration("users.file", users.toString());
        LocalListener listener = rig.connect("users.file", users.toString());
        int echo = rig.echo();
        AtomicBoolean changing = new AtomicBoolean(true);
        Thread changer = ListenerRig.daemon(() -> {
            for (int i = 0; changing.get(); i++) {
                properties.put("connections.max", 100 + i % 100);
                listener.change(ConnectSettings.read(properties).common());
                Files.writeString(users, Files.readString(users) + "# " + i + "\n");
            }
        });
        String head = "CONNECT 127.0.0.1:" + echo
                + " HTTP/1.1\r\nHost: x\r\nProxy-Authorization: Basic YW5uOnNlY3JldA==\r\n\r\n";
        for (int i = 0; i < 50; i++) {
            try (Socket socket = ListenerRig.dial(listener)) {
                socket.getOutputStream().write((head + "hello").getBytes(StandardCharsets.US_ASCII));
                socket.shutdownOutput();
                assertThat(socket.getInputStream().readAllBytes())
                        .asString()
                        .isEqualTo("HTTP/1.1 200 Connection established\r\n\r\nhello");
            }
        }
        changing.set(false);
        changer.join();
    }
}
