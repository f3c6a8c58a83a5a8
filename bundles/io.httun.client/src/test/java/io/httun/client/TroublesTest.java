// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import io.httun.api.status.Problem;
import io.httun.connector.upstream.UpstreamOverDirect;
import io.httun.testpeers.ProxyProgram;
import io.httun.testrig.ServerUnderTest;
import io.httun.toolkit.status.Trouble;
import io.httun.toolkit.tls.ClientTls;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each state that keeps a client from its server is caused here, and its text read in status, log and health. */
@Timeout(120)
class TroublesTest {
    /** Three rounds of tries on a loaded machine. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final WayOut BY_PROXY = new WayOut("(name=corp)", false, true, true);

    @TempDir
    Path folder;

    private final Fixture fixture = new Fixture();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private final PrintStream err = System.err;
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private TunnelClient client;

    @BeforeEach
    void listen() {
        System.setErr(new PrintStream(log, true, UTF_8));
    }

    @AfterEach
    void close() throws Exception {
        System.setErr(err);
        client.close();
        await().until(client::isIdle);
        for (AutoCloseable each : opened) {
            each.close();
        }
        fixture.close();
    }

    private <T extends AutoCloseable> T open(T part) {
        opened.add(0, part);
        return part;
    }

    private TestEndpoint endpoint(int channel, String secret, SslContext tls) {
        Surroundings crypto = fixture.surroundings();
        ServerUnderTest server = open(new ServerUnderTest(
                fixture, crypto.cipher().get(), crypto.agreement().get(), channel, secret));
        return open(new TestEndpoint(fixture, server.service(), tls));
    }

    private TestEndpoint endpoint() {
        return endpoint(Fixture.CHANNEL, Fixture.SECRET, null);
    }

    private void shows(Trouble trouble, String url) {
        shows(trouble, Fixture.settings(url));
    }

    private void shows(Trouble trouble, ClientSettings settings) {
        client = new TunnelClient(settings, fixture.surroundings());
        client.start();
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(client.status().state())
                .startsWith("unreachable: tunnel home: ")
                .contains(trouble.what())
                .endsWith(" -> " + trouble.remedy()));
        String text = client.status().state().substring("unreachable: ".length());
        await().untilAsserted(() -> assertThat(log.toString(UTF_8)).contains("Client: " + text));
        Problem problem = Trouble.problem("client home", client.status().state(), "-");
        assertThat(problem.what()).contains(trouble.what());
        assertThat(problem.remedy()).isEqualTo(trouble.remedy());
    }

    @Test
    void wrongSecret() {
        shows(
                Trouble.NOT_ACCEPTED,
                endpoint(Fixture.CHANNEL, Fixture.SECRET.replace("00", "99"), null)
                        .url());
    }

    @Test
    void wrongChannel() {
        shows(
                Trouble.NOT_ACCEPTED,
                endpoint(Fixture.CHANNEL + 1, Fixture.SECRET, null).url());
    }

    @Test
    void wrongPath() {
        TestEndpoint endpoint = endpoint();
        endpoint.away = true;
        shows(Trouble.WRONG_PATH, endpoint.url());
    }

    @Test
    void serverDown() throws IOException {
        ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        free.close();
        shows(Trouble.SERVER_DOWN, "http://127.0.0.1:" + free.getLocalPort());
    }

    @Test
    void notReady() {
        TestEndpoint endpoint = endpoint();
        endpoint.unavailable = 100;
        shows(Trouble.NOT_READY, endpoint.url());
    }

    @Test
    void drained() {
        Surroundings crypto = fixture.surroundings();
        ServerUnderTest server = open(new ServerUnderTest(
                fixture, crypto.cipher().get(), crypto.agreement().get(), Fixture.CHANNEL, Fixture.SECRET));
        server.drain().drain(Duration.ofHours(1));
        shows(
                Trouble.DRAINING,
                open(new TestEndpoint(fixture, server.service(), null)).url());
    }

    @Test
    void nameNotFound() {
        shows(Trouble.NAME_NOT_FOUND, "http://tunnel.test");
    }

    @Test
    void closedWithoutAnAnswer() throws IOException {
        ServerSocket rude = open(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
        Thread closing = new Thread(() -> {
            try {
                while (true) {
                    rude.accept().close();
                }
            } catch (IOException e) {
                // The test is over.
            }
        });
        closing.setDaemon(true);
        closing.start();
        client = new TunnelClient(Fixture.settings("http://127.0.0.1:" + rude.getLocalPort()), fixture.surroundings());
        client.start();
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(client.status().state())
                .satisfiesAnyOf(
                        state -> assertThat(state).contains(Trouble.CLOSED.what(), Trouble.CLOSED.remedy()),
                        state -> assertThat(state).contains("reset")));
    }

    @Test
    void captivePortal() throws IOException {
        shows(Trouble.LOGIN_PAGE, "http://127.0.0.1:" + page(200).getAddress().getPort());
    }

    @Test
    void webServerDemandsALogin() throws IOException {
        shows(Trouble.SERVER_LOGIN, "http://127.0.0.1:" + page(401).getAddress().getPort());
    }

    @Test
    void captivePortalByItsStatus() throws IOException {
        shows(Trouble.LOGIN_PAGE, "http://127.0.0.1:" + page(511).getAddress().getPort());
    }

    private HttpServer page(int status) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        server.createContext("/", exchange -> {
            byte[] page = "<html>Please log in</html>".getBytes(UTF_8);
            exchange.sendResponseHeaders(status, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        server.start();
        opened.add(() -> server.stop(0));
        return server;
    }

    @Test
    void proxyDemandsALogin() throws IOException {
        assumeTrue(ProxyProgram.isInstalled("tinyproxy"), "tinyproxy is not installed");
        through(open(ProxyProgram.tinyproxy(folder, "alice", "secret")));
        shows(Trouble.PROXY_LOGIN, Fixture.settings(BY_PROXY, endpoint().url()));
    }

    @Test
    void proxyRefusesConnect() throws IOException {
        assumeTrue(ProxyProgram.isInstalled("squid"), "squid is not installed");
        through(open(ProxyProgram.squid(folder, "http_access deny all")));
        shows(Trouble.PROXY_REFUSES, Fixture.settings(BY_PROXY, endpoint().url()));
    }

    private void through(ProxyProgram proxy) {
        fixture.connector =
                UpstreamOverDirect.make(fixture, fixture, Map.of("proxies", "p=http://127.0.0.1:" + proxy.port()));
    }

    @ParameterizedTest
    @CsvSource({
        "CERTIFICATE_EXPIRED, -30d, tunnel.test, true",
        "CLOCK_WRONG, +10d, tunnel.test, true",
        "CERTIFICATE_NAME, -1d, other.test, true",
        "CERTIFICATE_UNTRUSTED, -1d, tunnel.test, false"
    })
    void certificate(Trouble trouble, String start, String host, boolean trusted) throws Exception {
        assumeTrue(ProxyProgram.isInstalled("openssl"), "openssl is not installed");
        assumeTrue(ProxyProgram.isInstalled("faketime"), "faketime is not installed");
        TestEndpoint endpoint = endpoint(Fixture.CHANNEL, Fixture.SECRET, identity(start));
        fixture.names.put(host, InetAddress.getLoopbackAddress());
        ClientTls tls = ClientTls.of("tls", trusted ? folder.resolve("ca.pem").toString() : "system");
        for (ClientTls each : List.of(tls, tls.preferOpenSsl())) {
            if (client != null) {
                client.close();
                await().until(client::isIdle);
            }
            shows(trouble, settings("https://" + host + ":" + endpoint.port(), each));
        }
    }

    private static ClientSettings settings(String url, ClientTls tls) {
        return Fixture.settings(url, tls, WayOut.DIRECT);
    }

    /** Signed by a CA of its own: the JDK does not look at the dates of a certificate that is trusted itself. */
    private SslContext identity(String start) throws Exception {
        openssl(
                "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -subj /CN=ca");
        openssl(
                "openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key -out csr -subj /CN=tunnel.test");
        Files.writeString(folder.resolve("ext"), "subjectAltName=DNS:tunnel.test\n");
        openssl("faketime -f " + start + " openssl x509 -req -in csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 10"
                + " -extfile ext -out crt");
        return SslContextBuilder.forServer(
                        folder.resolve("crt").toFile(), folder.resolve("key").toFile())
                .build();
    }

    private void openssl(String command) throws Exception {
        Process program = new ProcessBuilder(command.split(" "))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("openssl.log").toFile())
                .start();
        assertThat(program.waitFor()).as(command).isZero();
    }
}
