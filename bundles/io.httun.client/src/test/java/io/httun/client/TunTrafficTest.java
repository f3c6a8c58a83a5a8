// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.httun.protocol.PeerId;
import io.httun.server.ServerUnderTest;
import io.httun.tun.DeviceUnderTest;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two network namespaces with a real device each, and our client and server between them. */
class TunTrafficTest {
    @TempDir
    Path folder;

    private final Fixture fixture = new Fixture();
    private ServerUnderTest server;
    private TestEndpoint endpoint;
    private NetNamespace left;
    private NetNamespace right;
    private DeviceUnderTest leftDevice;
    private DeviceUnderTest rightDevice;
    private TunLink link;

    @BeforeEach
    void start() throws Exception {
        assumeThat(DeviceUnderTest.obstacle()).isEmpty();
        server = new ServerUnderTest(
                fixture,
                fixture.surroundings().cipher().get(),
                fixture.surroundings().agreement().get(),
                Fixture.CHANNEL,
                Fixture.SECRET,
                Map.of("tun.target", "(name=right)"));
        endpoint = new TestEndpoint(fixture, server.service(), null);
        left = new NetNamespace();
        right = new NetNamespace();
    }

    @AfterEach
    void stop() throws Exception {
        if (link != null) {
            link.close();
            await().until(link::isIdle);
        }
        if (server != null) {
            endpoint.close();
            server.close();
        }
        if (leftDevice != null) {
            leftDevice.close();
        }
        if (rightDevice != null) {
            rightDevice.close();
        }
        if (left != null) {
            left.close();
            right.close();
        }
        fixture.close();
    }

    private void connect(int mtu) throws Exception {
        leftDevice = left.call(() -> new DeviceUnderTest("left", folder.resolve("l"), "10.8.0.2/24,fd08::2/64", mtu));
        rightDevice =
                right.call(() -> new DeviceUnderTest("right", folder.resolve("r"), "10.8.0.1/24,fd08::1/64", mtu));
        server.use(rightDevice);
        start(endpoint.url());
        await().until(() -> rightDevice.problem().isEmpty());
    }

    private void start(String url) {
        link = new TunLink(
                ClientContext.of(Fixture.settings(url), fixture.surroundings()),
                agreement -> PeerId.of(PeerId.SESSIONS | PeerId.BATCH, 7),
                new PacketJudge(List.of(), () -> null));
        link.start(leftDevice);
        await().until(() ->
                link.state().equals("connected") && leftDevice.problem().isEmpty());
    }

    @ParameterizedTest
    @ValueSource(ints = {1400, 63_488})
    void pingsOfEverySize(int mtu) throws Exception {
        connect(mtu);
        pings(mtu);
    }

    private void pings(int mtu) throws Exception {
        for (int size : new int[] {0, 1, 56, mtu - 48, mtu - 28, mtu - 27, 9000, 65_000}) {
            assertThat(left.sh("ping -c 1 -W 5 -s " + Math.min(65_000, size) + " 10.8.0.1"))
                    .contains(" 0% packet loss");
            assertThat(left.sh("ping -6 -c 1 -W 5 -s " + Math.min(65_000, size) + " fd08::1"))
                    .contains(" 0% packet loss");
        }
        assertThat(right.sh("ping -c 2 10.8.0.2")).contains(" 0% packet loss");
    }

    /** The stock program itself is not part of the build: HTTUN_STOCK names the folder of its two programs. */
    @Test
    void ourClientAtTheStockServer() throws Exception {
        assumeThat(System.getenv("HTTUN_STOCK"))
                .as("HTTUN_STOCK, folder of the stock programs")
                .isNotNull();
        Path configuration = folder.resolve("server.conf");
        Files.writeString(
                configuration,
                "uuid = \"3b0a4f3e-6a34-4b6e-9d36-1f1b6d2c7a55\"\n[parameters.receive]\nwindow-length = 1024\n[[channels]]\n"
                        + "disabled = false\nid = " + Fixture.CHANNEL + "\nshared-secret = \"" + Fixture.SECRET
                        + "\"\ntun = \"httun-s-t\"\n");
        int port = right.call(() -> {
            try (ServerSocket probe = new ServerSocket(0)) {
                return probe.getLocalPort();
            }
        });
        Process stock = new ProcessBuilder(
                        System.getenv("HTTUN_STOCK") + "/httun-server",
                        "-C",
                        configuration.toString(),
                        "--http-listen",
                        "127.0.0.1:" + port,
                        "--no-drop-root")
                .inheritIO()
                .start();
        try {
            await().ignoreExceptions().until(() -> moveTo(right, "httun-s-t", "10.8.0.1/24", "fd08::1/64"));
            leftDevice =
                    left.call(() -> new DeviceUnderTest("left", folder.resolve("l"), "10.8.0.2/24,fd08::2/64", 63_488));
            start("http://127.0.0.1:" + port);
            pings(63_488);
            System.out.println(speed());
        } finally {
            stock.destroy();
            stock.waitFor();
        }
    }

    @Test
    void stockClientAtOurServer() throws Exception {
        assumeThat(System.getenv("HTTUN_STOCK"))
                .as("HTTUN_STOCK, folder of the stock programs")
                .isNotNull();
        rightDevice =
                right.call(() -> new DeviceUnderTest("right", folder.resolve("r"), "10.8.0.1/24,fd08::1/64", 63_488));
        server.use(rightDevice);
        Path configuration = folder.resolve("client.conf");
        Files.writeString(
                configuration,
                "uuid = \"7d0a4f3e-6a34-4b6e-9d36-1f1b6d2c7a66\"\n[parameters.receive]\nwindow-length = 1024\n[[channels]]\n"
                        + "disabled = false\nurls = [ \"" + endpoint.url() + "\" ]\nalias = \"a\"\nid = "
                        + Fixture.CHANNEL
                        + "\nshared-secret = \"" + Fixture.SECRET + "\"\n");
        Process stock = new ProcessBuilder(
                        System.getenv("HTTUN_STOCK") + "/httun-client",
                        "-C",
                        configuration.toString(),
                        endpoint.url(),
                        "-c",
                        Integer.toString(Fixture.CHANNEL),
                        "tun",
                        "-t",
                        "httun-c-t")
                .inheritIO()
                .start();
        try {
            await().ignoreExceptions().until(() -> moveTo(left, "httun-c-t", "10.8.0.2/24", "fd08::2/64"));
            pings(63_488);
            System.out.println(speed());
        } finally {
            stock.destroy();
            stock.waitFor();
        }
    }

    private static boolean moveTo(NetNamespace namespace, String device, String... addresses) throws Exception {
        long task = namespace.task();
        Process moving = new ProcessBuilder("ip", "link", "set", device, "netns", Long.toString(task)).start();
        if (moving.waitFor() != 0) {
            return false;
        }
        for (String address : addresses) {
            namespace.sh("ip addr add " + address + " dev " + device);
        }
        namespace.sh("ip link set " + device + " up");
        return true;
    }

    private String speed() throws Exception {
        Process iperf = right.start("iperf3 -s");
        try {
            left.sh("sleep 0.3");
            return left.sh("iperf3 -c 10.8.0.1 -t 4 -f m | tail -4; iperf3 -c 10.8.0.1 -t 4 -f m -R | tail -4");
        } finally {
            iperf.destroy();
        }
    }

    @Test
    void measures() throws Exception {
        assumeThat(System.getenv("L3_MEASURE")).isNotNull();
        int mtu = Integer.parseInt(System.getenv("L3_MEASURE"));
        connect(mtu);
        Process iperf = right.start("iperf3 -s");
        left.sh("sleep 0.5");
        for (String more : new String[] {"", "-R", "", "-R", "", "-R"}) {
            Process ping = left.start("ping -i 0.1 -c 50 -q 10.8.0.1");
            System.out.println(
                    "mtu " + mtu + " " + more + "\n" + left.sh("iperf3 -c 10.8.0.1 -t 6 -f m " + more + " | tail -4"));
            System.out.println(new String(ping.getInputStream().readAllBytes()));
        }
        System.out.println(left.sh("ping -i 0.05 -c 40 -q 10.8.0.1 | tail -3"));
        System.out.println(leftDevice.summary());
        System.out.println(rightDevice.summary());
        iperf.destroy();
    }
}
