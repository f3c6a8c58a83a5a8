// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Target;
import io.httun.testpeers.ProxyProgram;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Connections through Squid, tinyproxy, Dante and microsocks. */
@Timeout(60)
class RealProxiesTest {
    private static final Target CLOSED = Target.of("127.0.0.1", 1);

    @TempDir
    Path folder;

    private UpstreamRig rig;

    @BeforeEach
    void start() throws IOException {
        rig = new UpstreamRig();
    }

    @AfterEach
    void end() throws IOException {
        rig.close();
    }

    private static void need(String program) {
        assumeTrue(ProxyProgram.isInstalled(program), program + " is not installed");
    }

    private static String url(String scheme, ProxyProgram proxy) {
        return "p=" + scheme + "://127.0.0.1:" + proxy.port();
    }

    private String login(String entry) throws IOException {
        return UpstreamRig.secrets(folder, entry).toString();
    }

    @Test
    void throughSquid() throws IOException {
        need("squid");
        try (ProxyProgram squid = ProxyProgram.squid(folder, "http_access allow all")) {
            UpstreamConnector connector = rig.connector("proxies", url("http", squid));
            rig.echoes(connector, rig.echo());
            RefusedException refusal = rig.refusal(connector, CLOSED);
            assertThat(refusal.refusal()).isEqualTo(Cause.CONNECTION_REFUSED);
            assertThat(refusal).hasMessageContaining("answered CONNECT to 127.0.0.1:1 with 503 (ERR_CONNECT_FAIL 111)");
            assertThat(rig.refusal(connector, Target.of("nowhere.invalid", 80))).hasMessageContaining("(ERR_");
            assertThat(connector.proxies().get(0).state()).isEqualTo("ok");
        }
    }

    @Test
    void saysThatSquidRefusesConnect() throws IOException {
        need("squid");
        try (ProxyProgram squid =
                ProxyProgram.squid(folder, "acl c method CONNECT", "http_access deny c", "http_access allow all")) {
            RefusedException refusal = rig.refusal(rig.connector("proxies", url("http", squid)), rig.echo());
            assertThat(refusal.refusal()).isEqualTo(Cause.DENIED);
            assertThat(refusal).hasMessageContaining("its rules may not allow CONNECT to this port");
        }
    }

    private String[] login(String scheme, String helper, String... more) {
        return Stream.of(
                        List.of("auth_param " + scheme + " program " + helper),
                        List.of(more),
                        List.of("acl known proxy_auth REQUIRED", "http_access allow known", "http_access deny all"))
                .flatMap(List::stream)
                .toArray(String[]::new);
    }

    private void logsIn(ProxyProgram squid, String entry) throws IOException {
        UpstreamConnector connector = rig.connector("proxies", url("http", squid), "credentials.file", login(entry));
        rig.echoes(connector, rig.echo());
        rig.echoes(connector, rig.echo());
    }

    private void refuses(ProxyProgram squid) throws IOException {
        UpstreamConnector wrong =
                rig.connector("proxies", url("http", squid), "credentials.file", login("p alice:wrong"));
        RefusedException refusal = rig.refusal(wrong, rig.echo());
        assertThat(refusal.refusal()).isEqualTo(Cause.UNAVAILABLE);
        assertThat(refusal).hasMessageContaining("rejects the login of credentials.file (40");
        assertThat(refusal.getMessage()).doesNotContain("wrong", "alice");
        assertThat(rig.refusal(rig.connector("proxies", url("http", squid)), rig.echo()))
                .hasMessageContaining("requires a login (407)")
                .hasMessageContaining("credentials.file has none for it");
    }

    @Test
    void logsInAtSquidByBasic() throws IOException {
        need("squid");
        Path helper = folder.resolve("basic.sh");
        Files.writeString(
                helper,
                "#!/bin/sh\nwhile read -r u p; do [ \"$u $p\" = 'alice s%20cret' ] && echo OK || echo ERR; done\n");
        assertThat(helper.toFile().setExecutable(true, false)).isTrue();
        try (ProxyProgram squid = ProxyProgram.squid(folder, login("basic", helper.toString()))) {
            logsIn(squid, "p alice:s cret");
            refuses(squid);
        }
    }

    @Test
    void logsInAtSquidByDigest() throws IOException {
        need("squid");
        Path users = Files.writeString(folder.resolve("users"), "alice:s cret\n");
        try (ProxyProgram squid = ProxyProgram.squid(
                folder,
                login("digest", "/usr/lib/squid/digest_file_auth " + users, "auth_param digest realm a realm"))) {
            logsIn(squid, "p alice:s cret");
            refuses(squid);
        }
    }

    @Test
    void logsInAtSquidByNtlm() throws IOException, GeneralSecurityException {
        need("squid");
        try (ProxyProgram squid = ProxyProgram.squid(
                folder, login("ntlm", NtlmPeer.helper(folder).toString(), "auth_param ntlm children 1"))) {
            logsIn(squid, "p CORP\\alice:s cret");
            NtlmPeer.verify(Files.readString(folder.resolve("authenticate")), "CORP", "alice", "s cret");
        }
    }

    @Test
    void throughTinyproxy() throws IOException {
        need("tinyproxy");
        try (ProxyProgram tinyproxy = ProxyProgram.tinyproxy(folder, "alice", "secret")) {
            UpstreamConnector connector =
                    rig.connector("proxies", url("http", tinyproxy), "credentials.file", login("p alice:secret"));
            rig.echoes(connector, rig.echo());
            rig.echoes(connector, rig.echo());
            assertThat(rig.refusal(connector, CLOSED)).hasMessageContaining("answered CONNECT to 127.0.0.1:1 with");
            refuses(tinyproxy);
        }
    }

    @Test
    void throughDante() throws IOException {
        need("danted");
        try (ProxyProgram dante = ProxyProgram.dante(folder)) {
            for (String scheme : List.of("socks5", "socks4a")) {
                UpstreamConnector connector = rig.connector("proxies", url(scheme, dante));
                rig.echoes(connector, rig.echo());
                assertThat(rig.refusal(connector, CLOSED)).hasMessageContaining("connect to 127.0.0.1:1");
            }
            UpstreamConnector connector = rig.connector("proxies", url("socks5", dante));
            rig.echoes(connector, Target.of("localhost", rig.echo().port()));
            assertThat(rig.refusal(connector, CLOSED).refusal()).isEqualTo(Cause.CONNECTION_REFUSED);
            assertThat(rig.refusal(connector, Target.of("127.0.0.66", 80)).refusal())
                    .isEqualTo(Cause.DENIED);
        }
    }

    @Test
    void logsInAtMicrosocks() throws IOException {
        need("microsocks");
        try (ProxyProgram microsocks = ProxyProgram.microsocks(folder, "alice", "secret")) {
            UpstreamConnector connector =
                    rig.connector("proxies", url("socks5", microsocks), "credentials.file", login("p alice:secret"));
            rig.echoes(connector, rig.echo());
            assertThat(rig.refusal(connector, CLOSED).refusal()).isEqualTo(Cause.CONNECTION_REFUSED);
            UpstreamConnector wrong =
                    rig.connector("proxies", url("socks5", microsocks), "credentials.file", login("p alice:nope"));
            assertThat(rig.refusal(wrong, rig.echo())).hasMessageContaining("rejects the login");
            assertThat(rig.refusal(rig.connector("proxies", url("socks5", microsocks)), rig.echo()))
                    .hasMessageContaining("requires a login; credentials.file has none for it");
        }
    }

    /** Certificate and key, in a file each and in a file for both, as openssl writes them. */
    private Path identity(String name) throws IOException, InterruptedException {
        Path key = folder.resolve(name + ".key");
        Path certificate = folder.resolve(name + ".pem");
        Process openssl = new ProcessBuilder(
                        ("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN="
                                        + name
                                        + " -addext subjectAltName=DNS:" + name + " -keyout " + key + " -out "
                                        + certificate)
                                .split(" "))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("openssl.log").toFile())
                .start();
        assertThat(openssl.waitFor()).isZero();
        return Files.writeString(folder.resolve(name + ".both"), Files.readString(certificate) + Files.readString(key));
    }

    @Test
    void throughTlsToAProxyThatProvesItsName() throws IOException, InterruptedException {
        need("tinyproxy");
        need("haproxy");
        need("openssl");
        try (ProxyProgram tinyproxy = ProxyProgram.tinyproxy(folder, "alice", "secret");
                ProxyProgram tls = ProxyProgram.tls(folder, identity("proxy.test"), tinyproxy)) {
            identity("other.test");
            Object[] fixed = {
                "credentials.file", login("p alice:secret"), "proxies", "p=https://proxy.test:" + tls.port()
            };
            UpstreamConnector connector =
                    tls(fixed, folder.resolve("proxy.test.pem").toString());
            rig.echoes(connector, rig.echo());
            rig.echoes(connector, rig.echo());
            assertThat(rig.refusal(connector, CLOSED)).hasMessageContaining("answered CONNECT to 127.0.0.1:1 with");
            assertThat(connector.proxies().get(0).state()).isEqualTo("ok");
            for (String wrong : List.of(folder.resolve("other.test.pem").toString(), "system")) {
                RefusedException refusal = rig.refusal(tls(fixed, wrong), rig.echo());
                assertThat(refusal.refusal()).isEqualTo(Cause.UNAVAILABLE);
                assertThat(refusal)
                        .hasMessageContaining("proxy p (https://proxy.test:")
                        .hasMessageContaining("tls.trust");
            }
            fixed[3] = "p=https://other.test:" + tls.port();
            assertThat(rig.refusal(tls(fixed, folder.resolve("proxy.test.pem").toString()), rig.echo()))
                    .hasMessageContaining("TLS: No subject alternative DNS name matching other.test found");
            rig.echoes(tls(fixed, "none"), rig.echo());
            rig.echoes(pinned(fixed, pin("proxy.test")), rig.echo());
            assertThat(rig.refusal(pinned(fixed, pin("other.test")), rig.echo()))
                    .hasMessageContaining("TLS: its certificate matches no tls.pin: its SHA-256 is "
                            + pin("proxy.test").toLowerCase(Locale.ROOT).replace(":", ""));
        }
    }

    private UpstreamConnector pinned(Object[] fixed, String pin) {
        return rig.connector(Stream.concat(Stream.of(fixed), Stream.of("tls.trust", "none", "tls.pin", pin))
                .toArray());
    }

    /** In the format of OpenSSL. */
    private String pin(String name) throws IOException, InterruptedException {
        Process openssl = new ProcessBuilder(
                        "openssl",
                        "x509",
                        "-noout",
                        "-fingerprint",
                        "-sha256",
                        "-in",
                        folder.resolve(name + ".pem").toString())
                .start();
        String printed = new String(openssl.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
        assertThat(openssl.waitFor()).isZero();
        return printed.substring(printed.indexOf('=') + 1);
    }

    private UpstreamConnector tls(Object[] fixed, String trust) {
        return rig.connector(
                Stream.concat(Stream.of(fixed), Stream.of("tls.trust", trust)).toArray());
    }

    @Test
    void throughThreeOfThem() throws IOException {
        need("squid");
        need("danted");
        need("tinyproxy");
        try (ProxyProgram squid = ProxyProgram.squid(folder, "http_access allow all");
                ProxyProgram dante = ProxyProgram.dante(folder);
                ProxyProgram tinyproxy = ProxyProgram.tinyproxy(folder, "", "")) {
            UpstreamConnector connector = rig.connector(
                    "proxies",
                    List.of(
                            "a=http://127.0.0.1:" + squid.port(),
                            "b=socks5://127.0.0.1:" + dante.port(),
                            "c=http://127.0.0.1:" + tinyproxy.port()),
                    "ways",
                    "* via a, b, c");
            rig.echoes(connector, rig.echo());
            // Squid logs a line at the end of a connection.
            await().untilAsserted(() ->
                    assertThat(Files.readString(folder.resolve("access.log"))).contains(":" + dante.port()));
        }
    }
}
