// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.httun.testpeers.StockClient;
import io.httun.testpeers.StockServer;
import io.httun.testpeers.StockTunMode;
import io.httun.tun.DeviceUnderTest;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One end is a stock-like peer, or the stock program itself. */
class TunStockPeersTest extends TunNamespaces {
    @ParameterizedTest
    @ValueSource(ints = {1400, 63_488})
    void ourClientAtTheStockLikeServer(int mtu) throws Exception {
        devices(mtu, mtu);
        try (StockTun tun = new StockTun(rightDevice);
                StockServer stock = StockServer.builder()
                        .channel(Fixture.CHANNEL, Fixture.secretBytes())
                        .device(tun)
                        .start()) {
            start(stock.url().toString());
            await().until(() -> rightDevice.problem().isEmpty());
            pings(mtu);
            copies(4);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1400, 63_488})
    void stockLikeClientAtOurServer(int mtu) throws Exception {
        devices(mtu, mtu);
        server.use(rightDevice);
        await().until(() ->
                leftDevice.problem().isEmpty() && rightDevice.problem().isEmpty());
        StockClient client = StockClient.builder(URI.create(endpoint.url()), Fixture.CHANNEL, Fixture.secretBytes())
                .build();
        try (StockTun tun = new StockTun(leftDevice);
                StockTunMode mode = client.tun(tun)) {
            await().ignoreExceptions()
                    .until(() -> left.sh("ping -c 1 -W 1 10.8.0.1").contains(" 0% packet loss"));
            pings(mtu);
            copies(4);
            assertThat(mode.lastFailure()).isEmpty();
        }
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
            iperf();
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
            iperf();
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

    private void iperf() throws Exception {
        Process iperf = right.start("iperf3 -s");
        try {
            await().ignoreExceptions()
                    .until(() -> left.sh("iperf3 -c 10.8.0.1 -t 1").contains("receiver"));
            assertThat(left.sh("iperf3 -c 10.8.0.1 -t 2; iperf3 -c 10.8.0.1 -t 2 -R"))
                    .contains("receiver");
        } finally {
            iperf.destroy();
        }
    }
}
