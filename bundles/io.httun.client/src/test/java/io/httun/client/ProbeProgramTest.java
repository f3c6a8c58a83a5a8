// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.httun.api.crypto.SharedSecret;
import io.httun.testpeers.ProxyProgram;
import io.httun.toolkit.tunnel.TunnelLink;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code httun probe} through a Squid that wants a login. */
class ProbeProgramTest extends AgainstOurServer {
    @TempDir
    Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @BeforeEach
    void need() {
        assumeTrue(ProxyProgram.isInstalled("squid"), "squid is not installed");
    }

    private ProxyProgram squid() throws IOException {
        Path helper = Files.writeString(
                folder.resolve("helper.sh"),
                "#!/bin/sh\nwhile read -r u p; do [ \"$u $p\" = 'alice secret' ] && echo OK || echo ERR; done\n");
        assertThat(helper.toFile().setExecutable(true, false)).isTrue();
        return ProxyProgram.squid(
                folder,
                "auth_param basic program " + helper,
                "auth_param basic children 1",
                "acl known proxy_auth REQUIRED",
                "http_access allow known",
                "http_access deny all");
    }

    private int probe(Map<String, String> environment, String... options) throws InterruptedException {
        String link =
                new TunnelLink(endpoint.url(), "home", Fixture.CHANNEL, SharedSecret.ofHex(Fixture.SECRET)).text();
        return ProbeProgram.run(
                link,
                ProbeOptions.of(options),
                environment,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8));
    }

    private String printed() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String log() throws IOException {
        Path log = folder.resolve("access.log");
        return Files.exists(log) ? Files.readString(log) : "";
    }

    @Test
    void withTheLoginOfTheEnvironment() throws Exception {
        try (ProxyProgram squid = squid()) {
            int code = probe(Map.of("http_proxy", "http://alice:secret@127.0.0.1:" + squid.port()));
            assertThat(code).as(printed()).isZero();
            assertThat(printed()).contains("http://127.0.0.1:" + squid.port()).doesNotContain("secret");
        }
        assertThat(log()).contains("alice").contains("POST http://127.0.0.1");
    }

    @Test
    void withTheLoginOfAFile() throws Exception {
        Path file = Files.writeString(folder.resolve("login"), "alice:secret\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        try (ProxyProgram squid = squid()) {
            int code = probe(
                    Map.of("http_proxy", "http://192.0.2.1:9"),
                    "--proxy",
                    "http://127.0.0.1:" + squid.port(),
                    "--proxy-login",
                    file.toString());
            assertThat(code).as(printed()).isZero();
        }
        assertThat(log()).contains("alice");
    }

    @Test
    void saysThatTheLoginIsMissingOrWrong() throws Exception {
        try (ProxyProgram squid = squid()) {
            String address = "127.0.0.1:" + squid.port();
            assertThat(probe(Map.of("http_proxy", "http://" + address))).isEqualTo(1);
            assertThat(printed()).contains("requires a login", "--proxy-login").doesNotContain("credentials.file");
            out.reset();
            assertThat(probe(Map.of("http_proxy", "http://alice:wrong@" + address)))
                    .isEqualTo(1);
            assertThat(printed())
                    .contains("rejects the login", "--proxy-login")
                    .doesNotContain("wrong@", "credentials.file");
            out.reset();
            assertThat(probe(Map.of("http_proxy", "http://" + address), "--json"))
                    .isEqualTo(1);
            assertThat(printed()).contains("{", "--proxy-login").doesNotContain("credentials.file");
        }
    }

    @Test
    void exceptWhereItIsExcepted() throws Exception {
        try (ProxyProgram squid = squid()) {
            int code = probe(
                    Map.of("http_proxy", "http://127.0.0.1:" + squid.port(), "no_proxy", "localhost, 127.0.0.0/8"));
            assertThat(code).as(printed()).isZero();
        }
        assertThat(log()).doesNotContain("GET", "POST", "CONNECT", "alice");
    }
}
