// SPDX-License-Identifier: Apache-2.0
package io.httun.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.itests.fixture.ByteServer;
import io.httun.itests.fixture.ChildPrograms;
import io.httun.itests.fixture.Curl;
import io.httun.itests.fixture.Distribution;
import io.httun.itests.fixture.Keys;
import io.httun.itests.fixture.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Processes of the distribution that are killed or stopped while the others run on. {@code -Dhttun.faults.seconds} says for how
 * long they are stopped.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class OutageIT {
    private static final Duration STOPPED = Duration.ofSeconds(Integer.getInteger("httun.faults.seconds", 10));
    private static final Duration RECOVERY = Duration.ofSeconds(20);
    private static final int SLOW_BYTES = 200 << 20;

    @TempDir
    static Path folder;

    private static final int HTTP = Ports.free();
    private static final int SOCKS = Ports.free();

    private static ByteServer target;
    private static Distribution distribution;
    private static Distribution.Running server;
    private static Distribution.Running client;

    @BeforeAll
    static void start() throws IOException {
        target = new ByteServer();
        distribution = Distribution.unpack(Path.of(KarafOptions.build("distribution")), folder.resolve("httun"));
        String secret = Keys.secret();
        configure("server", "endpoint.netty-home", List.of("name = home", "listen = 127.0.0.1:" + HTTP), secret);
        configure(
                "server",
                "channel-home",
                List.of("name = home", "id = 1", "secret.file = ${karaf.etc}/home.key", "filters = none"),
                secret);
        configure(
                "client",
                "client-home",
                List.of(
                        "name = home",
                        "urls = http://127.0.0.1:" + HTTP,
                        "id = 1",
                        "secret.file = ${karaf.etc}/home.key"),
                secret);
        configure(
                "client",
                "listener.socks-home",
                List.of("name = home", "bind = 127.0.0.1:" + SOCKS, "connector.target = (name=home)"),
                secret);
        startServer();
        client = distribution.run(base("client"), SOCKS, "client");
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
        target.close();
    }

    private static Path base(String which) {
        return folder.resolve(which);
    }

    private static void startServer() {
        server = distribution.run(base("server"), HTTP, "server", "--endpoint", "netty");
    }

    private static void configure(String which, String pid, List<String> lines, String secret) throws IOException {
        Path etc = base(which).resolve("etc");
        if (!Files.exists(etc)) {
            Files.createDirectories(base(which));
            ChildPrograms.run(
                            Duration.ofSeconds(20),
                            "cp",
                            "-R",
                            distribution.home().resolve("etc") + "",
                            etc + "")
                    .ok();
            Keys.write(etc.resolve("home.key"), secret);
            Files.writeString(
                    etc.resolve("jvm.options"), "\n-Dhttun.ssh.port=" + Ports.free() + "\n", StandardOpenOption.APPEND);
        }
        Files.write(etc.resolve("io.httun." + pid + ".cfg"), lines);
    }

    private static void works() {
        await().atMost(RECOVERY).pollInterval(Duration.ofMillis(200)).untilAsserted(() -> assertThat(
                        Curl.socks5(SOCKS).get(target.url("/")))
                .isEqualTo("hello"));
    }

    private static CompletableFuture<ChildPrograms.Result> slowDownload() {
        int before = target.accepted();
        CompletableFuture<ChildPrograms.Result> result = CompletableFuture.supplyAsync(
                () -> Curl.socks5(SOCKS).run("-f", "-o", "/dev/null", target.url("/slow/" + SLOW_BYTES)));
        await().until(() -> target.accepted() > before);
        return result;
    }

    private static void signal(Distribution.Running process, String signal) {
        ChildPrograms.run(Duration.ofSeconds(5), "kill", "-" + signal, process.pid() + "")
                .ok();
    }

    /** Ends when the time is over. */
    private static void stopped(Distribution.Running process) {
        signal(process, "STOP");
        long until = System.nanoTime() + STOPPED.toNanos();
        await().atMost(STOPPED.plusSeconds(5)).until(() -> System.nanoTime() - until > 0);
        signal(process, "CONT");
    }

    @Test
    @Order(1)
    void aServerThatIsKilledAndStartedAgain() throws Exception {
        works();
        CompletableFuture<ChildPrograms.Result> cut = slowDownload();
        signal(server, "KILL");
        assertThat(server.ends(Duration.ofSeconds(10))).isTrue();
        startServer();
        works();
        assertThat(cut.get().exit()).as("curl sees that it is cut").isNotZero();
    }

    @Test
    @Order(2)
    void aClientThatSleeps() {
        works();
        stopped(client);
        works();
    }

    @Test
    @Order(3)
    void aServerThatDoesNotAnswer() {
        works();
        stopped(server);
        works();
        Curl.socks5(SOCKS).download(target, 8 << 20);
    }
}
