// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.httun.connector.upstream.UpstreamOverDirect;
import io.httun.testpeers.ProxyProgram;
import io.httun.testrig.ServerUnderTest;
import io.httun.toolkit.tls.ClientTls;
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
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whom the client trusts behind https. */
@Timeout(60)
class TunnelTlsTest {
    private static final byte[] HELLO = "hello".getBytes(US_ASCII);
    private static final String PASSWORD = "changeit";

    @TempDir
    Path folder;

    private final Fixture fixture = new Fixture();
    private final ServerUnderTest server = new ServerUnderTest(
            fixture,
            fixture.surroundings().cipher().get(),
            fixture.surroundings().agreement().get(),
            Fixture.CHANNEL,
            Fixture.SECRET);
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
                server.service(),
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

    private void connects(String host, ClientTls tls) throws IOException {
        connects(host, tls, WayOut.DIRECT);
    }

    private void connects(String host, ClientTls tls, WayOut way) throws IOException {
        client = new TunnelClient(
                Fixture.settings("https://" + host + ":" + endpoint.port(), tls, way), fixture.surroundings());
        try (Targets echo = Targets.echo()) {
            Pipe pipe = fixture.connect(client, echo.address()).write(HELLO);
            assertThat(pipe.read(HELLO.length)).isEqualTo(HELLO);
        }
    }

    @Test
    void aTrustStoreOpensTheWay() throws Exception {
        connects("tunnel.test", ClientTls.of("tls", pem().toString()).preferOpenSsl());
        connects(
                "tunnel.test",
                ClientTls.withPassword(
                        "tls",
                        store.toString(),
                        Files.writeString(folder.resolve("password"), PASSWORD).toString()));
    }

    @Test
    void takesCertificatesThatOnlyTheJdkKnows() throws Exception {
        endpoint.close();
        listen("Ed25519");
        connects("tunnel.test", ClientTls.of("tls", pem().toString()).preferOpenSsl());
        String pin = sha256(certificate.getPublicKey().getEncoded());
        connects("other.test", ClientTls.of("tls", "none", pin).preferOpenSsl());
    }

    @Test
    void isNativeWhereItCanBe() throws Exception {
        connects("tunnel.test", ClientTls.of("tls", pem().toString()).preferOpenSsl());
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
                    UpstreamOverDirect.make(fixture, fixture, Map.of("proxies", "p=http://127.0.0.1:" + squid.port()));
            String pin = sha256(certificate.getEncoded());
            WayOut way = new WayOut("(name=corp)", true, true, true);
            connects("127.0.0.1", ClientTls.of("tls", "none", pin).preferOpenSsl(), way);
        }
        assertThat(folder.resolve("access.log")).content().contains("CONNECT 127.0.0.1");
    }

    @Test
    void theSystemDoesNotKnowTheCertificate() {
        assertThatThrownBy(() ->
                        connects("tunnel.test", ClientTls.of("tls", "system").preferOpenSsl()))
                .hasMessageContaining("cannot connect to https://tunnel.test")
                .hasMessageContaining("set tls.trust to the certificate of its CA or tls.pin to its own");
    }

    @Test
    void theNameMustBeThatOfTheCertificate() throws Exception {
        String trust = pem().toString();
        assertThatThrownBy(
                        () -> connects("other.test", ClientTls.of("tls", trust).preferOpenSsl()))
                .hasMessageContaining("other.test");
    }

    @Test
    void aPinAloneIsEnoughAndMustMatch() throws Exception {
        String whole = sha256(certificate.getEncoded());
        String key = sha256(certificate.getPublicKey().getEncoded());
        connects("other.test", ClientTls.of("tls", "none", whole).preferOpenSsl());
        connects("other.test", ClientTls.of("tls", "none", "00".repeat(32), key).preferOpenSsl());
        assertThatThrownBy(() -> connects(
                        "other.test",
                        ClientTls.of("tls", "none", "00".repeat(32)).preferOpenSsl()))
                .hasMessageContaining("matches no tls.pin: its SHA-256 is " + whole);
    }
}
