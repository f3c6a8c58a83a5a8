// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.httun.api.HttunException;
import io.httun.api.tun.PacketBatch;
import io.httun.api.tun.PacketReceiver;
import io.httun.api.tun.TunPort;
import io.httun.api.tunnel.FileWatch;
import io.httun.protocol.IpPacket;
import io.httun.tun.TunEngine.Ending;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The life of a real device, in a namespace of its own. */
class EngineTest {
    private static final String ADDRESSES = "10.9.0.1/24,fd09::1/64";

    @TempDir
    Path folder;

    private final List<TunEngine> engines = new ArrayList<>();
    private Namespace host;

    @BeforeEach
    void open() {
        host = Namespace.make();
    }

    @AfterEach
    void close() {
        engines.forEach(engine -> engine.stop(Ending.KEEP));
        host.close();
    }

    private TunEngine start(Object... properties) {
        return startBefore(false, properties);
    }

    private TunEngine startBefore(boolean successorComes, Object... properties) {
        TunDeviceSettings settings = TunDeviceSettings.read(TunPair.properties(ADDRESSES, 1400, properties));
        TunEngine engine = host.call(
                () -> new TunEngine(settings, new Journal(folder.resolve("journal")), () -> successorComes).start());
        engines.add(engine);
        return engine;
    }

    private TunEngine works(TunEngine engine) {
        await().untilAsserted(() -> assertThat(engine.problem()).isEmpty());
        return engine;
    }

    private String problem(TunEngine engine) {
        await().untilAsserted(
                        () -> assertThat(engine.problem()).get().asString().doesNotContain("is being opened"));
        return engine.problem().orElseThrow();
    }

    @Test
    void makesTheDeviceAsConfigured() {
        works(start("owner", "nobody"));
        assertThat(host.sh("ip -d addr show tun-test"))
                .contains("mtu 1400", "10.9.0.1/24", "fd09::1/64", "UP", "tun type tun", "persist on", "user nobody");
    }

    @Test
    void leavesTheDeviceToItsSuccessorAndRemovesItWithItsConfiguration() {
        TunEngine first = works(start());
        host.sh("ip addr add 10.99.0.1/32 dev tun-test");
        first.stop(Ending.KEEP);
        String kept = host.sh("ip addr show tun-test");
        assertThat(kept).contains("10.9.0.1/24", "fd09::1/64", "10.99.0.1/32");
        TunEngine second = works(start());
        assertThat(host.sh("ip addr show tun-test")).contains("10.99.0.1/32");
        second.stop(Ending.REMOVE);
        assertThat(host.sh("ip link")).doesNotContain("tun-test");
        assertThat(folder.resolve("journal")).doesNotExist();
    }

    @Test
    void neverRemovesADeviceThatItDidNotMake() {
        host.sh("ip tuntap add dev tun-test mode tun && ip addr add 10.99.0.1/32 dev tun-test");
        works(start()).stop(Ending.REMOVE);
        assertThat(host.sh("ip addr show tun-test")).contains("10.99.0.1/32").doesNotContain("10.9.0.1", "fd09::1");
    }

    @Test
    void takesANewConfiguration() {
        TunEngine engine = works(start());
        AtomicInteger changes = new AtomicInteger();
        engine.attach("test", receiver(changes));
        engine.configure(TunDeviceSettings.read(TunPair.properties("10.9.0.7/24", 1500, "queues", 1)));
        await().untilAsserted(() -> assertThat(host.sh("ip addr show tun-test"))
                .contains("mtu 1500", "10.9.0.7/24")
                .doesNotContain("10.9.0.1", "fd09::1"));
        assertThat(engine.mtu()).isEqualTo(1500);
        await().untilAsserted(() -> assertThat(changes).hasPositiveValue());
    }

    @Test
    void removesTheOldDeviceWhenItGetsAnotherName() {
        TunEngine engine = works(start());
        engine.configure(TunDeviceSettings.read(TunPair.properties(ADDRESSES, 1400, "device", "tun-other")));
        await().untilAsserted(() ->
                assertThat(host.sh("ip addr")).contains("tun-other").doesNotContain("tun-test"));
    }

    @Test
    void seesAnMtuThatSomebodyElseSets() {
        TunEngine engine = works(start());
        AtomicInteger changes = new AtomicInteger();
        engine.attach("test", receiver(changes));
        host.sh("ip link set tun-test mtu 1300");
        await().until(() -> engine.mtu() == 1300 && changes.get() > 0);
    }

    @Test
    void makesADeviceAgainThatSomebodyRemoved() {
        TunEngine engine = works(start("routes", "10.20.0.0/16"));
        engine.attach("test", batch -> {}).route(List.of());
        for (int i = 0; i < 3; i++) {
            int index = index();
            host.sh("ip link delete tun-test");
            await().untilAsserted(() -> assertThat(index()).isNotIn(0, index));
            await().untilAsserted(() -> assertThat(engine.problem()).isEmpty());
        }
        assertThat(host.sh("ip addr show tun-test")).contains("10.9.0.1/24", "fd09::1/64");
        assertThat(host.sh("ip route")).contains("10.20.0.0/16 dev tun-test");
    }

    private int index() {
        return host.call(() -> {
            try (Netlink netlink = Netlink.open()) {
                return NetworkLink.find(netlink, "tun-test")
                        .map(NetworkLink::index)
                        .orElse(0);
            }
        });
    }

    @Test
    void goesDownWithTheTunnelWhereConfigured() {
        TunEngine engine = works(start("when.disconnected", "down", "routes", "10.20.0.0/16,fd20::/16"));
        TunPort port = engine.attach("test", batch -> {});
        port.route(List.of());
        port.connected(false);
        assertThat(host.sh("ip link show tun-test")).doesNotContain("UP");
        port.connected(true);
        assertThat(host.sh("ip addr show tun-test")).contains("UP", "10.9.0.1/24", "fd09::1/64");
        assertThat(host.sh("ip route; ip -6 route")).contains("10.20.0.0/16", "fd20::/16");
    }

    @Test
    void dropsWhatIsNoPacketAndSaysWhy() {
        TunEngine engine = works(start());
        assertThat(engine.attach("test", batch -> {}).write(garbage())).isZero();
        assertThat(engine.status().drops()).contains("not-ip=1", "truncated=1", "wrong-length=1");
    }

    private static PacketBatch garbage() {
        PacketBatch batch = new PacketBatch(1);
        batch.add(HexFormat.of().parseHex("00112233445566778899"), 0, 10);
        batch.add(HexFormat.of().parseHex("4500"), 0, 2);
        batch.add(new byte[] {0x45, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 0, 20);
        return batch;
    }

    @Test
    void survivesGarbageThatAProgramSendsThroughTheDevice() {
        TunEngine engine = works(start());
        AtomicInteger received = new AtomicInteger();
        engine.attach("test", batch -> {
            for (int i = 0; i < batch.size(); i++) {
                assertThat(IpPacket.defect(batch.array(i), batch.offset(i), batch.length(i)))
                        .isNull();
                received.incrementAndGet();
            }
        });
        host.run(() -> PacketSocket.flood("tun-test", 2_000));
        await().untilAsserted(() -> assertThat(engine.status().drops()).contains("not-ip=", "wrong-length="));
        received.set(0);
        host.sh("ping -c 1 -W 1 10.9.0.2 || true");
        assertThat(received).hasPositiveValue();
    }

    @Test
    void oneUserAtATime() {
        TunEngine engine = works(start());
        AtomicInteger late = new AtomicInteger();
        TunPort first = engine.attach("channel home", batch -> late.incrementAndGet());
        assertThatThrownBy(() -> engine.attach("channel work", batch -> {}))
                .isInstanceOf(HttunException.class)
                .hasMessage(
                        "TUN device test is in use by channel home, and a device has one user: configure another device");
        first.close();
        first.close();
        late.set(0);
        AtomicInteger second = new AtomicInteger();
        engine.attach("channel work", batch -> second.incrementAndGet());
        first.close();
        host.sh("ping -c 1 -W 1 10.9.0.2 || true");
        assertThat(late).hasValue(0);
        assertThat(second).hasPositiveValue();
        PacketBatch ping = new PacketBatch(1);
        ping.add(new byte[40], 0, 40);
        assertThat(first.write(ping)).isZero();
        assertThat(engine.status().drops()).contains("device-down=");
    }

    @Test
    void letsItsUserWaitForThePackets() {
        TunEngine engine = works(start());
        WatchingUser user = new WatchingUser();
        TunPort port = engine.attach("test", user);
        await().until(() -> {
            host.sh("ping -c 1 -W 1 10.9.0.2 || true");
            return user.received();
        });
        host.sh("ip link delete tun-test");
        await().until(() -> {
            host.sh("ping -c 1 -W 1 10.9.0.2 || true");
            return user.received() && user.watches().size() > 1;
        });
        port.close();
        assertThat(user.watches()).noneMatch(WatchingUser.Watch::isActive);
        AtomicInteger second = new AtomicInteger();
        engine.attach("another", batch -> second.incrementAndGet());
        await().until(() -> {
            host.sh("ping -c 1 -W 1 10.9.0.2 || true");
            return second.get() > 0;
        });
    }

    @Test
    void deliversOnAfterAnErrorOfItsUser() {
        TunEngine engine = works(start());
        AtomicInteger received = new AtomicInteger();
        engine.attach("test", new PacketReceiver() {
            @Override
            public void received(PacketBatch batch) {
                if (received.getAndAdd(batch.size()) == 0) {
                    throw new NoClassDefFoundError("of a bundle that was updated");
                }
            }

            @Override
            public Optional<FileWatch> watch(int fd, Runnable readable) {
                throw new IllegalStateException("has no event loop any more");
            }
        });
        await().untilAsserted(() -> {
            host.sh("ping -c 1 -W 1 10.9.0.2 || true");
            assertThat(received).hasValueGreaterThan(2);
        });
        assertThat(engine.status().drops()).contains("fault=");
        assertThat(engine.problem()).isEmpty();
    }

    @Test
    void opensAgainWhenOneOfItsQueuesFails() throws IOException {
        TunEngine engine = works(start("queues", 2));
        engine.attach("test", batch -> {});
        List<Integer> queues = queues();
        assertThat(queues).hasSize(2);
        int other = LibC.open("/", 0);
        // Reading from a directory fails.
        assertThat(Namespace.Calls.dup2(other, queues.get(1))).isEqualTo(queues.get(1));
        await().untilAsserted(() -> {
            host.sh("for i in $(seq 2 40); do ping -c 1 -W 0.01 10.9.0.$i || true; done");
            assertThat(queues()).hasSize(2);
        });
        LibC.close(other);
        assertThat(engine.problem()).isEmpty();
    }

    /** The device's descriptors in this process. */
    private static List<Integer> queues() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fdinfo"))) {
            return files.filter(file -> {
                        try {
                            return Files.readString(file).contains("iff:\ttun-test\n");
                        } catch (IOException e) {
                            // Closed since the listing.
                            return false;
                        }
                    })
                    .map(file -> Integer.valueOf(file.getFileName().toString()))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void makesADeviceWhoseNameTakesAllBytes() {
        TunEngine engine = works(start("device", "\u00e9".repeat(7) + '1'));
        assertThat(host.sh("ip -br link")).contains("\u00e9".repeat(7) + '1');
        engine.stop(Ending.REMOVE);
        assertThat(host.sh("ip -br link")).doesNotContain("\u00e9");
    }

    // ---- faults ----

    @Test
    void saysThatAnotherProgramHasTheDevice() {
        works(start());
        TunDeviceSettings settings = TunDeviceSettings.read(TunPair.properties("", 1400));
        TunEngine second =
                host.call(() -> new TunEngine(settings, new Journal(folder.resolve("second")), () -> false).start());
        engines.add(second);
        assertThat(problem(second))
                .isEqualTo(
                        "TUN device test: tun-test is in use by another program: stop that program, or configure another device");
    }

    @Test
    void saysThatTheNameIsTaken() {
        host.sh("ip link add tun-test type veth peer name other");
        assertThat(problem(start("addresses", "")))
                .isEqualTo("TUN device test: an interface tun-test exists that is not a TUN device with one queue:"
                        + " configure another device, or remove it (ip link delete tun-test)");
        host.sh("ip link delete tun-test");
    }

    @Test
    void saysThatAnAddressIsInUse() {
        host.sh("ip addr add 10.9.0.1/32 dev lo");
        TunEngine engine = start();
        assertThat(problem(engine))
                .isEqualTo("TUN device test: addresses = 10.9.0.1/24: it belongs to another interface of this host;"
                        + " remove it there or configure another one");
        assertThat(host.sh("ip link")).doesNotContain("tun-test");
    }

    @Test
    void saysThatTheKernelHasNoTunDevices() {
        host.emptyDeviceFolder();
        String message = "TUN device test: /dev/net/tun does not exist: load the kernel module (modprobe tun);"
                + " in a container, pass the device (--device /dev/net/tun)";
        assertThat(problem(start())).isEqualTo(message);
        // A device file without a driver.
        host.sh("mknod -m 666 /dev/net/tun c 10 199");
        assertThat(problem(start())).isEqualTo(message);
        assertThat(host.sh("ip link")).doesNotContain("tun-test");
    }

    @Test
    void saysThatTheDeviceFileMayNotBeOpened() {
        host.emptyDeviceFolder();
        host.sh("mknod -m 000 /dev/net/tun c 10 200");
        host.run(Privileges::drop);
        assertThat(problem(start()))
                .isEqualTo("TUN device test: /dev/net/tun may not be opened by this user:"
                        + " chmod 0666 /dev/net/tun, or run as root");
    }

    @Test
    void saysThatThisIsNotLinux() {
        String system = System.setProperty("os.name", "FreeBSD");
        try {
            TunEngine engine = start();
            assertThat(problem(engine))
                    .isEqualTo("TUN device test: TUN devices need Linux on x86_64 or aarch64; this is FreeBSD on "
                            + System.getProperty("os.arch")
                            + "; tunnels of connections (SOCKS, CONNECT, ports) work on it");
            TunPort port = engine.attach("test", batch -> {});
            assertThat(port.write(garbage())).isZero();
            port.close();
            engine.stop(Ending.REMOVE);
        } finally {
            System.setProperty("os.name", system);
        }
    }

    @Test
    void saysThatThereIsNoSuchUser() {
        assertThat(problem(start("owner", "nobody-at-all")))
                .isEqualTo("TUN device test: owner = nobody-at-all: no such user on this host");
    }

    @Test
    void endsWhileItCannotWork() {
        TunEngine engine = start("owner", "nobody-at-all");
        problem(engine);
        long began = System.nanoTime();
        engine.stop(Ending.REMOVE);
        assertThat(System.nanoTime() - began).isLessThan(2_000_000_000L);
        assertThat(host.sh("ip link")).doesNotContain("tun-test");
    }

    @Test
    void saysWhatAnUnprivilegedUserCanDo() {
        // Only this thread and the threads it starts lose their capabilities; the namespace is discarded.
        host.run(Privileges::drop);
        assertThat(problem(start("addresses", "", "mtu", 0)))
                .isEqualTo("TUN device test: not permitted to open tun-test: run as root or with CAP_NET_ADMIN,"
                        + " or create it beforehand (ip tuntap add dev tun-test mode tun user "
                        + System.getProperty("user.name") + ")");
    }

    @Test
    void needsNoPrivilegesForADeviceMadeBeforehand() {
        host.sh("ip tuntap add dev tun-test mode tun user 0; ip link set tun-test up");
        host.run(Privileges::drop);
        works(start("addresses", "", "mtu", 0)).stop(Ending.REMOVE);
    }

    // ---- routes ----

    private void uplink() {
        host.sh("ip link add eth9 type veth peer name far && ip link set eth9 up && ip link set far up"
                + " && ip addr add 192.0.2.2/24 dev eth9 && ip route add default via 192.0.2.1"
                + " && ip -6 addr add 2001:db8::2/64 dev eth9 nodad && ip -6 route add default via 2001:db8::1");
    }

    private static InetAddress address(String text) {
        return Prefix.parse("test", text).address();
    }

    @Test
    void routesEverythingButItsServerAndPutsItBack() {
        uplink();
        String before = host.sh("ip route; ip -6 route show default; ip -6 route show 2001:db8::/32");
        TunEngine engine = works(start("routes", "0.0.0.0/0,::/0"));
        TunPort port = engine.attach("client office", batch -> {});
        port.route(List.of(address("198.51.100.7"), address("2001:db8:7::7")));
        assertThat(host.sh("ip route get 198.51.100.7")).contains("via 192.0.2.1 dev eth9");
        assertThat(host.sh("ip route get 2001:db8:7::7")).contains("via 2001:db8::1 dev eth9");
        assertThat(host.sh("ip route get 198.51.100.8; ip route get 1.1.1.1; ip route get 203.0.113.1"))
                .doesNotContain("dev eth9");
        assertThat(host.sh("ip route get 2001:db8:7::8")).contains("dev tun-test");
        assertThat(engine.routes().toString())
                .contains("destination=0.0.0.0/1, via=, device=tun-test, kind=tunnel")
                .contains("destination=198.51.100.7/32, via=192.0.2.1,");
        port.route(List.of(address("198.51.100.9")));
        assertThat(host.sh("ip route")).contains("198.51.100.9").doesNotContain("198.51.100.7");
        port.close();
        assertThat(host.sh("ip route; ip -6 route show default; ip -6 route show 2001:db8::/32"))
                .isEqualTo(withDevice(before));
    }

    /** The device's own network exists as long as the device. */
    private String withDevice(String before) {
        List<String> lines = new ArrayList<>(List.of(before.split("\n")));
        lines.add(1, "10.9.0.0/24 dev tun-test proto kernel scope link src 10.9.0.1 ");
        return String.join("\n", lines) + '\n';
    }

    @Test
    void keepsTheNextHopOfTheOtherFamily() {
        host.sh("ip link add eth9 type veth peer name far && ip link set eth9 up && ip link set far up"
                + " && ip addr add 192.0.2.2/32 dev eth9 && ip -6 addr add 2001:db8::2/64 dev eth9 nodad"
                + " && ip -4 route add default via inet6 2001:db8::1 dev eth9");
        String before = host.sh("ip route");
        TunEngine engine = works(start("addresses", "", "routes", "0.0.0.0/0"));
        TunPort port = engine.attach("client office", batch -> {});
        port.route(List.of(address("198.51.100.7")));
        assertThat(host.sh("ip route get 198.51.100.7")).contains("via inet6 2001:db8::1 dev eth9");
        assertThat(engine.routes().toString()).contains("destination=198.51.100.7/32, via=2001:db8::1,");
        host.sh(
                "ip -4 route replace default nexthop via inet6 2001:db8::77 dev eth9 nexthop via inet6 2001:db8::78 dev eth9");
        await().untilAsserted(() ->
                assertThat(host.sh("ip route get 198.51.100.7")).contains("via inet6 2001:db8::77 dev eth9"));
        host.sh("ip -4 route replace default via inet6 2001:db8::1 dev eth9");
        port.close();
        assertThat(host.sh("ip route")).isEqualTo(before);
    }

    @Test
    void followsTheWayOutside() {
        uplink();
        TunEngine engine = works(start("routes", "0.0.0.0/0"));
        engine.attach("client office", batch -> {}).route(List.of(address("198.51.100.7")));
        host.sh("ip route replace default via 192.0.2.77");
        await().untilAsserted(
                        () -> assertThat(host.sh("ip route get 198.51.100.7")).contains("via 192.0.2.77"));
    }

    @Test
    void putsBackAtTheNextStartWhatACrashLeft() {
        uplink();
        TunEngine crashed = works(start("routes", "0.0.0.0/0"));
        crashed.attach("client office", batch -> {}).route(List.of(address("198.51.100.7")));
        // The state after a crash: routes and journal remain, without a shutdown.
        String journal = read(folder.resolve("journal"));
        crashed.stop(Ending.KEEP);
        write(folder.resolve("journal"), journal);
        assertThat(host.sh("ip route")).contains("0.0.0.0/1 dev tun-test", "198.51.100.7");
        works(start("routes", "0.0.0.0/0"));
        assertThat(host.sh("ip route")).doesNotContain("0.0.0.0/1", "198.51.100.7");
    }

    @Test
    void keepsRoutesForASuccessor() {
        uplink();
        TunEngine first = works(startBefore(true, "routes", "0.0.0.0/0"));
        TunPort port = first.attach("client office", batch -> {});
        port.route(List.of(address("198.51.100.7")));
        String routes = host.sh("ip route");
        port.close();
        first.stop(Ending.KEEP);
        works(start("routes", "0.0.0.0/0"));
        assertThat(host.sh("ip route").replace(" linkdown", "")).isEqualTo(routes);
    }

    @Test
    void refusesToCutItsServerOff() {
        TunPort port = works(start("routes", "198.51.100.7/32")).attach("client office", batch -> {});
        assertThatThrownBy(() -> port.route(List.of(address("198.51.100.7"))))
                .isInstanceOf(HttunException.class)
                .hasMessage("routes: 198.51.100.7/32 would route the tunnel's own connections into the tunnel"
                        + " and break it; remove this route");
    }

    @Test
    void leavesTheRoutesOfOthersAlone() {
        uplink();
        host.sh("ip route add 10.20.0.0/16 via 192.0.2.1");
        TunEngine engine = works(start("routes", "10.20.0.0/16,10.30.0.0/16"));
        engine.attach("client office", batch -> {}).route(List.of());
        assertThat(host.sh("ip route")).contains("10.20.0.0/16 via 192.0.2.1", "10.30.0.0/16 dev tun-test");
        assertThat(engine.routes()).hasSize(1);
        assertThat(engine.problem()).isEmpty();
        assertThat(engine.status().problem())
                .isEqualTo("routes: another route to 10.20.0.0/16 exists; remove it or this one");
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static PacketReceiver receiver(AtomicInteger changes) {
        return new PacketReceiver() {
            @Override
            public void received(PacketBatch batch) {}

            @Override
            public void changed() {
                changes.incrementAndGet();
            }
        };
    }
}
