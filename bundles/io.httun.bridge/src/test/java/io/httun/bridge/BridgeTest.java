// SPDX-License-Identifier: Apache-2.0
package io.httun.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.httun.testrig.Echoes;
import io.httun.testrig.Programs;
import io.httun.testrig.TunnelContract;
import io.httun.testrig.TunnelRig;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Our client through our server, with and without TLS, and the stock script on either side. */
class BridgeTest extends TunnelContract<BridgeComponent> {
    private final BridgeEnds ends = new BridgeEnds(rig);

    @Override
    protected BridgeEnds ends() {
        return ends;
    }

    @Test
    void saysWhyThereIsNoConnection() throws Exception {
        int server = ends.mount(ends.server());
        assertThat(ends.failure(server, "127.0.0.1:1")).hasMessageContaining("127.0.0.1:1: connection refused");
        assertThat(ends.failure(server, "no.such.invalid:1")).hasMessageContaining("the name has no address");
        int filtered = ends.mount(ends.server("filters", "missing"));
        assertThat(ends.failure(filtered, "127.0.0.1:1")).hasMessageContaining("not allowed");
        int strict = ends.mount(
                ends.server("basic.auth.file", programs.secret("user:password").toString()));
        assertThat(ends.failure(strict, "127.0.0.1:1")).hasMessageContaining("404");
    }

    @Test
    void anApplicationThatDoesNotReadIsNoVanishedClient() throws Exception {
        BridgeComponent server = ends.server("idle.seconds", 10);
        int target = rig.target(socket -> socket.getOutputStream().write(new byte[40_000_000]));
        try (Socket socket = TunnelRig.dial(ends.through(ends.mount(server), target))) {
            assertThat(socket.getInputStream().read()).isZero();
            await().pollDelay(Duration.ofSeconds(15))
                    .atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(server.connections()).hasSize(1));
            assertThat(socket.getInputStream().readAllBytes()).hasSize(40_000_000 - 1);
        }
    }

    @Test
    void aVanishedServerResetsTheConnection() throws Exception {
        BridgeComponent server = ends.server();
        try (Socket socket = TunnelRig.dial(ends.through(ends.mount(server), rig.echo()))) {
            Echoes.hello(socket);
            server.stop();
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(IOException.class);
        }
    }

    @Test
    void speaksTlsWithAServerThatShowsTheRightCertificate() throws Exception {
        Programs.need("openssl");
        Path certificate = certificate();
        int server = ends.mount(
                ends.server(),
                "listen",
                "tls:127.0.0.1:0",
                "tls.certificate.file",
                certificate.toString(),
                "tls.key.file",
                folder.resolve("key.pem").toString());
        String url = "https://127.0.0.1:" + server;
        Echoes.bothWays(
                ends.through(server, rig.echo(), "server", url, "tls.trust", certificate.toString()), 20_000_000);
        assertThat(ends.failure(server, "127.0.0.1:1", "server", url, "tls.trust", certificate.toString()))
                .hasMessage(url + ": 127.0.0.1:1: connection refused");
        assertThat(ends.failure(server, "127.0.0.1:1", "server", url))
                .hasMessageContaining(url + ": TLS handshake failed: ");
        assertThat(ends.failure(server, "127.0.0.1:1", "server", url, "tls.trust", "none", "tls.pin", "0".repeat(64)))
                .hasMessageContaining("its certificate matches no tls.pin: its SHA-256 is ");
        int plain = ends.mount(ends.server());
        assertThat(ends.failure(plain, "127.0.0.1:1", "server", "https://127.0.0.1:" + plain))
                .hasMessageContaining("TLS handshake failed: ");
    }

    private Path certificate() throws Exception {
        Path certificate = folder.resolve("certificate.pem");
        programs.run(
                "openssl",
                "req",
                "-x509",
                "-nodes",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-subj",
                "/CN=bridge",
                "-addext",
                "subjectAltName=IP:127.0.0.1",
                "-keyout",
                folder.resolve("key.pem").toString(),
                "-out",
                certificate.toString());
        return certificate;
    }

    @Test
    void saysWhatAnHttpsServerNeeds() {
        assertThatThrownBy(() -> ends.client(1, "server", "https://a.example", "proxy", "proxy.example:3128"))
                .hasMessageContaining("proxy = proxy.example:3128: is for servers without https")
                .hasMessageContaining("io.httun.connector.upstream");
        assertThatThrownBy(() -> ends.client(1, "server", "https://a.example/path"))
                .hasMessageContaining("server = a.example/path:443: must be HOST:PORT");
    }

    /** Debian has what it needs; the script itself is not ours to ship, so it is looked for beside the repository. */
    @Test
    void theStockScriptSpeaksWithBothOurEnds() throws Exception {
        Programs.need("ruby", "uuidgen");
        Path script = Path.of(System.getProperty("httun.bridge.script", "/nowhere"));
        assumeTrue(Files.exists(script), "Skipped: no -Dhttun.bridge.script=PATH of the stock bridge script");
        int local = Programs.freePort();
        int server = ends.mount(ends.server());
        programs.start(
                "ruby",
                script.toString(),
                "" + local,
                "http://127.0.0.1:" + server + "/bridge",
                "127.0.0.1",
                "" + rig.echo());
        Programs.awaitListening(local);
        Echoes.bothWays(local, 2_000_000);

        int stock = Programs.freePort();
        programs.start("ruby", script.toString(), "" + stock, "/bridge");
        Programs.awaitListening(stock);
        Echoes.bothWays(ends.through(stock, rig.echo()), 2_000_000);
    }
}
