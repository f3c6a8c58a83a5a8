// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.httun.api.crypto.SharedSecret;
import io.httun.connector.upstream.UpstreamUnderTest;
import io.httun.testpeers.ProxyProgram;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whom the client trusts behind https. */
@Timeout(60)
class TlsTest {
    private static final byte[] HELLO = "hello".getBytes(US_ASCII);
    private static final String PASSWORD = "changeit";

    @TempDir
    Path folder;

    private final Fixture fixture = new Fixture();
    private final ModelServer server = new ModelServer(fixture.surroundings());
    private Path store;
    private Certificate certificate;
    private TestEndpoint endpoint;
    private TunnelClient client;

    @BeforeEach
    void listen() throws Exception {
        listen("EC");
    }

    private void listen(String algorithm) throws Exception {
        store = folder.resolve(algorithm + ".p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "server",
                        "-keyalg",
                        algorithm,
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        PASSWORD,
                        "-dname",
                        "CN=tunnel.test",
                        "-ext",
                        "san=dns:tunnel.test")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("keytool.log").toFile())
                .start();
        assertThat(keytool.waitFor()).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        certificate = keys.getCertificate("server");
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, PASSWORD.toCharArray());
        endpoint = new TestEndpoint(
                fixture,
                server,
                SslContextBuilder.forServer(factory)
                        .sslProvider(SslProvider.JDK)
                        .build());
        fixture.names.put("tunnel.test", InetAddress.getLoopbackAddress());
        fixture.names.put("other.test", InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        await().until(client::isIdle);
        endpoint.close();
        server.close();
        fixture.close();
    }

    private Path pem() throws Exception {
        String text = "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate.getEncoded())
                + "\n-----END CERTIFICATE-----\n";
        return Files.writeString(folder.resolve("trust.pem"), text);
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    private void connects(String host, TlsSettings tls) throws IOException {
        connects(host, tls, WayOut.DIRECT);
    }

    private void connects(String host, TlsSettings tls, WayOut way) throws IOException {
        client = new TunnelClient(
                new ClientSettings(
                        "home",
                        List.of(ServerUrl.parse("https://" + host + ":" + endpoint.port())),
                        Fixture.CHANNEL,
                        SharedSecret.ofHex(Fixture.SECRET),
                        "",
                        "",
                        List.of(),
                        AddressFamily.ANY,
                        tls,
                        new ClientSettings.Limits(16, 0, 4, 1000),
                        1024,
                        Fixture.TIMEOUTS,
                        way),
                fixture.surroundings());
        try (Targets echo = Targets.echo()) {
            Pipe pipe = fixture.connect(client, echo.address()).write(HELLO);
            assertThat(pipe.read(HELLO.length)).isEqualTo(HELLO);
        }
    }

    @Test
    void aTrustStoreOpensTheWay() throws Exception {
        connects("tunnel.test", new TlsSettings(pem().toString(), "", Fixture.pins()));
        connects("tunnel.test", new TlsSettings(store.toString(), PASSWORD, Fixture.pins()));
    }

    @Test
    void takesCertificatesThatOnlyTheJdkKnows() throws Exception {
        endpoint.close();
        listen("Ed25519");
        connects("tunnel.test", new TlsSettings(pem().toString(), "", Fixture.pins()));
        String pin = sha256(certificate.getPublicKey().getEncoded());
        connects("other.test", new TlsSettings(TlsSettings.NONE, "", Fixture.pins(pin)));
    }

    @Test
    void isNativeWhereItCanBe() throws Exception {
        connects("tunnel.test", new TlsSettings(pem().toString(), "", Fixture.pins()));
        assumeTrue(
                System.getProperty("os.name").equals("Linux")
                        && System.getProperty("os.arch").equals("amd64"),
                "the build has BoringSSL for Linux on x86_64 only");
        OpenSsl.ensureAvailability();
        assertThat(SslContext.defaultClientProvider()).isEqualTo(SslProvider.OPENSSL);
    }

    /** A proxy that would forward plain requests has to tunnel these. */
    @Test
    void goesThroughAProxyToo() throws Exception {
        assumeTrue(ProxyProgram.isInstalled("squid"), "squid is not installed");
        try (ProxyProgram squid = ProxyProgram.squid(folder, "http_access allow all")) {
            fixture.connector =
                    UpstreamUnderTest.make(fixture, fixture, Map.of("proxies", "p=http://127.0.0.1:" + squid.port()));
            String pin = sha256(certificate.getEncoded());
            WayOut way = new WayOut("(name=corp)", true, true, true);
            connects("127.0.0.1", new TlsSettings(TlsSettings.NONE, "", Fixture.pins(pin)), way);
        }
        assertThat(folder.resolve("access.log")).content().contains("CONNECT 127.0.0.1");
    }

    @Test
    void theSystemDoesNotKnowTheCertificate() {
        assertThatThrownBy(() -> connects("tunnel.test", new TlsSettings(TlsSettings.SYSTEM, "", Fixture.pins())))
                .hasMessageContaining("cannot connect to https://tunnel.test")
                .hasMessageContaining("(see tls.trust and tls.pin)");
    }

    @Test
    void theNameMustBeThatOfTheCertificate() throws Exception {
        String trust = pem().toString();
        assertThatThrownBy(() -> connects("other.test", new TlsSettings(trust, "", Fixture.pins())))
                .hasMessageContaining("other.test");
    }

    @Test
    void aPinAloneIsEnoughAndMustMatch() throws Exception {
        String whole = sha256(certificate.getEncoded());
        String key = sha256(certificate.getPublicKey().getEncoded());
        connects("other.test", new TlsSettings(TlsSettings.NONE, "", Fixture.pins(whole)));
        connects("other.test", new TlsSettings(TlsSettings.NONE, "", Fixture.pins("00".repeat(32), key)));
        assertThatThrownBy(() ->
                        connects("other.test", new TlsSettings(TlsSettings.NONE, "", Fixture.pins("00".repeat(32)))))
                .hasMessageContaining("matches no tls.pin: its SHA-256 is " + whole);
    }
}
