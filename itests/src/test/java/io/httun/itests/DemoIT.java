// SPDX-License-Identifier: Apache-2.0
package io.httun.itests;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.itests.fixture.ByteServer;
import io.httun.itests.fixture.ChildPrograms;
import io.httun.itests.fixture.Curl;
import io.httun.itests.fixture.Distribution;
import io.httun.itests.fixture.DocumentedCommands;
import io.httun.itests.fixture.Keys;
import io.httun.itests.fixture.ProcessPorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The distribution as somebody uses it who has just unpacked it. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DemoIT {
    private static final int MIB = 1 << 20;
    private static final Duration STOP = Duration.ofSeconds(30);
    private static final String SOCKS = "socks5h://127\\.0\\.0\\.1:(\\d+)";
    private static final String CONNECT = "curl -x http://127\\.0\\.0\\.1:(\\d+)";

    @TempDir
    static Path folder;

    private static Distribution distribution;

    @BeforeAll
    static void unpack() {
        distribution = Distribution.unpack(Path.of(KarafOptions.build("distribution")), folder.resolve("a folder"));
    }

    @Test
    @Order(1)
    void theFirstDemoMakesItsSecretCarriesCurlAndEndsWithItsInput() throws Exception {
        try (ByteServer target = new ByteServer();
                Distribution.Running demo = distribution.demo()) {
            int socks = demo.number(SOCKS);
            int connect = demo.number(CONNECT);
            Curl.socks5(socks).download(target, 8 * MIB);
            Curl.connect(connect).upload(target, 8 * MIB);
            assertThat(demo.output())
                    .contains("made a secret")
                    .contains("encrypted frames")
                    .contains("round trips")
                    .contains("\"220 the far end speaks first\"")
                    .contains("SOCKS: Connection refused")
                    .containsPattern("http://127\\.0\\.0\\.1:\\d+/httun-page/#[A-Za-z0-9_-]{43}");
            assertNoSecretIn(demo.output());
            assertOnlySaidPorts(demo, socks, connect);
            assertThatThePagesCommandsRun();
            demo.endOfInput();
            assertThat(demo.ends(STOP)).as("ends when its input does").isTrue();
        }
        assertThat(distribution.httun("stop").exit())
                .as("nothing is left to stop")
                .isNotZero();
    }

    @Test
    @Order(2)
    void aSecondDemoUsesOtherPortsWhereTheUsualOnesAreTakenAndHttunStopEndsIt() throws Exception {
        List<ServerSocket> taken = new ArrayList<>();
        try (ByteServer target = new ByteServer()) {
            take(taken, 1080);
            take(taken, 8118);
            try (Distribution.Running demo = distribution.demo()) {
                int socks = demo.number("Port 1080 is taken: SOCKS listens on (\\d+)");
                int connect = demo.number("Port 8118 is taken: CONNECT listens on (\\d+)");
                assertThat(demo.output()).doesNotContain("made a secret");
                assertThat(demo.number(SOCKS)).isEqualTo(socks);
                assertThat(demo.number(CONNECT)).isEqualTo(connect);
                assertThat(Curl.socks5(socks).get(target.url("/"))).isEqualTo("hello");
                assertThat(Curl.connect(connect).get(target.url("/"))).isEqualTo("hello");
                ChildPrograms.Result again = distribution.httun("demo");
                assertThat(again.exit()).isNotZero();
                assertThat(again.output()).contains("already running").contains("httun stop");
                distribution.httun("stop").ok();
                assertThat(demo.ends(STOP)).isTrue();
            }
        } finally {
            for (ServerSocket socket : taken) {
                socket.close();
            }
        }
    }

    /** Whoever else has the port does as well. */
    private static void take(List<ServerSocket> taken, int port) {
        try {
            taken.add(new ServerSocket(port, 1, InetAddress.getLoopbackAddress()));
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("in use");
        }
    }

    private static void assertNoSecretIn(String output) throws IOException {
        try (Stream<Path> files = Files.walk(distribution.home().resolve("demo/etc"))) {
            List<Path> keys =
                    files.filter(file -> file.toString().endsWith(".key")).toList();
            assertThat(keys).isNotEmpty();
            for (Path key : keys) {
                assertThat(output).doesNotContain(Files.readString(key).strip());
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                        .isEqualTo("rw-------");
            }
        }
    }

    private static void assertThatThePagesCommandsRun() {
        List<String> lines = DocumentedCommands.all();
        assertThat(lines).hasSizeGreaterThan(15).contains("httun:status", "httun:status --json --all");
        // In one run of the console, whose start takes most of the time; the first line that fails ends it.
        ChildPrograms.Result result = distribution.httunIn(
                distribution.home().resolve("demo"), "shell", String.join("; ", lines) + "; echo 'all have run'");
        assertThat(result.ok().output())
                .contains("all have run")
                .doesNotContain("Command not found", "Error executing command");
    }

    /** SOCKS, CONNECT, Karaf's web server and its console, all for this machine only. */
    private static void assertOnlySaidPorts(Distribution.Running demo, int socks, int connect) throws IOException {
        String started = Files.readString(distribution.home().resolve("demo/data/started-as"));
        List<Integer> said = new ArrayList<>(List.of(socks, connect));
        for (String option : started.split("\\s+")) {
            if (option.matches("-Dhttun\\.(demo|http|ssh)\\.port=\\d+")) {
                said.add(Integer.parseInt(option.substring(option.indexOf('=') + 1)));
            }
        }
        assertThat(ProcessPorts.of(demo.pid()))
                .allSatisfy(listening -> {
                    assertThat(listening.loopback())
                            .as("%s is on loopback", listening)
                            .isTrue();
                    assertThat(said).contains(listening.port());
                })
                .hasSize(said.size());
    }

    @Test
    @Order(3)
    void aJavaThatKarafCannotRunOnIsRefusedInASentence(@TempDir Path java) throws Exception {
        Path program = java.resolve("bin/java");
        Files.createDirectories(program.getParent());
        Files.writeString(program, "#!/bin/sh\necho 'openjdk version \"25.0.1\" 2025-10-21' >&2\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        for (String command : List.of("demo", "server", "client")) {
            ChildPrograms.Result result = distribution.httun(java, command);
            assertThat(result.exit()).isNotZero();
            assertThat(result.output())
                    .contains("found Java 25.0.1")
                    .contains("need Java 17")
                    .contains("JAVA_HOME");
            assertThat(result.output().lines()).hasSize(1);
        }
    }

    @Test
    @Order(4)
    void aKeyIsMadeForItsOwnerOnlyAndNeverOverwritten() throws Exception {
        Path file = folder.resolve("new.key");
        distribution.httun("gen-key", file.toString()).ok();
        assertThat(Files.readString(file)).matches("[0-9a-f]{64}\n");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        String first = Files.readString(file);
        ChildPrograms.Result again = distribution.httun("gen-key", file.toString());
        assertThat(again.exit()).isNotZero();
        assertThat(again.output()).contains(file.toString()).contains("must not exist");
        assertThat(Files.readString(file)).isEqualTo(first);
        assertThat(distribution.httun("gen-key").ok().output()).matches("[0-9a-f]{64}\n");
    }

    @Test
    @Order(5)
    void theOtherCommandsAnswer() {
        assertThat(distribution.httun("gen-uuid").ok().output())
                .matches("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}\n");
        assertThat(distribution.httun("--help").ok().output()).contains("demo", "server", "client", "shell", "gen-key");
        assertThat(distribution.httun("--version").ok().output()).contains(KarafOptions.build("version"));
        ChildPrograms.Result wrong = distribution.httun("fly-" + Keys.randomId());
        assertThat(wrong.exit()).isNotZero();
        assertThat(wrong.output()).contains("unknown command").contains("--help");
    }
}
