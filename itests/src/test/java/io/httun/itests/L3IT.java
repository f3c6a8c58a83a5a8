// SPDX-License-Identifier: Apache-2.0
package io.httun.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.httun.itests.fixture.Distribution;
import io.httun.itests.fixture.Keys;
import io.httun.itests.fixture.Programs;
import io.httun.itests.fixture.TwoHosts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two hosts, each with the distribution and a TUN device, and what the kernel's own programs say of the network between. */
class L3IT {
    private static final int SERVER = 1;
    private static final int CLIENT = 2;
    private static final Duration START = Duration.ofSeconds(90);

    @TempDir
    static Path folder;

    private static Distribution distribution;
    private static TwoHosts hosts;
    private static Process server;
    private static Process client;

    @BeforeAll
    static void start() throws IOException {
        assumeThat(TwoHosts.obstacle()).isEmpty();
        distribution = Distribution.unpack(Path.of(KarafOptions.build("distribution")), folder.resolve("httun"));
        hosts = new TwoHosts();
        Path key = Keys.write(folder.resolve("office.key"), Keys.secret());
        configure(
                "server",
                "io.httun.tun-office.cfg",
                "name=office\ndevice=httun-s-office\naddresses=10.9.0.1/24,fd09::1/64\n");
        configure("server", "io.httun.endpoint.netty-l3.cfg", "name=l3\nlisten=10.77.0.1:8080\n");
        configure(
                "server",
                "io.httun.channel-office.cfg",
                "name=office\nid=5\nsecret.file=" + key + "\ntun.target=(name=office)\n");
        configure("client", "io.httun.tun-office.cfg", "name=office\naddresses=10.9.0.2/24,fd09::2/64\n");
        configure(
                "client",
                "io.httun.client-office.cfg",
                "name=office\nid=5\nurls=http://10.77.0.1:8080\nmode=tun\ntun.target=(name=office)\nsecret.file=" + key
                        + "\n");
        server = karaf(SERVER, "server");
        client = karaf(CLIENT, "client");
        awaitTunnel();
    }

    private static void configure(String side, String file, String content) throws IOException {
        Path etc = folder.resolve(side).resolve("etc");
        if (!Files.exists(etc)) {
            Files.createDirectories(etc.getParent());
            Programs.run(START, "cp", "-R", distribution.home().resolve("etc") + "", etc + "")
                    .ok();
            Path features = etc.resolve("org.apache.karaf.features.cfg");
            Files.writeString(
                    features, Files.readString(features).replace("${httun.features}", "${httun.features},httun-tun"));
        }
        Files.writeString(etc.resolve(file), content);
    }

    private static String httun(String side, String command) {
        return "env HTTUN_BASE=" + folder.resolve(side) + " JAVA_HOME=" + System.getProperty("java.home") + " "
                + distribution.home() + "/bin/httun " + command;
    }

    private static Process karaf(int host, String side) {
        return hosts.start(host, folder.resolve(side + ".out"), httun(side, side));
    }

    private static void awaitTunnel() {
        await("ping through the tunnel").atMost(START).until(() -> {
            assertThat(server.isAlive() && client.isAlive())
                    .as("both run: " + log("server") + log("client"))
                    .isTrue();
            return hosts.sh(CLIENT, "ping -c 1 -W 1 10.9.0.1").exit() == 0;
        });
    }

    private static String log(String side) throws IOException {
        Path log = folder.resolve(side).resolve("data/log/karaf.log");
        return Files.exists(log) ? Files.readString(log) : "";
    }

    @AfterAll
    static void stop() throws InterruptedException {
        for (Process karaf : new Process[] {client, server}) {
            if (karaf != null) {
                karaf.destroy();
                if (!karaf.waitFor(30, TimeUnit.SECONDS)) {
                    karaf.destroyForcibly();
                }
            }
        }
        if (hosts != null) {
            hosts.close();
        }
    }

    @Test
    void pingsOfEverySizeGoThroughInBothFamilies() {
        for (int size : new int[] {0, 1, 56, 1472, 9000, 63_440, 63_461, 65_000}) {
            assertThat(hosts.sh(CLIENT, "ping -c 1 -W 5 -s " + size + " 10.9.0.1")
                            .output())
                    .contains(" 0% packet loss");
            assertThat(hosts.sh(CLIENT, "ping -6 -c 1 -W 5 -s " + size + " fd09::1")
                            .output())
                    .contains(" 0% packet loss");
        }
        // The server knows who has which address from what came from there.
        assertThat(hosts.sh(SERVER, "ping -c 1 -W 5 10.9.0.2").output()).contains(" 0% packet loss");
        assertThat(hosts.sh(SERVER, "ping -6 -c 1 -W 5 fd09::2").output()).contains(" 0% packet loss");
        assertThat(hosts.sh(SERVER, "ping -c 1 -W 1 10.9.0.77").output()).contains("100% packet loss");
        assertThat(hosts.sh(SERVER, httun("server", "shell httun:tun-list")).output())
                .contains("httun-s-office")
                .contains("no-peer=");
    }

    @Test
    void iperfCarriesTcpBothWaysAndUdp() throws Exception {
        Process listening = hosts.start(SERVER, folder.resolve("iperf.out"), "iperf3 -s");
        try {
            await().ignoreExceptions()
                    .until(() -> hosts.sh(CLIENT, "iperf3 -c 10.9.0.1 -t 1").exit() == 0);
            assertThat(hosts.sh(CLIENT, "iperf3 -c 10.9.0.1 -t 2 -R").ok().output())
                    .contains("receiver");
            assertThat(hosts.sh(CLIENT, "iperf3 -c fd09::1 -t 2 -u -b 20M -l 1200")
                            .ok()
                            .output())
                    .contains("receiver");
        } finally {
            listening.destroy();
            listening.waitFor();
        }
    }

    @Test
    void aCopyArrivesWholeThoughTheDevicesBundleIsUpdatedMeanwhile() throws Exception {
        Path original = folder.resolve("original");
        Path copy = folder.resolve("copy");
        Programs.run(START, "dd", "if=/dev/urandom", "of=" + original, "bs=1M", "count=256")
                .ok();
        Process receiving = hosts.start(SERVER, copy, "nc.openbsd -l -N 10.9.0.1 7000");
        await().until(() -> hosts.sh(SERVER, "ss -ltn").output().contains(":7000"));
        Process sending = hosts.start(
                CLIENT, folder.resolve("send.out"), "sh -c 'nc.openbsd -N 10.9.0.1 7000 < " + original + "'");
        assertThat(hosts.sh(CLIENT, httun("client", "shell bundle:update io.httun.tun"))
                        .output())
                .doesNotContain("Error");
        assertThat(hosts.sh(CLIENT, "ip addr show httun-c-0").ok().output())
                .as("addresses survive")
                .contains("10.9.0.2/24");
        assertThat(sending.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(receiving.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(Files.mismatch(original, copy)).isEqualTo(-1);
    }

    @Test
    void aServerThatWasKilledIsFoundAgainWhileTheDeviceStaysUp() throws Exception {
        Process ping = hosts.start(CLIENT, folder.resolve("ping.out"), "ping -i 0.1 10.9.0.1");
        try {
            server.destroyForcibly().waitFor();
            server = karaf(SERVER, "server");
            awaitTunnel();
            assertThat(hosts.sh(CLIENT, "ip -br link show httun-c-0").output()).contains("UP");
        } finally {
            ping.destroy();
            ping.waitFor();
        }
        assertThat(hosts.sh(CLIENT, "ping -c 3 -i 0.2 10.9.0.1").output()).contains(" 0% packet loss");
    }
}
