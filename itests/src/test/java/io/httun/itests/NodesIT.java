// SPDX-License-Identifier: Apache-2.0
package io.httun.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.httun.itests.fixture.ByteServer;
import io.httun.itests.fixture.ChildPrograms;
import io.httun.itests.fixture.Curl;
import io.httun.itests.fixture.Distribution;
import io.httun.itests.fixture.Haproxy;
import io.httun.itests.fixture.Keys;
import io.httun.itests.fixture.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two servers of one cluster behind the real HAProxy with the configuration of {@code docs/scale.md}, and one client. */
class NodesIT {
    private static final Duration RECOVERY = Duration.ofSeconds(20);
    private static final int SLOW_BYTES = 80 << 20;

    @TempDir
    static Path folder;

    private static final int WEB = Ports.free();
    private static final int[] NODES = {Ports.free(), Ports.free()};
    private static final int[] MEMBERS = {Ports.free(), Ports.free()};
    private static final int[] FORWARD = {Ports.free(), Ports.free()};
    private static final int SOCKS = Ports.free();

    private static ByteServer target;
    private static Distribution distribution;
    private static final Distribution.Running[] SERVERS = new Distribution.Running[2];
    private static Distribution.Running client;
    private static Haproxy balancer;

    @BeforeAll
    static void start() throws IOException {
        assumeThat(Haproxy.isThere()).as("haproxy").isTrue();
        target = new ByteServer();
        distribution = Distribution.unpack(Path.of(KarafOptions.build("distribution")), folder.resolve("httun"));
        String secret = Keys.secret();
        String clusterKey = Keys.secret();
        for (int i = 0; i < NODES.length; i++) {
            Path etc = etc("node" + (i + 1), secret);
            Files.write(etc.resolve("org.ops4j.pax.web.cfg"), List.of("org.osgi.service.http.port = " + NODES[i]));
            Files.write(etc.resolve("requested-features"), List.of("httun-metrics", "httun-cluster"));
            Files.write(etc.resolve("io.httun.server.cfg"), List.of("node = " + (i + 1)));
            Keys.write(etc.resolve("cluster.key"), clusterKey);
            Files.write(
                    etc.resolve("io.httun.cluster.cfg"),
                    List.of(
                            "key.file = ${karaf.etc}/cluster.key",
                            "listen = 127.0.0.1:" + MEMBERS[i],
                            "forward.port = " + FORWARD[i],
                            "members = 127.0.0.1:" + MEMBERS[0] + ", 127.0.0.1:" + MEMBERS[1],
                            "name = n" + (i + 1)));
            Files.write(
                    etc.resolve("io.httun.channel-home.cfg"),
                    List.of("name = home", "id = 1", "secret.file = ${karaf.etc}/home.key", "filters = none"));
        }
        Path etc = etc("client", secret);
        Files.write(
                etc.resolve("io.httun.client-home.cfg"),
                List.of(
                        "name = home",
                        "id = 1",
                        "urls = http://127.0.0.1:" + WEB + "/httun",
                        "secret.file = ${karaf.etc}/home.key"));
        Files.write(
                etc.resolve("io.httun.listener.socks-home.cfg"),
                List.of("name = home", "bind = 127.0.0.1:" + SOCKS, "connector.target = (name=home)"));
        startNode(0);
        startNode(1);
        balancer = new Haproxy(configuration(), WEB);
        client = distribution.run(folder.resolve("client"), SOCKS, "client");
    }

    @AfterAll
    static void stop() {
        for (AutoCloseable part : new AutoCloseable[] {client, balancer, SERVERS[0], SERVERS[1], target}) {
            if (part != null) {
                assertThat(part).satisfies(AutoCloseable::close);
            }
        }
    }

    /** A folder with the channel's key. */
    private static Path etc(String base, String secret) throws IOException {
        Path etc = Files.createDirectories(folder.resolve(base).resolve("etc"));
        Keys.write(etc.resolve("home.key"), secret);
        return etc;
    }

    /** Ours, in which only addresses are replaced. */
    private static Path configuration() throws IOException {
        String text = Files.readString(Path.of("../config/webserver/haproxy-nodes.cfg"))
                .replace("127.0.0.1:8080", "127.0.0.1:" + WEB)
                .replace("192.0.2.1:8181", "127.0.0.1:" + NODES[0])
                .replace("192.0.2.2:8181", "127.0.0.1:" + NODES[1]);
        return Files.writeString(folder.resolve("haproxy.cfg"), text);
    }

    private static void startNode(int index) {
        SERVERS[index] = distribution.run(folder.resolve("node" + (index + 1)), NODES[index], "server");
        await().atMost(Duration.ofMinutes(1))
                .until(() -> Curl.via(new String[0])
                                .run("-f", "http://127.0.0.1:" + NODES[index] + "/health/ready")
                                .exit()
                        == 0);
    }

    private static String shell(int index, String command) {
        return distribution
                .httunIn(folder.resolve("node" + (index + 1)), "shell", command)
                .ok()
                .output();
    }

    /** As a node shows them. */
    private static String nodes(int index) {
        String status = shell(index, "httun:status --json");
        return status.substring(status.indexOf("\"nodes\":"), status.indexOf("\"listeners\":"));
    }

    private static void assertKnowEachOther() {
        for (int i = 0; i < NODES.length; i++) {
            int index = i;
            await().atMost(RECOVERY).untilAsserted(() -> assertThat(nodes(index))
                    .contains("\"node\":1,\"name\":\"n1\"", "\"node\":2,\"name\":\"n2\"")
                    .doesNotContain("refused", "joining"));
        }
    }

    private static void works() {
        await().atMost(RECOVERY).pollInterval(Duration.ofMillis(200)).untilAsserted(() -> assertThat(
                        Curl.socks5(SOCKS).get(target.url("/")))
                .isEqualTo("hello"));
    }

    private static CompletableFuture<Void> slowDownload() {
        int before = target.accepted();
        CompletableFuture<Void> result =
                CompletableFuture.runAsync(() -> Curl.socks5(SOCKS).downloadSlowly(target, SLOW_BYTES));
        await().until(() -> target.accepted() > before);
        return result;
    }

    /** Of the node that carries new connections. */
    private static int serving() {
        for (int i = 0; i < NODES.length; i++) {
            if (shell(i, "httun:session-list --json").contains(sessionOf(i))) {
                return i;
            }
        }
        throw new AssertionError("no node has a session");
    }

    /** A part of what any node shows of a session at this one. */
    private static String sessionOf(int index) {
        return "\"channel\":\"home\",\"node\":" + (index + 1);
    }

    @Test
    void administratorsSeeAndCloseEverythingFromEitherNode() {
        works();
        assertKnowEachOther();
        int here = serving();
        int other = 1 - here;
        String row = shell(other, "httun:session-list --json");
        assertThat(row).contains(sessionOf(here));
        String id = row.replaceAll("(?s).*\"id\":\"([^\"]+)\".*", "$1");
        assertThat(shell(other, "httun:session-close " + id))
                .contains("Closed session " + id + " at node " + (here + 1) + " (n" + (here + 1) + ")");
        works();
        assertThat(shell(other, "httun:channel-disable home"))
                .contains("the other servers of the cluster refuse it within 2 s");
        await().atMost(RECOVERY).untilAsserted(() -> assertThat(shell(here, "httun:channel-list"))
                .contains("disabled at node " + (other + 1)));
        assertThat(shell(here, "httun:session-list --json")).doesNotContain("\"side\":\"server\"");
        assertThat(distribution
                        .httunIn(folder.resolve("node" + (here + 1)), "shell", "httun:health")
                        .output())
                .contains("refused, as it was disabled at node " + (other + 1));
        assertThat(shell(other, "httun:channel-enable home")).contains("Enabled channel home");
        works();
    }

    @Test
    void sessionsStayAtTheirNodeAndOutliveTheOther() throws Exception {
        works();
        assertKnowEachOther();
        int first = serving();
        CompletableFuture<Void> cut = slowDownload();
        ChildPrograms.run(Duration.ofSeconds(5), "kill", "-KILL", "" + SERVERS[first].pid())
                .ok();
        assertThat(cut).as("curl sees that it is cut").failsWithin(Duration.ofSeconds(10));
        works();
        assertThat(serving()).isEqualTo(1 - first);
        CompletableFuture<Void> kept = slowDownload();
        // New sessions of the channel belong to it again, the old one's requests do not.
        startNode(first);
        assertThat(kept).succeedsWithin(Duration.ofMinutes(1));
        assertThat(serving()).isEqualTo(1 - first);
    }
}
