// SPDX-License-Identifier: Apache-2.0
package io.httun.itests;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.itests.fixture.ByteServer;
import io.httun.itests.fixture.ChildPrograms;
import io.httun.itests.fixture.Curl;
import io.httun.itests.fixture.Distribution;
import io.httun.itests.fixture.Ports;
import io.httun.itests.fixture.Sshd;
import io.httun.testpeers.ProxyProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code httun proxy} and {@code httun connect}, which need no configuration. */
class ProxyIT {
    private static final int MIB = 1 << 20;
    private static final Duration STOP = Duration.ofSeconds(30);
    private static final int SOCKS = Ports.free();
    private static final int CONNECT = Ports.free();
    /** Of a listener of the client, which is not running. */
    private static final int CLIENTS = Ports.free();

    @TempDir
    static Path folder;

    private static Distribution distribution;
    private static ByteServer target;
    private static ByteServer denied;
    private static Sshd sshd;
    private static Distribution.Running proxy;

    @BeforeAll
    static void start() throws IOException {
        distribution = Distribution.unpack(Path.of(KarafOptions.build("distribution")), folder.resolve("a folder"));
        Files.writeString(
                distribution.home().resolve("etc/io.httun.listener.socks-home.cfg"),
                "name = home\nbind = 127.0.0.1:" + CLIENTS + "\n");
        target = new ByteServer();
        denied = new ByteServer();
        sshd = new Sshd(folder.resolve("sshd"));
        proxy = distribution.proxy(
                base(),
                CONNECT,
                "--socks",
                "" + SOCKS,
                "--connect",
                "127.0.0.1:" + CONNECT,
                "--allow",
                "127.0.0.1:" + target.port(),
                "--allow",
                "127.*:" + sshd.port());
    }

    @AfterAll
    static void stop() {
        for (AutoCloseable part : new AutoCloseable[] {proxy, sshd, denied, target}) {
            close(part);
        }
    }

    private static void close(AutoCloseable part) {
        try {
            if (part != null) {
                part.close();
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void karafsOwnUsersLogInWhereTheRealmIsConfigured() throws Exception {
        int port = Ports.free();
        Path etc = base().resolve("etc");
        Files.writeString(etc.resolve("users.properties"), "ann = secret,viewer\n", StandardOpenOption.APPEND);
        Path listener = etc.resolve("io.httun.listener.connect-realm.cfg");
        Files.writeString(listener, "name = realm\nbind = 127.0.0.1:" + port + "\nusers.realm = karaf\n");
        try {
            Awaitility.await().atMost(STOP).until(() -> Ports.isOpen(port));
            asUser(port, "ann:secret").download(target, MIB);
            for (String wrong : new String[] {"ann:guess", "bob:secret", ":"}) {
                ChildPrograms.Result refused = asUser(port, wrong).run(target.url("/"));
                assertThat(refused.exit()).isNotZero();
                assertThat(refused.output()).contains("407");
            }
            assertThat(Curl.connect(port).run(target.url("/")).output()).contains("407");
        } finally {
            Files.delete(listener);
        }
        Awaitility.await().atMost(STOP).until(() -> !Ports.isOpen(port));
    }

    private static Curl asUser(int port, String login) {
        return Curl.via("--proxytunnel", "-x", "http://127.0.0.1:" + port, "--proxy-user", login);
    }

    private static Path base() {
        return folder.resolve("proxy base");
    }

    @Test
    void servesBothProtocolsAndOnlyWhatItAllows() throws Exception {
        Curl.socks5(SOCKS).download(target, 8 * MIB);
        Curl.socks4a(SOCKS).upload(target, 8 * MIB);
        Curl.connect(CONNECT).download(target, 8 * MIB);
        Curl plain = Curl.via("-x", "http://127.0.0.1:" + CONNECT);
        assertThat(plain.get(target.url("/"))).isEqualTo("hello");
        ChildPrograms.Result tunnelled = Curl.connect(CONNECT).run(denied.url("/"));
        assertThat(tunnelled.exit()).isNotZero();
        assertThat(tunnelled.output()).contains("403");
        assertThat(plain.run("-o", "/dev/null", "-w", "%{http_code}", denied.url("/"))
                        .output())
                .isEqualTo("403");
        ChildPrograms.Result socks = Curl.socks5(SOCKS).run(denied.url("/"));
        assertThat(socks.exit()).isNotZero();
        assertThat(socks.output()).contains("(2)");
        assertThat(denied.accepted()).isZero();
        assertThat(Ports.isOpen(CLIENTS)).isFalse();
        assertNoErrorOfOurs(proxy);
    }

    /** Karaf's console says so of a port that somebody else has taken meanwhile. */
    private static void assertNoErrorOfOurs(Distribution.Running running) throws IOException {
        assertThat(running.log()).doesNotContainPattern("ERROR.*io\\.httun");
    }

    @Test
    void goesThroughAnotherProxyAndThroughAChain() throws Exception {
        Assumptions.assumeTrue(ProxyProgram.isInstalled("tinyproxy"), "tinyproxy is not installed");
        Path tinyFolder =
                Files.createDirectories(Path.of(KarafOptions.build("work")).resolve("tinyproxy-" + CONNECT));
        Path base = folder.resolve("front");
        int port = Ports.free();
        try (ProxyProgram tiny = ProxyProgram.tinyproxy(tinyFolder, "", "")) {
            String tinyUrl = "http://127.0.0.1:" + tiny.port();
            try (Distribution.Running front =
                    distribution.proxy(base, port, "--connect", "" + port, "--via", tinyUrl)) {
                Curl.connect(port).download(target, MIB);
                assertThat(tiny.output()).contains("CONNECT 127.0.0.1:" + target.port());
                distribution.httunIn(base, "stop").ok();
                assertThat(front.ends(STOP)).isTrue();
            }
            // In the same folder: what the first one made is not there any more.
            try (Distribution.Running front = distribution.proxy(
                    base, port, "--socks", "" + port, "--via", tinyUrl, "--via", "socks5://127.0.0.1:" + SOCKS)) {
                Curl.socks5(port).upload(target, MIB);
                assertThat(tiny.output()).contains("CONNECT 127.0.0.1:" + SOCKS);
                assertThat(Curl.socks5(port).run(denied.url("/")).exit()).isNotZero();
                sshd.echo(sshd.port(), MIB, proxyCommand("--via socks5://127.0.0.1:" + port));
                assertNoErrorOfOurs(front);
            }
        }
        assertThat(denied.accepted()).isZero();
    }

    @Test
    void twoThatPointAtEachOtherRefuse() throws Exception {
        int first = Ports.free();
        int second = Ports.free();
        try (Distribution.Running one = pointing(first, second);
                Distribution.Running other = pointing(second, first)) {
            ChildPrograms.Result looped = Curl.connect(first).run(target.url("/"));
            assertThat(looped.exit()).isNotZero();
            assertThat(looped.output()).contains("403");
            assertNoErrorOfOurs(one);
            assertNoErrorOfOurs(other);
        }
    }

    private static Distribution.Running pointing(int port, int to) {
        return distribution.proxy(
                folder.resolve("base " + port), port, "--connect", "" + port, "--via", "http://127.0.0.1:" + to);
    }

    private static String proxyCommand(String options) {
        return "ProxyCommand=env JAVA_HOME='" + System.getProperty("java.home") + "' HTTUN_BASE='" + base() + "' '"
                + distribution.home() + "/bin/httun' connect " + options + " %h:%p";
    }

    @Test
    void sshMovesAFileThroughItsStandardStreams() {
        sshd.echo(sshd.port(), 4 * MIB, proxyCommand("--via http://127.0.0.1:" + CONNECT));
        sshd.echo(sshd.port(), 4 * MIB, proxyCommand("--via socks5://127.0.0.1:" + SOCKS));
    }

    @Test
    void connectFindsTheListenerThatRunsAndTakesHostAndPortInTwoWords() {
        sshd.echo(sshd.port(), MIB, proxyCommand("").replace("%h:%p", "%h %p"));
    }

    @Test
    void connectSaysInALineWhatIsWrong() {
        assertRefused("403", "connect", "--via", "http://127.0.0.1:" + CONNECT, "127.0.0.1:" + denied.port());
        assertRefused(
                "this target is not allowed",
                "connect",
                "--via",
                "socks5://127.0.0.1:" + SOCKS,
                "127.0.0.1:" + denied.port());
        assertRefused("Connection refused", "connect", "--via", "http://127.0.0.1:1", "localhost:22");
        assertRefused("nothing runs in", "connect", "localhost:22");
        assertThat(distribution
                        .httunIn(folder.resolve("nothing"), "connect", "localhost:22")
                        .output())
                .contains("no listener is configured");
        assertRefused("'localhost' is not HOST:PORT", "connect", "localhost");
        for (String url :
                new String[] {"127.0.0.1:1080", "http://127.0.0.1", "proxy", "ftp://127.0.0.1:21", "http://a b:1"}) {
            assertRefused("must be http://, https:// or socks5://HOST:PORT", "connect", "--via", url, "localhost:22");
        }
        assertRefused("missing", "connect", "--via", "http://127.0.0.1:1", "--login", "/missing", "localhost:22");
    }

    @Test
    void proxySaysInALineWhatIsWrong() {
        assertRefused("--socks PORT, --connect PORT or both", "proxy");
        assertRefused("'a' is neither PORT nor ADDRESS:PORT", "proxy", "--socks", "a");
        assertRefused("--via needs a value", "proxy", "--socks", "1", "--via");
        assertRefused("unknown option '--fly'", "proxy", "--fly");
        assertRefused("--allow a,b: a character that is not allowed there", "proxy", "--socks", "1", "--allow", "a,b");
        ChildPrograms.Result again = distribution.httunIn(base(), "proxy", "--socks", "1");
        assertThat(again.exit()).isNotZero();
        assertThat(again.output()).contains("already running in " + base());
    }

    private static void assertRefused(String message, String... arguments) {
        ChildPrograms.Result result = distribution.httun(arguments);
        assertThat(result.exit()).isNotZero();
        assertThat(result.output()).contains(message);
        assertThat(result.output().lines()).hasSize(1);
    }
}
