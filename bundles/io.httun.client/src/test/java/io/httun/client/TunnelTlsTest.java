// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.httun.connector.upstream.UpstreamOverDirect;
import io.httun.testpeers.ProxyProgram;
import io.httun.testpeers.SelfSigned;
import io.httun.testrig.ServerUnderTest;
import io.httun.toolkit.tls.ClientTls;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whom the client trusts behind https. */
@Timeout(60)
class TunnelTlsTest {
    private static final byte[] HELLO = "hello".getBytes(US_ASCII);

    @TempDir
    Path folder;

    private final Fixture fixture = new Fixture();
    private final ServerUnderTest server = new ServerUnderTest(
            fixture,
            fixture.surroundings().cipher().get(),
            fixture.surroundings().agreement().get(),
            Fixture.CHANNEL,
            Fixture.SECRET);
    private SelfSigned own;
    private TestEndpoint endpoint;
    private TunnelClient client;

    @BeforeEach
    void listen() throws Exception {
        listen("EC");
    }

    private void listen(String algorithm) throws Exception {
        own = SelfSigned.make(folder, "tunnel.test", algorithm);
        endpoint = new TestEndpoint(
                fixture,
                server.service(),
                SslContextBuilder.forServer(own.keys())
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
        connects(
                "tunnel.test", ClientTls.of("tls", own.certificate().toString()).preferOpenSsl());
        connects(
                "tunnel.test",
                ClientTls.withPassword(
                        "tls", own.p12().toString(), own.password().toString()));
    }

    @Test
    void takesCertificatesThatOnlyTheJdkKnows() throws Exception {
        endpoint.close();
        listen("Ed25519");
        connects(
                "tunnel.test", ClientTls.of("tls", own.certificate().toString()).preferOpenSsl());
        String pin = HexFormat.of().formatHex(own.keySha256());
        connects("other.test", ClientTls.of("tls", "none", pin).preferOpenSsl());
    }

    @Test
    void isNativeWhereItCanBe() throws Exception {
        connects(
                "tunnel.test", ClientTls.of("tls", own.certificate().toString()).preferOpenSsl());
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
            String pin = own.sha256();
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
        String trust = own.certificate().toString();
        assertThatThrownBy(
                        () -> connects("other.test", ClientTls.of("tls", trust).preferOpenSsl()))
                .hasMessageContaining("other.test");
    }

    @Test
    void aPinAloneIsEnoughAndMustMatch() throws Exception {
        String whole = own.sha256();
        String key = HexFormat.of().formatHex(own.keySha256());
        connects("other.test", ClientTls.of("tls", "none", whole).preferOpenSsl());
        connects("other.test", ClientTls.of("tls", "none", "00".repeat(32), key).preferOpenSsl());
        assertThatThrownBy(() -> connects(
                        "other.test",
                        ClientTls.of("tls", "none", "00".repeat(32)).preferOpenSsl()))
                .hasMessageContaining("matches no tls.pin: its SHA-256 is " + whole);
    }
}
