// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import static io.httun.endpoint.netty.Program.curl;
import static io.httun.endpoint.netty.Program.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.api.tunnel.TunnelReply;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointTlsTest {
    @TempDir
    Path folder;

    private Rig rig;

    @AfterEach
    void stop() {
        if (rig != null) {
            rig.close();
        }
    }

    private String handshake(String... options) throws Exception {
        String[] fixed = {"openssl", "s_client", "-connect", "127.0.0.1:" + rig.port()};
        String[] command = new String[fixed.length + options.length];
        System.arraycopy(fixed, 0, command, 0, fixed.length);
        System.arraycopy(options, 0, command, fixed.length, options.length);
        return run(command);
    }

    /** Native where it can be, which it can not with the last. */
    @ParameterizedTest
    @CsvSource({"ec, jdk", "ec, auto", "rsa:2048, jdk", "rsa:2048, auto", "ed25519, auto"})
    void onlyModernVersionsAndSuites(String kind, String engine) throws Exception {
        Certificates certificates = new Certificates(folder);
        rig = new Rig((kind.equals("ec") ? certificates.make("c") : certificates.make("c", kind)).settings());
        rig.change("tls.engine", engine);
        assertThat(handshake("-tls1_3")).contains("New, TLSv1.3, Cipher is TLS_AES");
        assertThat(handshake("-tls1_3", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"))
                .contains("Cipher is TLS_CHACHA20");
        assertThat(handshake("-tls1_2")).contains("New, TLSv1.2, Cipher is ECDHE-");
        for (String old : new String[] {"-tls1_1", "-tls1"}) {
            assertThat(handshake(old, "-cipher", "ALL:@SECLEVEL=0")).contains("Cipher is (NONE)");
        }
        for (String weak :
                new String[] {"AES128-GCM-SHA256", "ECDHE-RSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "AES256-SHA"}) {
            assertThat(handshake("-tls1_2", "-cipher", weak + ":@SECLEVEL=0"))
                    .as(weak)
                    .contains("Cipher is (NONE)");
        }
    }

    @Test
    void alpnOffersHttp2UnlessItIsOff() throws Exception {
        rig = new Rig(new Certificates(folder).make("c").settings());
        assertThat(handshake("-alpn", "h2,http/1.1")).contains("ALPN protocol: h2");
        assertThat(handshake("-alpn", "http/1.1")).contains("ALPN protocol: http/1.1");
        assertThat(handshake("-alpn", "spdy")).contains("No ALPN negotiated");
        rig.change("http2", false);
        assertThat(handshake("-alpn", "h2,http/1.1")).contains("ALPN protocol: http/1.1");
        assertThat(curl("--http2", "https://127.0.0.1:" + rig.port() + "/echo")).endsWith("1.1 200");
    }

    @Test
    void pkcs12AndEncryptedKeysWork() throws Exception {
        Certificates made = new Certificates(folder).make("c");
        Path password = Files.writeString(folder.resolve("password"), "se cret\n");
        Path p12 = folder.resolve("k.p12");
        run(
                "openssl",
                "pkcs12",
                "-export",
                "-in",
                made.chain.toString(),
                "-inkey",
                made.key.toString(),
                "-out",
                p12.toString(),
                "-passout",
                "pass:se cret");
        rig = new Rig(
                "listen",
                "tls:127.0.0.1:0",
                "tls.certificate.file",
                p12.toString(),
                "tls.password.file",
                password.toString());
        assertThat(curl("https://127.0.0.1:" + rig.port() + "/echo")).endsWith(" 200");
        Path sealed = folder.resolve("sealed.pem");
        run(
                "openssl",
                "pkcs8",
                "-topk8",
                "-in",
                made.key.toString(),
                "-out",
                sealed.toString(),
                "-passout",
                "pass:se cret");
        rig.change("tls.certificate.file", made.chain.toString(), "tls.key.file", sealed.toString());
        assertThat(rig.status(0).state()).isEqualTo("open");
        assertThat(curl("https://127.0.0.1:" + rig.port() + "/echo")).endsWith(" 200");
        Files.writeString(password, "wrong");
        rig.change("http2", false);
        assertThat(rig.status(0).state())
                .contains("cannot be read, or tls.password.file is wrong")
                .doesNotContain("se cret");
        assertThat(curl("https://127.0.0.1:" + rig.port() + "/echo")).endsWith(" 200");
    }

    @Test
    void aCertificateIsTakenUpWhenItsFileChangesAndAWrongOneIsNot() throws Exception {
        Certificates made = new Certificates(folder).make("first");
        rig = new Rig(made.settings());
        assertThat(handshake()).contains("subject=CN = first");
        made.make("second");
        await().atMost(Duration.ofSeconds(15))
                .untilAsserted(() -> assertThat(handshake()).contains("subject=CN = second"));
        Files.writeString(made.chain, "garbage");
        await().atMost(Duration.ofSeconds(15))
                .untilAsserted(() -> assertThat(rig.status(0).state())
                        .startsWith("open, new certificate not taken up: tls.certificate.file = ")
                        .contains("is neither PEM nor PKCS#12")
                        .doesNotContain("null"));
        assertThat(handshake()).contains("subject=CN = second");
    }

    @Test
    void aKeyThatDoesNotFitIsReportedAndComesRightByItself() throws Exception {
        Certificates made = new Certificates(folder).make("c");
        Files.copy(made.key, folder.resolve("old-key"));
        made.make("c");
        Path key = folder.resolve("other-key");
        Files.copy(folder.resolve("old-key"), key);
        rig = new Rig(
                "listen",
                "tls:127.0.0.1:0, 127.0.0.1:0",
                "tls.certificate.file",
                made.chain.toString(),
                "tls.key.file",
                key.toString());
        assertThat(rig.status(0).state())
                .startsWith("not listening: tls.key.file = ")
                .contains("does not belong to the certificate of CN=c");
        assertThat(rig.status(1).state()).isEqualTo("open");
        Files.copy(made.key, key, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        Files.setLastModifiedTime(key, java.nio.file.attribute.FileTime.fromMillis(1));
        await().atMost(Duration.ofSeconds(15)).until(() -> rig.status(0).state().equals("open"));
        assertThat(handshake()).contains("subject=CN = c");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rsa:2048"})
    void anOldKeyFormatSaysHowToConvertIt(String kind) throws Exception {
        Certificates made = new Certificates(folder).make("c", kind);
        Path old = folder.resolve("old.pem");
        run("openssl", "rsa", "-traditional", "-in", made.key.toString(), "-out", old.toString());
        rig = new Rig(
                "listen",
                "tls:127.0.0.1:0",
                "tls.certificate.file",
                made.chain.toString(),
                "tls.key.file",
                old.toString());
        assertThat(rig.status(0).state()).contains("must be PKCS#8: convert it with openssl pkcs8 -topk8 -nodes");
    }

    @Test
    void tooManyConnectionsAreToldSoInsideTlsAndFloodsAreNot() throws Exception {
        rig = new Rig(new Certificates(folder).make("c").settings());
        rig.change("connections.max", 1);
        String url = "https://127.0.0.1:" + rig.port() + "/echo";
        List<Raw> silent = new ArrayList<>();
        Process user = new ProcessBuilder("curl", "-sk", "--http1.1", url.replace("/echo", "/wait")).start();
        await().until(() -> !rig.late.isEmpty());
        await().until(() -> curl("--http1.1", "-D", "-", url).startsWith("HTTP/1.1 503"));
        assertThat(curl("--http1.1", "-D", "-", url)).contains("retry-after: 1", "connection: close");
        assertThat(curl("--http2", "-D", "-", url)).startsWith("HTTP/2 503").contains("retry-after: 1");
        for (int i = 0; i < 20; i++) {
            silent.add(rig.raw());
        }
        await().untilAsserted(() -> assertThat(curl(url)).doesNotContain(" 503"));
        for (Raw one : silent) {
            one.close();
        }
        rig.late.get(0).complete(TunnelReply.refused());
        await().until(() -> curl(url).endsWith(" 200"));
        assertThat(user.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void garbageInsteadOfAHandshakeHurtsNobody() throws Exception {
        rig = new Rig(new Certificates(folder).make("c").settings());
        try (Raw raw = rig.raw()) {
            assertThat(raw.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").rest()).doesNotContain("HTTP/");
        }
        assertThat(curl("https://127.0.0.1:" + rig.port() + "/echo")).endsWith(" 200");
    }
}
