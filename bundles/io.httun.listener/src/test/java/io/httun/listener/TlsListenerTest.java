// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.httun.api.config.ConfigException;
import io.httun.listener.RealPrograms.Result;
import io.httun.testpeers.SelfSigned;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS listeners, and TLS towards a fixed target. */
class TlsListenerTest {
    @TempDir
    static Path certificates;

    private static SelfSigned own;
    private static SelfSigned other;

    private final ListenerRig rig = new ListenerRig("auto");
    private WebTarget web;

    @TempDir
    Path folder;

    @BeforeAll
    static void certificates() throws IOException, GeneralSecurityException {
        own = SelfSigned.make(certificates, "own");
        other = SelfSigned.make(certificates, "other");
    }

    @BeforeEach
    void start() throws IOException {
        web = new WebTarget();
    }

    @AfterEach
    void end() throws IOException {
        rig.close();
        web.close();
    }

    private Result curl(LocalListener listener, SelfSigned trusted, String... arguments) {
        String[] start = {
            "-x",
            "https://127.0.0.1:" + ListenerRig.portOf(listener),
            "--proxy-cacert",
            trusted.certificate().toString()
        };
        String[] all = new String[start.length + arguments.length];
        System.arraycopy(start, 0, all, 0, start.length);
        System.arraycopy(arguments, 0, all, start.length, arguments.length);
        return RealPrograms.curl(all);
    }

    private LocalListener pem(Object... more) {
        Object[] all = new Object[more.length + 4];
        System.arraycopy(more, 0, all, 4, more.length);
        all[0] = "tls.certificate.file";
        all[1] = own.certificate().toString();
        all[2] = "tls.key.file";
        all[3] = own.key().toString();
        return rig.connect(all);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void servesCurlInTls(boolean pem) throws IOException {
        LocalListener listener = pem
                ? pem()
                : rig.connect(
                        "tls.certificate.file", own.p12().toString(),
                        "tls.password.file", own.password().toString());
        assertThat(curl(listener, own, web.url("/page")).ok().output()).contains("GET /page");
        assertThat(curl(listener, own, "-p", web.url("/page")).ok().output()).contains("GET /page");
        assertThat(curl(listener, other, web.url("/page")).errors()).contains("certificate");
        Path file = folder.resolve("body");
        Path back = folder.resolve("back");
        Files.write(file, new byte[5_000_000]);
        curl(listener, own, "-p", "-T", file.toString(), "-o", back.toString(), web.url("/echo"))
                .ok();
        assertThat(Files.mismatch(file, back)).isEqualTo(-1);
    }

    @Test
    void asksForClientCertificates() {
        LocalListener listener = pem("tls.client.ca.file", other.certificate().toString());
        assertThat(curl(listener, own, web.url("/page")).exit()).isNotZero();
        assertThat(curl(
                                listener,
                                own,
                                "--proxy-cert",
                                other.certificate().toString(),
                                "--proxy-key",
                                other.key().toString(),
                                web.url("/page"))
                        .ok()
                        .output())
                .contains("GET /page");
        LocalListener optional =
                pem("tls.client.ca.file", other.certificate().toString(), "tls.client.required", false);
        assertThat(curl(optional, own, web.url("/page")).ok().output()).contains("GET /page");
    }

    @Test
    void takesUpAnotherCertificateAndKeepsTheOldOneWhileTheNewOneIsWrong() throws IOException {
        Path certificate = Files.copy(own.certificate(), folder.resolve("cert"));
        Path key = Files.copy(own.key(), folder.resolve("key"));
        LocalListener listener =
                rig.connect("tls.certificate.file", certificate.toString(), "tls.key.file", key.toString());
        curl(listener, own, web.url("/")).ok();
        Files.writeString(certificate, "-----BEGIN NONSENSE");
        await().pollDelay(Duration.ofMillis(2100)).until(() -> {
            curl(listener, own, web.url("/")).ok();
            return true;
        });
        Files.copy(other.key(), key, StandardCopyOption.REPLACE_EXISTING);
        Files.copy(other.certificate(), certificate, StandardCopyOption.REPLACE_EXISTING);
        Files.setLastModifiedTime(certificate, FileTime.fromMillis(System.currentTimeMillis() + 5000));
        await().until(() -> curl(listener, other, web.url("/")).exit() == 0);
    }

    @Test
    void endsEachDirectionOfATlsConnectionByItself() throws Exception {
        int echo = rig.echo();
        LocalListener listener = rig.port(
                echo,
                "tls.certificate.file",
                own.certificate().toString(),
                "tls.key.file",
                own.key().toString());
        try (SSLSocket socket =
                (SSLSocket) own.context().getSocketFactory().createSocket("127.0.0.1", ListenerRig.portOf(listener))) {
            socket.setSoTimeout(ListenerRig.READ_MILLIS);
            socket.getOutputStream().write(new byte[100_000]);
            socket.shutdownOutput();
            assertThat(socket.getInputStream().readAllBytes()).hasSize(100_000);
        }
        assertThat(ListenerRig.lastCause(listener)).isEqualTo("closed");
    }

    @Test
    void doesNotTakeACutOffTlsStreamForEnded() throws Exception {
        int echo = rig.echo();
        LocalListener listener = rig.port(
                echo,
                "tls.certificate.file",
                own.certificate().toString(),
                "tls.key.file",
                own.key().toString());
        try (Socket plain = ListenerRig.dial(listener)) {
            SSLSocket socket = (SSLSocket) own.context().getSocketFactory().createSocket(plain, "127.0.0.1", 1, false);
            socket.getOutputStream().write(1);
            assertThat(socket.getInputStream().read()).isEqualTo(1);
            plain.shutdownOutput();
            assertThat(ListenerRig.lastCause(listener)).contains("without a close_notify");
        }
    }

    @Test
    void speaksTlsWithAFixedTargetThatShowsTheRightCertificate() throws Exception {
        try (WebTarget secure = WebTarget.overTls(own.context())) {
            String trust = own.certificate().toString();
            String url = "http://127.0.0.1:%d/page";
            LocalListener trusting = rig.port(secure.port(), "target.tls", true, "target.tls.trust", trust);
            assertThat(RealPrograms.curl(String.format(url, ListenerRig.portOf(trusting)))
                            .ok()
                            .output())
                    .contains("GET /page");
            LocalListener pinning = rig.port(
                    secure.port(), "target.tls", true, "target.tls.trust", "none", "target.tls.pin", own.sha256());
            assertThat(RealPrograms.curl(String.format(url, ListenerRig.portOf(pinning)))
                            .ok()
                            .output())
                    .contains("GET /page");

            LocalListener wrongPin = rig.port(
                    secure.port(), "target.tls", true, "target.tls.trust", "none", "target.tls.pin", other.sha256());
            assertThat(RealPrograms.curl(String.format(url, ListenerRig.portOf(wrongPin)))
                            .exit())
                    .isNotZero();
            LocalListener wrongName = rig.port(
                    secure.port(), "target.tls", true, "target.tls.trust", trust, "target.tls.name", "elsewhere.test");
            assertThat(RealPrograms.curl(String.format(url, ListenerRig.portOf(wrongName)))
                            .exit())
                    .isNotZero();
            assertThat(ListenerRig.lastCause(wrongName)).isEqualTo("TLS handshake with the target failed");
        }
    }

    @Test
    void closesWhoSpeaksNoTls() throws IOException {
        LocalListener listener = pem();
        try (Socket socket = ListenerRig.dial(listener)) {
            socket.getOutputStream().write("CONNECT a.test:1 HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            socket.getInputStream().readAllBytes();
        }
        assertThat(ListenerRig.lastCause(listener)).isEqualTo("TLS handshake failed");
    }

    @Test
    void saysInsideTlsThatThereIsNoRoom() throws IOException {
        LocalListener full = pem("connections.max", 1);
        LocalListener crowded = pem("policy", "per.source=1");
        try (Socket first = ListenerRig.dial(full);
                Socket second = ListenerRig.dial(crowded)) {
            await().until(() -> full.origin().open() == 1 && crowded.origin().open() == 1);
            assertThat(first.isConnected() && second.isConnected()).isTrue();
            assertThat(curl(full, own, "-i", web.url("/")).output())
                    .startsWith("HTTP/1.1 503")
                    .contains("httun: too many connections\n");
            assertThat(curl(crowded, own, "-i", web.url("/")).output())
                    .startsWith("HTTP/1.1 429")
                    .contains("httun: too many connections of this source\n");
            assertThat(curl(crowded, own, "-p", web.url("/")).errors()).contains("429");
            assertThat(full.origin().refused()).isEqualTo(1);
        }
    }

    @Test
    void manyHandshakesAtOnceAreNotMadeForThoseWithoutRoom() throws IOException {
        int port = ListenerRig.portOf(pem("connections.max", 1));
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < 40; i++) {
                sockets.add(new Socket("127.0.0.1", port));
            }
            int reset = 0;
            for (Socket socket : sockets.subList(1, 40)) {
                try {
                    // The other connections are closed when their negotiation times out.
                    socket.getInputStream().read();
                } catch (IOException e) {
                    reset++;
                }
            }
            assertThat(reset).isGreaterThanOrEqualTo(20);
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    @Test
    void saysWhichFileIsWrong() throws IOException {
        Path nonsense = Files.writeString(folder.resolve("nonsense"), "nonsense");
        assertThatThrownBy(() -> rig.connect("tls.certificate.file", nonsense.toString()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("tls.certificate.file = " + nonsense + ": is neither PEM nor PKCS#12");
        assertThatThrownBy(() -> rig.connect("tls.key.file", own.key().toString()))
                .hasMessageContaining("needs tls.certificate.file");
    }

    @Test
    void takesTheSourceFromAProxyProtocolHeader() throws IOException {
        LocalListener listener = rig.connect("proxy.protocol", true, "users.file", SocksRig.users(folder));
        for (int i = 0; i < 11; i++) {
            assertThat(behindProxy(listener, "192.0.2.9", "ann:guess")).startsWith("HTTP/1.1 " + (i < 10 ? 407 : 429));
        }
        assertThat(behindProxy(listener, "192.0.2.8", "ann:secret")).contains("GET /page");
        long refused = listener.status().refused();
        try (Socket socket = ListenerRig.dial(listener)) {
            socket.getOutputStream()
                    .write(("GET " + web.url("/") + " HTTP/1.1\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            await().until(() -> listener.status().refused() > refused);
        }
    }

    private String behindProxy(LocalListener listener, String source, String login) throws IOException {
        try (Socket socket = ListenerRig.dial(listener)) {
            socket.getOutputStream()
                    .write(("PROXY TCP4 " + source + " 192.0.2.1 1234 80\r\nGET " + web.url("/page")
                                    + " HTTP/1.0\r\nProxy-Authorization: Basic "
                                    + Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.US_ASCII))
                                    + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }
}
