// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.httun.api.status.StatusSource;
import io.httun.api.target.RefusedException;
import io.httun.connector.upstream.UpstreamOverDirect;
import io.httun.testpeers.ProxyProgram;
import io.httun.testrig.ServerUnderTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The tunnel's requests go through a real Squid. */
@Timeout(120)
class ProxiedTest {
    private static final int KIB = 1 << 10;
    private static final WayOut TUNNEL = new WayOut("(name=corp)", false, true, true);
    private static final WayOut FORWARD = new WayOut("(name=corp)", true, true, true);
    private static final String[] NO_CONNECT = {"acl c method CONNECT", "http_access deny c", "http_access allow all"};

    @TempDir
    Path folder;

    private final Fixture fixture = new Fixture();
    private final Surroundings surroundings = fixture.surroundings();
    private final ServerUnderTest server = new ServerUnderTest(
            fixture, surroundings.cipher().get(), surroundings.agreement().get(), Fixture.CHANNEL, Fixture.SECRET);
    private final TestEndpoint endpoint = new TestEndpoint(fixture, server.service(), null);
    private TunnelClient client;

    @BeforeEach
    void need() {
        server.streams(fixture.streams());
        assumeTrue(ProxyProgram.isInstalled("squid"), "squid is not installed");
    }

    @AfterEach
    void close() {
        if (client != null) {
            client.close();
            await().until(client::isIdle);
        }
        endpoint.close();
        server.close();
        fixture.close();
    }

    private void through(ProxyProgram squid, WayOut way) throws IOException {
        Path file = Files.writeString(folder.resolve("credentials"), "p alice:secret\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        fixture.connector = UpstreamOverDirect.make(
                fixture,
                fixture,
                Map.of("proxies", "p=http://127.0.0.1:" + squid.port(), "credentials.file", file.toString()));
        client = new TunnelClient(Fixture.settings(way, endpoint.url()), fixture.withStreams());
    }

    /** Bytes go there and back, so that many requests are made each way. */
    private void carries(int length) throws IOException {
        byte[] bytes = Targets.random(length);
        try (Targets echo = Targets.echo()) {
            Pipe pipe = fixture.connect(client, echo.address());
            pipe.flood(bytes);
            assertThat(pipe.read(bytes.length).length).isEqualTo(bytes.length);
            assertThat(Arrays.equals(pipe.bytes(), bytes)).isTrue();
            pipe.shutdownOutput();
            assertThat(pipe.awaitEnd().failure()).isNull();
            assertThat(pipe.size()).isEqualTo(bytes.length);
        }
    }

    private String log() throws IOException {
        return Files.readString(folder.resolve("access.log"));
    }

    private static String[] login(String scheme, String helper) {
        return Stream.concat(
                        Stream.of(
                                "auth_param " + scheme + " program " + helper, "auth_param " + scheme + " children 1"),
                        Stream.of("acl known proxy_auth REQUIRED", "http_access allow known", "http_access deny all"))
                .toArray(String[]::new);
    }

    @Test
    void insideConnect() throws IOException {
        try (ProxyProgram squid = ProxyProgram.squid(folder, "http_access allow all")) {
            through(squid, TUNNEL);
            carries(2048 * KIB);
        }
        assertThat(log()).contains("CONNECT 127.0.0.1:" + endpoint.port()).doesNotContain("POST");
    }

    @Test
    void asPlainRequestsWhereConnectIsRefused() throws IOException {
        try (ProxyProgram squid = ProxyProgram.squid(folder, NO_CONNECT)) {
            through(squid, TUNNEL);
            try (Targets echo = Targets.echo()) {
                assertThatThrownBy(() -> fixture.connect(client, echo.address()))
                        .isInstanceOf(RefusedException.class)
                        .hasMessageContaining("its rules may not allow CONNECT to this port");
            }
            client.close();
            through(squid, FORWARD);
            carries(2048 * KIB);
        }
        assertThat(log()).contains("POST http://127.0.0.1:" + endpoint.port(), "GET http://127.0.0.1:");
    }

    @Test
    void withOneRequestPerConnection() throws IOException {
        try (ProxyProgram squid = ProxyProgram.squid(folder, NO_CONNECT)) {
            through(squid, new WayOut("(name=corp)", true, false, true));
            carries(300 * KIB);
            assertThat(fixture.connector).isInstanceOfSatisfying(StatusSource.class, source -> assertThat(
                            source.proxies().get(0).connections())
                    .isGreaterThan(10));
        }
    }

    @Test
    void withALoginByDigest() throws IOException {
        Path users = Files.writeString(folder.resolve("users"), "alice:secret\n");
        try (ProxyProgram squid = ProxyProgram.squid(
                folder,
                login("digest", "/usr/lib/squid/digest_file_auth " + users + "\nauth_param digest realm httun"))) {
            through(squid, FORWARD);
            carries(500 * KIB);
        }
        assertThat(log()).contains("alice").contains("POST");
    }

    private Path script(String lines) throws IOException {
        Path script = Files.writeString(folder.resolve("helper.sh"), "#!/bin/sh\n" + lines);
        assertThat(script.toFile().setExecutable(true, false)).isTrue();
        return script;
    }

    @Test
    void withALoginByBasicAndOneRequestPerConnection() throws IOException {
        Path helper = script("while read -r u p; do [ \"$u $p\" = 'alice secret' ] && echo OK || echo ERR; done\n");
        try (ProxyProgram squid = ProxyProgram.squid(folder, login("basic", helper.toString()))) {
            through(squid, new WayOut("(name=corp)", true, false, true));
            carries(200 * KIB);
        }
        assertThat(log()).contains("alice");
    }

    /** NTLM logs the connection in: the three messages and all requests after them go over one. */
    @Test
    void withALoginByNtlm() throws IOException {
        String challenge = "TlRMTVNTUAACAAAACAAIADgAAAAFAokgASNFZ4mrze8AAAAAAAAAABAAEABA"
                + "AAAAAAAAAAAAAABDAE8AUgBQAAIACABDAE8AUgBQAAAAAAA=";
        Path helper = script("while read -r verb blob; do case $verb in YR*) echo 'TT " + challenge
                + "';; KK*) echo 'AF alice';; esac; done\n");
        try (ProxyProgram squid = ProxyProgram.squid(folder, login("ntlm", helper.toString()))) {
            through(squid, FORWARD);
            carries(500 * KIB);
        }
        assertThat(log()).contains("alice").contains("POST");
    }

    @Test
    void saysThatTheLoginIsWrong() throws IOException {
        Path logins = folder.resolve("logins");
        Path helper = script("while read -r line; do echo x >> " + logins + "; echo ERR; done\n");
        try (ProxyProgram squid = ProxyProgram.squid(folder, login("basic", helper.toString()));
                Targets echo = Targets.echo()) {
            for (WayOut way : List.of(FORWARD, TUNNEL)) {
                through(squid, way);
                assertThatThrownBy(() -> fixture.connect(client, echo.address()))
                        .hasMessageContaining("rejects the login of credentials.file (407, basic)");
                if (way == FORWARD) {
                    for (int i = 0; i < 3; i++) {
                        assertThatThrownBy(() -> fixture.connect(client, echo.address()))
                                .hasMessageContaining("rejects the login");
                    }
                    assertThat(Files.readAllLines(logins))
                            .as("one login for all")
                            .hasSize(1);
                }
            }
        }
    }

    @Test
    void neverGoesAroundAConnectorThatIsMissing() throws IOException {
        client = new TunnelClient(Fixture.settings(TUNNEL, endpoint.url()), surroundings);
        try (Targets echo = Targets.echo()) {
            assertThatThrownBy(() -> fixture.connect(client, echo.address()))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("the connector (name=corp) is not there");
        }
    }
}
