// SPDX-License-Identifier: Apache-2.0
package io.httun.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.httun.itests.fixture.Distribution;
import io.httun.itests.fixture.Keys;
import io.httun.itests.fixture.NetworkNamespaces;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
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

    private static NetworkNamespaces near;
    private static NetworkNamespaces far;
    private static NetworkNamespaces beyond;
    private static NetworkNamespaces.Karaf client;
    private static NetworkNamespaces.Karaf server;

    @BeforeAll
    static void build() throws Exception {
        assumeThat(NetworkNamespaces.obstacle()).as("what is missing").isEmpty();
        near = NetworkNamespaces.make("near");
        far = NetworkNamespaces.make("far");
        beyond = NetworkNamespaces.make("beyond");
        near.join(far, "eth0", "192.0.2.1/24", "192.0.2.2/24");
        far.join(beyond, "eth1", "10.20.0.1/24", "10.20.0.2/24");
        far.sh("sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1;"
                + " ip link set eth1 mtu 1300; ip addr add fd20::1/64 dev eth1 nodad");
        beyond.sh(
                "ip route add default via 10.20.0.1; ip link set eth1 mtu 1300; ip addr add fd20::2/64 dev eth1 nodad;"
                        + " ip route add default via fd20::1");
        Path home = Distribution.unpack(Path.of(KarafOptions.build("distribution")), folder.resolve("httun"))
                .home();
        Path key = Keys.write(folder.resolve("key"), Keys.secret());
        Path otherKey = Keys.write(folder.resolve("other.key"), Keys.secret());
        Path mixedKey = Keys.write(folder.resolve("mixed.key"), Keys.secret());
        server = far.karaf(home, folder.resolve("server"), "server", serverFiles(key, otherKey, mixedKey))
                .start();
        client = near.karaf(home, folder.resolve("client"), "client", clientFiles(key, otherKey, mixedKey))
                .start();
        near.awaitPing("10.9.1.1", START);
        near.awaitPing("10.9.2.1", BACK);
        near.awaitPing("10.9.3.1", BACK);
    }

    /** Channel 1 has the stock MTU, channel 2 a small one and two clients, channel 3 either. */
    private static Map<String, String> serverFiles(Path key, Path otherKey, Path mixedKey) {
        Map<String, String> files = new TreeMap<>();
        files.put("io.httun.endpoint.netty-near.cfg", "name=near\nlisten=192.0.2.2:8080\n");
        files.put(
                "io.httun.channel-big.cfg",
                "name=big\nid=1\nfilters=none\ntun.target=(name=big)\nsecret.file=" + key + "\n");
        files.put(
                "io.httun.channel-small.cfg",
                "name=small\nid=2\ntun.target=(name=small)\nsecret.file=" + otherKey + "\n");
        files.put(
                "io.httun.channel-mixed.cfg",
                "name=mixed\nid=3\ntun.target=(name=mixed)\nsecret.file=" + mixedKey + "\n");
        files.put("io.httun.tun-big.cfg", tun("big", 1, 1, 63_488, ""));
        files.put("io.httun.tun-small.cfg", tun("small", 2, 1, 1400, ""));
        files.put("io.httun.tun-mixed.cfg", tun("mixed", 3, 1, 1400, ""));
        return files;
    }

    private static Map<String, String> clientFiles(Path key, Path otherKey, Path mixedKey) {
        Map<String, String> files = new TreeMap<>();
        files.put("io.httun.client-big.cfg", client("big", 1, key));
        files.put("io.httun.client-small.cfg", client("small", 2, otherKey));
        files.put("io.httun.client-third.cfg", client("third", 2, otherKey));
        files.put("io.httun.client-mixed.cfg", client("mixed", 3, mixedKey));
        files.put("io.httun.tun-big.cfg", tun("big", 1, 2, 63_488, "10.20.0.0/16, fd20::/64"));
        files.put("io.httun.tun-small.cfg", tun("small", 2, 2, 1400, ""));
        files.put("io.httun.tun-third.cfg", tun("third", 2, 3, 1400, ""));
        files.put("io.httun.tun-mixed.cfg", tun("mixed", 3, 2, 63_488, ""));
        return files;
    }

    private static String client(String name, int id, Path key) {
        return "name=" + name + "\nid=" + id + "\nurls=http://192.0.2.2:8080\nsecret.file=" + key
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
                // The server knows the client's address once a packet came from there.
                near.sh("ping -6 -c 1 -W 5 -s " + size + " fd09:" + net + "::1");
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
                for (int net : new int[] {1, 2, 3}) {
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
    void theSmallerMtuIsThatOfThePath() {
        near.sh("ping -c 1 -W 5 -M dont -s 9000 10.9.3.1");
        for (String address : new String[] {"10.9.3.", "-6 fd09:3::"}) {
            // What is too large for the other end's device is lost, and its sender told.
            near.works("ping -c 1 -W 2 -s 9000 " + address + "1");
            near.sh("ping -c 1 -W 5 -s 9000 " + address + "1");
            far.sh("ping -c 1 -W 5 -s 9000 " + address + "2");
            assertThat(near.sh("ping -c 1 -W 1 -M do -s 9000 " + address + "1 2>&1 || true"))
                    .containsPattern("mtu[:=] ?1400");
        }
        assertThat(server.shell("httun:tun-list")).contains("too-big=");
        checkedCopy(near, far, "10.9.3.1");
        checkedCopy(far, near, "10.9.3.2");
        // A host behind the small device may take large segments, which arrive at it cut.
        far.sh("ip route change 10.9.3.0/24 dev tun-mixed advmss 50000");
        checkedCopy(near, far, "10.9.3.1");
    }

    private void checkedCopy(NetworkNamespaces from, NetworkNamespaces to, String address) {
        Path sum = folder.resolve("sum-" + from.name());
        Process receiving = to.start(sum, Map.of(), "bash -c 'nc.openbsd -l -N 7000 | sha256sum'");
        await().until(() -> to.works("ss -ltn | grep -q :7000"));
        Path sent = folder.resolve("sent-" + from.name());
        from.sh("head -c 67108864 /dev/urandom > " + sent + " && nc.openbsd -N " + address + " 7000 < " + sent);
        await().atMost(BACK).until(() -> !receiving.isAlive());
        assertThat(sum).hasContent(from.sh("sha256sum < " + sent));
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
            String bytes = "set -o pipefail; head -c 1073741824 /dev/zero | openssl enc -aes-128-ctr -nosalt -K "
                    + "0".repeat(32) + " -iv " + "0".repeat(32) + " | ";
            assertThat(near.sh(bytes + ssh + "sha256sum")).isEqualTo(near.sh(bytes + "sha256sum"));
        } finally {
            sshd.destroy();
        }
    }

    @Test
    void theNetworkBehindTheServerIsReachedAndTellsItsMtu() {
        near.awaitPing("10.20.0.2", BACK);
        assertThat(near.sh("ping -c 2 -W 2 -M do -s 1400 10.20.0.2 2>&1 || true"))
                .containsAnyOf("Frag needed and DF set (mtu = 1300)", "message too long, mtu=1300", "mtu = 1300");
        near.awaitPing("fd20::2", BACK);
        assertThat(near.sh("ping -6 -c 2 -W 2 -M do -s 1400 fd20::2 2>&1 || true"))
                .containsAnyOf("Packet too big: mtu=1300", "message too long, mtu: 1300", "mtu=1300");
    }

    @Test
    void fragmentsAreMadeOnTheWayAndJoinedAtTheEnd() {
        near.awaitPing("10.20.0.2", BACK);
        for (int size : new int[] {1400, 5000, 65_000}) {
            assertThat(near.sh("ping -c 1 -W 5 -M dont -s " + size + " 10.20.0.2"))
                    .contains(" 0% packet loss");
        }
        assertThat(far.sh("grep ^Ip: /proc/net/snmp | awk '{print $20}' | tail -1")
                        .strip())
                .as("fragments that the router made")
                .isNotEqualTo("0");
    }

    @Test
    void aSpoofedSourceIsDroppedAndCounted() {
        near.awaitPing("10.9.2.1", BACK);
        near.sh("ping -c 1 -W 2 -I tun-third 10.9.2.1");
        assertThat(far.works("ping -c 1 -W 1 10.9.2.77"))
                .as("an address that nobody has")
                .isFalse();
        // The address of another client, by way of the third one's device.
        near.sh("ip route add 10.9.2.99/32 dev tun-third; ping -c 3 -W 1 -I 10.9.2.2 10.9.2.99 || true");
        await().atMost(BACK)
                .untilAsserted(() -> assertThat(server.shell("httun:tun-list")).contains("spoofed=", "no-peer="));
    }

    @Test
    void anUpdateOfTheBundleUnderLoadLosesLittleAndKeepsAddressesAndRoutes() throws Exception {
        near.awaitPing("10.9.1.1", BACK);
        near.sh("ip addr add 10.99.0.1/32 dev tun-big; ip route add 10.98.0.0/16 dev tun-big");
        Path report = folder.resolve("ping.log");
        Process ping = near.start(report, Map.of(), "ping -i 0.05 -c 400 -q 10.9.1.1");
        CompletableFuture<Void> copies = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < 5; i++) {
                checkedCopy(near, far, "10.9.1.1");
            }
        });
        client.shell("bundle:update io.httun.tun");
        assertThat(ping.waitFor()).isZero();
        copies.join();
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
        assertThat(client.log()).contains("the interface was removed (ip link delete?)");
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
    void aWrongConfigurationIsRefusedWithAMessage() throws Exception {
        Path file = client.etc().resolve("io.httun.tun-wrong.cfg");
        Files.writeString(file, tun("wrong", 5, 2, 1000, ""));
        String message = "mtu = 1000: is too small for IPv6, which needs 1280";
        await().atMost(BACK).until(() -> client.log().contains(message));
        // An address that another device of this host has, and a route to the server itself.
        Files.writeString(file, tun("wrong", 1, 2, 1400, ""));
        await().atMost(BACK)
                .untilAsserted(() -> assertThat(client.shell("httun:tun-list")).contains("another interface"));
        Files.writeString(file, tun("wrong", 5, 2, 1400, "192.0.2.2/32"));
        Path user = client.etc().resolve("io.httun.client-wrong.cfg");
        Files.copy(client.etc().resolve("io.httun.client-big.cfg"), user);
        Files.writeString(user, Files.readString(user).replace("name=big", "name=wrong"));
        await().atMost(BACK).until(() -> client.log().contains("into the tunnel and break it; remove this route"));
        assertThat(near.sh("ip route")).doesNotContain("192.0.2.2 dev tun-wrong");
        Files.delete(user);
        Files.delete(file);
        await().atMost(BACK).until(() -> !near.works("ip link show tun-wrong"));
    }

    @Test
    void aHostWithoutTunDevicesRunsEverythingElse() throws Exception {
        Map<String, String> files = new TreeMap<>();
        files.put("io.httun.tun-none.cfg", tun("none", 6, 2, 1400, ""));
        files.put("io.httun.client-none.cfg", client("none", 3, folder.resolve("mixed.key")));
        files.put(
                "io.httun.client-plain.cfg",
                "name=plain\nid=1\nurls=http://192.0.2.2:8080\nsecret.file=" + folder.resolve("key") + "\n");
        files.put(
                "io.httun.listener.socks-plain.cfg",
                "name=plain\nbind=127.0.0.1:1080\nconnector.target=(name=plain)\n");
        Path home = folder.resolve("httun");
        try (NetworkNamespaces.Karaf other = beyond.karaf(home, folder.resolve("none"), "client", files)
                .start(
                        "unshare -m sh -c 'mount --make-rprivate / && mount -t tmpfs none /dev/net && exec \"$0\" \"$@\"'")) {
            await().atMost(START).until(() -> beyond.works("ss -ltn | grep -q :1080"));
            assertThat(other.shell("httun:tun-list"))
                    .contains("/dev/net/tun does not exist: load the kernel module (modprobe tun)");
            assertThat(other.log()).contains("/dev/net/tun does not exist");
            assertThat(beyond.sh("curl -s -o /dev/null -w '%{http_code}' --max-time 20 --socks5 127.0.0.1:1080"
                            + " http://192.0.2.2:8080/"))
                    .isEqualTo("404");
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
