// SPDX-License-Identifier: Apache-2.0
package io.httun.itests;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.itests.fixture.ByteServer;
import io.httun.itests.fixture.ChildPrograms;
import io.httun.itests.fixture.Curl;
import io.httun.itests.fixture.Distribution;
import io.httun.itests.fixture.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From an invitation to a working curl between two processes, and back. */
class JoinIT {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final Duration FIRST_START = Duration.ofMinutes(5);
    private static final Pattern JOIN = Pattern.compile("^httun join '(httun://[^']+)'$", Pattern.MULTILINE);
    private static final Pattern SOCKS = Pattern.compile("curl -x socks5h://127\\.0\\.0\\.1:(\\d+)");

    @TempDir
    Path folder;

    private Distribution distribution;
    private Path server;
    private Path client;

    private static Path base(Path folder) throws IOException {
        Path etc = Files.createDirectories(folder.resolve("etc"));
        Files.writeString(
                etc.resolve("org.ops4j.pax.web.cfg"),
                "org.osgi.service.http.port = " + Ports.free()
                        + "\norg.ops4j.pax.web.listening.addresses = 127.0.0.1\n");
        return folder;
    }

    private ChildPrograms.Result at(Path base, String... words) {
        return distribution.httunIn(base, words);
    }

    private ChildPrograms.Result shell(String command) {
        return at(server, "shell", command);
    }

    private static String link(ChildPrograms.Result printed) {
        Matcher matcher = JOIN.matcher(printed.ok().output());
        assertThat(matcher.find()).as(printed.output()).isTrue();
        return matcher.group(1);
    }

    /** The first one starts the client. */
    private ChildPrograms.Result join(String link) {
        return ChildPrograms.run(
                FIRST_START,
                Path.of("/dev/null"),
                List.of(
                        "env",
                        "HTTUN_BASE=" + client,
                        "JAVA_HOME=" + System.getProperty("java.home"),
                        distribution.home() + "/bin/httun",
                        "join",
                        link));
    }

    @Test
    void aLineJoinsAndAccessIsTakenBack() throws Exception {
        distribution = Distribution.unpack(Path.of(KarafOptions.build("distribution")), folder.resolve("dist"));
        server = base(folder.resolve("server"));
        client = base(folder.resolve("client"));
        int port = Ports.free();
        Files.writeString(
                server.resolve("etc/io.httun.endpoint.netty-default.cfg"),
                "name = default\nlisten = 127.0.0.1:" + port + "\n");
        try (ByteServer target = new ByteServer();
                Distribution.Running running = distribution.start(server, "server")) {
            Awaitility.await().atMost(FIRST_START).until(() -> Files.exists(server.resolve("data/console")));
            running.awaitOutput("http://127.0.0.1:" + port);
            assertThat(at(server, "invite", "x';osgi:shutdown").exit()).isEqualTo(2);
            assertThat(at(server, "invite", "laptop").output())
                    .contains("The public URL of this server is not known: give --url");
            ChildPrograms.Result refused =
                    at(server, "invite", "laptop", "--url", "http://127.0.0.1:" + port, "--expires", "someday");
            assertThat(refused.exit()).isEqualTo(1);
            assertThat(refused.output()).contains("expires = someday: must be the last day");
            assertThat(server.resolve("etc/httun/laptop.key")).doesNotExist();
            String first = link(at(
                    server,
                    "invite",
                    "laptop",
                    "--url",
                    "http://127.0.0.1:" + port,
                    "--allow",
                    "127.0.0.0/8",
                    "--quota",
                    "10gb/month"));
            assertThat(PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(server.resolve("etc/httun/laptop.key"))))
                    .isEqualTo("rw-------");
            try {
                use(target, first);
            } finally {
                at(client, "stop");
            }
        }
    }

    private void use(ByteServer target, String first) throws Exception {
        ChildPrograms.Result joined = join(first).ok();
        assertThat(joined.output()).contains("works: http://127.0.0.1:", "knows channel laptop and its secret");
        assertThat(client.resolve("data/join.link")).doesNotExist();
        Matcher socks = SOCKS.matcher(joined.output());
        assertThat(socks.find()).isTrue();
        Curl curl = Curl.socks5(Integer.parseInt(socks.group(1)));
        assertThat(curl.get(target.url("/"))).isEqualTo("hello");
        assertThat(shell("httun:channel-list --json").ok().output())
                .contains("\"quota\":\"10gb/month\"")
                .doesNotContain("\"usedThisMonth\":0");

        shell("httun:channel-disable laptop").ok();
        Awaitility.await()
                .atMost(LIMIT)
                .until(() -> shell("httun:session-list --json").ok().output().contains("[]"));
        assertThat(curl.run("-f", target.url("/")).exit()).isNotZero();
        shell("httun:channel-enable laptop").ok();
        Awaitility.await()
                .atMost(LIMIT)
                .until(() -> curl.run("-f", target.url("/")).exit() == 0);

        CompletableFuture<Void> download = CompletableFuture.runAsync(() -> curl.downloadSlowly(target, 32 << 20));
        Path key = server.resolve("etc/httun/laptop.key");
        String second = link(shell("httun:channel-rotate laptop --url "
                + first.replaceFirst("httun", "http").replaceAll("#.*", "")));
        assertThat(second).isNotEqualTo(first);
        assertThat(Files.readAllLines(key)).hasSize(2);
        join(second).ok();
        Awaitility.await().atMost(LIMIT).until(() -> Files.readAllLines(key).size() == 1);
        assertThat(key).hasSameTextualContentAs(client.resolve("etc/httun/laptop.key"));
        download.join();
        assertThat(curl.get(target.url("/"))).isEqualTo("hello");

        shell("httun:channel-delete laptop").ok();
        assertThat(key).doesNotExist();
        assertThat(server.resolve("etc/io.httun.channel-laptop.cfg")).doesNotExist();
        assertThat(curl.run("-f", target.url("/")).exit()).isNotZero();
        assertThat(join(second).output()).contains("does not work: the tunnel: ");
    }
}
