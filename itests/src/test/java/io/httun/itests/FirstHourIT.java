// SPDX-License-Identifier: Apache-2.0
package io.httun.itests;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.itests.fixture.ChildPrograms;
import io.httun.itests.fixture.Distribution;
import io.httun.itests.fixture.Ports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code bin/httun} says, leaves alone and reaches. */
class FirstHourIT {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final Duration FIRST_START = Duration.ofMinutes(5);
    private static final String OWN_BASE = "system:property karaf.base";

    @TempDir
    static Path folder;

    private static Distribution distribution;

    @BeforeAll
    static void unpack() {
        distribution = Distribution.unpack(Path.of(KarafOptions.build("distribution")), folder.resolve("dist"));
    }

    /** With a web server on a port of its own. */
    private static Path base(String name) throws IOException {
        Path etc = Files.createDirectories(folder.resolve(name).resolve("etc"));
        Files.writeString(
                etc.resolve("org.ops4j.pax.web.cfg"),
                "org.osgi.service.http.port = " + Ports.free()
                        + "\norg.ops4j.pax.web.listening.addresses = 127.0.0.1\n");
        return folder.resolve(name);
    }

    /** Until the script has become Karaf, there is nothing to reach. */
    private static Distribution.Running start(Path base, String command) {
        Distribution.Running running = distribution.start(base, command);
        Awaitility.await()
                .atMost(LIMIT)
                .until(() -> Files.exists(base.resolve("data/httun.pid"))
                        && Files.readString(Path.of("/proc/" + running.pid() + "/cmdline"))
                                .contains("-Dkaraf.base="));
        return running;
    }

    @Test
    void aServerAndAClientBesideEachOtherAreReadyAndEachHasItsOwnShell() throws Exception {
        Path one = base("one");
        Path other = base("other");
        try (Distribution.Running server = start(one, "server");
                Distribution.Running client = start(other, "client")) {
            // Two first starts at once: the console of one has to move, and a busy machine takes its time.
            Awaitility.await()
                    .atMost(FIRST_START)
                    .until(() ->
                            Files.exists(one.resolve("data/console")) && Files.exists(other.resolve("data/console")));
            assertThat(distribution.httunIn(one, "shell", OWN_BASE).ok().output())
                    .contains(one.toRealPath() + "");
            assertThat(distribution.httunIn(other, "shell", OWN_BASE).ok().output())
                    .contains(other.toRealPath() + "");
            server.awaitOutput("httun server is ready: http://127.0.0.1:");
            client.awaitOutput("httun client is ready: no address is configured");
            assertThat(server.output().lines().toList()).hasSize(1);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(one.resolve("data/console"))))
                    .isEqualTo("rw-------");
            assertThat(distribution.httunIn(one, "shell", "bundle:list").ok().output())
                    .doesNotContain("\u001b");
            Files.writeString(one.resolve("etc/socks~x.cfg"), "bind = 127.0.0.1:0\n");
            ChildPrograms.Result health = Awaitility.await()
                    .atMost(LIMIT)
                    .until(() -> distribution.httunIn(one, "shell", "httun:health"), result -> result.exit() != 0);
            assertThat(health.output())
                    .contains("socks~x.cfg: no component uses socks~x")
                    .contains("rename the file to io.httun.listener.socks-x.cfg");
            stopsItsOwnOnly(one, other, server);
        }
    }

    @Test
    void aFirstStartTakesWhatTheBuildHasResolvedAndOpensNoOtherPort() throws Exception {
        Path base = base("resolved");
        try (Distribution.Running server = start(base, "server")) {
            server.awaitOutput("httun server is ready: http://127.0.0.1:");
            try (Stream<Path> cache = Files.walk(base.resolve("data/cache"))) {
                assertThat(cache.filter(file -> file.endsWith("bundle.jar"))).isEmpty();
            }
            assertThat(Files.readString(base.resolve("data/log/karaf.log")))
                    .contains("connector for address 127.0.0.1")
                    .doesNotContain("connector for address 0.0.0.0");
            assertThat(distribution
                            .httunIn(base, "shell", "feature:install httun-metrics")
                            .ok()
                            .output())
                    .doesNotContain("Error");
        }
    }

    private static void stopsItsOwnOnly(Path one, Path other, Distribution.Running server) throws Exception {
        Path pid = one.resolve("data/httun.pid");
        String own = Files.readString(pid);
        Files.writeString(pid, Files.readString(other.resolve("data/httun.pid")));
        assertThat(distribution.httunIn(one, "stop").output()).contains("nothing runs in " + one);
        Files.writeString(pid, own);
        distribution.httunIn(one, "stop").ok();
        assertThat(server.ends(LIMIT)).isTrue();
        assertThat(distribution.httunIn(other, "shell", OWN_BASE).exit()).isZero();
    }

    @Test
    void aProxyOnATakenPortSaysSoAndEnds() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            ChildPrograms.Result result =
                    distribution.httunIn(folder.resolve("proxy"), "proxy", "--socks", "" + taken.getLocalPort());
            assertThat(result.exit()).isEqualTo(1);
            assertThat(result.output())
                    .contains("127.0.0.1:" + taken.getLocalPort() + ": not listening: ")
                    .contains("taken");
        }
    }

    @Test
    void usersAreNeverDeletedAndTheAccountIsOptional() throws Exception {
        Path base = base("users");
        Path users = base.resolve("etc/users.properties");
        String own = "# mine\nann = secret,admin\n";
        Files.writeString(users, own);
        try (Distribution.Running client = start(base, "client")) {
            ChildPrograms.Result shell = distribution.httunIn(base, "shell", "info");
            assertThat(shell.exit()).isEqualTo(1);
            assertThat(shell.output()).contains("has no user httun").contains("ssh -p");
            assertThat(Files.readString(users)).isEqualTo(own);
            distribution.httunIn(base, "stop").ok();
            assertThat(client.ends(LIMIT)).isTrue();
        }
    }

    @Test
    void aFullDiskEndsTheStartWithASentence() throws Exception {
        Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "only root mounts a file system");
        Path small = Files.createDirectories(folder.resolve("small"));
        ChildPrograms.run(LIMIT, "mount", "-t", "tmpfs", "-o", "size=4m", "none", small + "")
                .ok();
        try {
            ChildPrograms.Result result = distribution.httunIn(small, "server");
            assertThat(result.exit()).isEqualTo(1);
            assertThat(result.output())
                    .isEqualToNormalizingNewlines("httun: the disk is full: " + small.toRealPath()
                            + " has room for 4 MiB, and the start needs 64 MiB\n");
        } finally {
            ChildPrograms.run(LIMIT, "umount", small + "").ok();
        }
    }

    @Test
    void connectTakesIpv6() {
        for (String[] words : new String[][] {{"[::1]:22"}, {"2001:db8::1", "22"}, {"[::1]", "22"}}) {
            String[] line = new String[words.length + 3];
            System.arraycopy(new String[] {"connect", "--via", "http://127.0.0.1:1"}, 0, line, 0, 3);
            System.arraycopy(words, 0, line, 3, words.length);
            assertThat(distribution.httun(line).output()).contains("Connection refused");
        }
        assertThat(distribution
                        .httun("connect", "--via", "http://127.0.0.1:1", "::1:22")
                        .output())
                .contains("'::1:22': write [::1]:22, or ::1 22");
    }
}
