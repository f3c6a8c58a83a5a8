// SPDX-License-Identifier: Apache-2.0
package io.httun.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.httun.itests.fixture.Distribution;
import io.httun.itests.fixture.Keys;
import io.httun.itests.fixture.Network;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole networks: two Karafs on two hosts, each with real TUN devices, and a third host behind the server. */
class NetworkIT {
    private static final Duration START = Duration.ofMinutes(3);
    private static final Duration BACK = Duration.ofSeconds(60);

    @TempDir
    static Path folder;

    private static Network near;
    private static Network far;
    private static Network beyond;
    private static Network.Karaf client;
    private static Network.Karaf server;

    @BeforeAll
    static void build() throws Exception {
        assumeThat(Network.obstacle()).as("what is missing").isEmpty();
        near = Network.make("near");
        far = Network.make("far");
        beyond = Network.make("beyond");
        near.join(far, "eth0", "192.0.2.1/24", "192.0.2.2/24");
        far.join(beyond, "eth1", "10.20.0.1/24", "10.20.0.2/24");
        far.sh("sysctl -qw net.ipv4.ip_forward=1; ip link set eth1 mtu 1300");
        beyond.sh("ip route add default via 10.20.0.1; ip link set eth1 mtu 1300");
        Path home = Distribution.unpack(Path.of(KarafOptions.build("distribution")), folder.resolve("httun"))
                .home();
        Path key = Keys.write(folder.resolve("key"), Keys.secret());
        Path otherKey = Keys.write(folder.resolve("other.key"), Keys.secret());
        server = far.karaf(home, folder.resolve("server"), "server", serverFiles(key, otherKey))
                .start();
        client = near.karaf(home, folder.resolve("client"), "client", clientFiles(key, otherKey))
                .start();
        near.awaitPing("10.9.1.1", START);
        near.awaitPing("10.9.2.1", BACK);
    }

    /** Channel 1 has the stock MTU, channel 2 a small one and two clients. */
    private static Map<String, String> serverFiles(Path key, Path otherKey) {
        Map<String, String> files = new TreeMap<>();
        files.put("io.httun.channel-big.cfg", "name=big\nid=1\ntun.target=(name=big)\nsecret.file=" + key + "\n");
        files.put(
                "io.httun.channel-small.cfg",
                "name=small\nid=2\ntun.target=(name=small)\nsecret.file=" + otherKey + "\n");
        files.put("io.httun.tun-big.cfg", tun("big", 1, 1, 63_488, ""));
        files.put("io.httun.tun-small.cfg", tun("small", 2, 1, 1400, ""));
        return files;
    }

    private static Map<String, String> clientFiles(Path key, Path otherKey) {
        Map<String, String> files = new TreeMap<>();
        files.put("io.httun.client-big.cfg", client("big", 1, key));
        files.put("io.httun.client-small.cfg", client("small", 2, otherKey));
        files.put("io.httun.client-third.cfg", client("third", 2, otherKey));
        files.put("io.httun.tun-big.cfg", tun("big", 1, 2, 63_488, "10.20.0.0/16"));
        files.put("io.httun.tun-small.cfg", tun("small", 2, 2, 1400, ""));
        files.put("io.httun.tun-third.cfg", tun("third", 2, 3, 1400, ""));
        return files;
    }

    private static String client(String name, int id, Path key) {
        return "name=" + name + "\nid=" + id + "\nurls=http://192.0.2.2:8181/httun\nsecret.file=" + key
                + "\nmode=tun\ntun.target=(name=" + name + ")\n";
    }

    private static String tun(String name, int net, int host, int mtu, String routes) {
        int bits = name.equals("third") ? 32 : 24;
        return "name=" + name + "\ndevice=tun-" + name + "\nmtu=" + mtu + "\naddresses=10.9." + net + "." + host + "/"
                + bits + (bits == 32 ? "" : ", fd09:" + net + "::" + host + "/64") + "\nroutes=" + routes + "\n";
    }

    @AfterAll
    static void tearDown() {
        for (AutoCloseable part : new AutoCloseable[] {client, server, near, far, beyond}) {
            if (part != null) {
                close(part);
            }
        }
    }

    private static void close(AutoCloseable part) {
        try {
            part.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void pingsOfEverySizeBothWays() {
        // The server learns from packets which addresses a client has.
        near.awaitPing("fd09:1::1", BACK);
        near.awaitPing("fd09:2::1", BACK);
        for (int size : new int[] {0, 1, 56, 1351, 1352, 1372, 1373, 9000, 63_460, 65_000}) {
            for (int net : new int[] {1, 2}) {
                near.sh("ping -c 1 -W 5 -s " + size + " 10.9." + net + ".1");
                far.sh("ping -6 -c 1 -W 5 -s " + size + " fd09:" + net + "::2");
            }
        }
    }

    @Test
    void iperfBothWaysWithTcpAndUdp() {
        Process iperf = far.start(folder.resolve("iperf.log"), Map.of(), "iperf3 -s");
        try {
            await().until(() -> far.works("ss -ltn | grep -q :5201"));
            for (String options : new String[] {"", "-R", "-u -b 50M -l 1200", "-u -b 50M -l 1200 -R", "-6 -P 4"}) {
                for (int net : new int[] {1, 2}) {
                    String target = options.startsWith("-6") ? "fd09:" + net + "::1" : "10.9." + net + ".1";
                    assertThat(near.sh("iperf3 -c " + target + " -t 2 -f m " + options))
                            .contains("iperf Done");
                }
            }
        } finally {
            iperf.destroy();
        }
    }

    @Test
    void copiesAGibibyteBySshUnchanged() throws Exception {
        Path home = Files.createDirectories(folder.resolve("ssh"));
        near.sh("cd " + home + " && ssh-keygen -q -t ed25519 -N '' -f host && ssh-keygen -q -t ed25519 -N '' -f user"
                + " && cp user.pub authorized && mkdir -p /run/sshd");
        Process sshd = far.start(
                folder.resolve("sshd.log"),
                Map.of(),
                "/usr/sbin/sshd -D -e -f /dev/null -p 2222 -h " + home + "/host -o StrictModes=no -o PidFile=none"
                        + " -o UsePAM=no -o AuthorizedKeysFile=" + home + "/authorized -o PermitRootLogin=yes");
        try {
            await().until(() -> far.works("ss -ltn | grep -q :2222"));
            String ssh =
                    "ssh -q -p 2222 -i " + home + "/user -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"
                            + " -o IdentitiesOnly=yes 10.9.1.1 ";
            String sums = near.sh("set -o pipefail; head -c 1073741824 /dev/zero | openssl enc -aes-128-ctr -nosalt -K "
                    + "0".repeat(32) + " -iv " + "0".repeat(32) + " | tee >(sha256sum >&2) | " + ssh + "sha256sum");
            assertThat(sums.lines().distinct()).as(sums).hasSize(1);
        } finally {
            sshd.destroy();
        }
    }

    @Test
    void theNetworkBehindTheServerIsReachedAndTellsItsMtu() {
        near.awaitPing("10.20.0.2", BACK);
        assertThat(near.sh("ping -c 2 -W 2 -M do -s 1400 10.20.0.2 2>&1 || true"))
                .containsAnyOf("Frag needed and DF set (mtu = 1300)", "message too long, mtu=1300", "mtu = 1300");
    }

    @Test
    void aSpoofedSourceIsDroppedAndCounted() {
        near.awaitPing("10.9.2.1", BACK);
        near.sh("ping -c 1 -W 2 -I tun-third 10.9.2.1");
        // The address of another client, by way of the third one's device.
        near.sh("ip route add 10.9.2.99/32 dev tun-third; ping -c 3 -W 1 -I 10.9.2.2 10.9.2.99 || true");
        await().untilAsserted(
                        () -> assertThat(server.shell("httun:tun-list --json")).contains("spoofed="));
    }

    @Test
    void anUpdateOfTheBundleUnderLoadLosesLittleAndKeepsAddressesAndRoutes() throws Exception {
        near.awaitPing("10.9.1.1", BACK);
        near.sh("ip addr add 10.99.0.1/32 dev tun-big; ip route add 10.98.0.0/16 dev tun-big");
        Path report = folder.resolve("ping.log");
        Process ping = near.start(report, Map.of(), "ping -i 0.05 -c 400 -q 10.9.1.1");
        client.shell("bundle:update io.httun.tun");
        assertThat(ping.waitFor()).isZero();
        Matcher received = Pattern.compile("(\\d+) received").matcher(Files.readString(report));
        assertThat(received.find()).isTrue();
        assertThat(Integer.parseInt(received.group(1)))
                .as("of 400, one each 50 ms")
                .isGreaterThan(200);
        assertThat(near.sh("ip addr show tun-big")).contains("10.9.1.2/24", "10.99.0.1/32");
        assertThat(near.sh("ip route")).contains("10.20.0.0/16 dev tun-big", "10.98.0.0/16 dev tun-big");
    }

    @Test
    void aDeviceRemovedByHandUnderLoadIsMadeAgain() {
        near.awaitPing("10.9.2.1", BACK);
        near.sh("ping -i 0.05 -c 20 -q 10.9.2.1 & sleep 0.3; ip link delete tun-small; wait || true");
        near.awaitPing("10.9.2.1", BACK);
        assertThat(client.log()).contains("the interface was removed by somebody");
    }

    @Test
    void theServerMayBeKilledUnderLoad() throws Exception {
        near.awaitPing("10.9.2.1", BACK);
        Process load = near.start(folder.resolve("load.log"), Map.of(), "ping -f -c 100000 -q 10.9.2.1");
        try {
            server.kill();
            server.start();
            near.awaitPing("10.9.2.1", START);
            near.awaitPing("10.9.1.1", BACK);
        } finally {
            load.destroy();
        }
    }

    @Test
    void aDeletedConfigurationRemovesTheDevice() throws Exception {
        Path file = client.etc().resolve("io.httun.tun-fourth.cfg");
        Files.writeString(file, tun("fourth", 4, 2, 1400, ""));
        await().atMost(BACK).until(() -> near.works("ip addr show tun-fourth | grep -q 10.9.4.2"));
        Files.delete(file);
        await().atMost(BACK).until(() -> !near.works("ip link show tun-fourth"));
    }
}
