// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.httun.api.status.SessionStatus;
import io.httun.protocol.KeyLife;
import io.httun.protocol.PeerId;
import io.httun.testpeers.StockClient;
import io.httun.testpeers.StockServer;
import io.httun.testpeers.StockTunMode;
import io.httun.testrig.DelayRelay;
import io.httun.testrig.ServerUnderTest;
import io.httun.tun.DeviceUnderTest;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
    private Supplier<KeyLife> keyLife = KeyLife::new;

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
        connect(mtu, mtu);
    }

    private void connect(int mtu, int farMtu) throws Exception {
        connect(mtu, farMtu, endpoint.port());
    }

    private void connect(int mtu, int farMtu, int port) throws Exception {
        leftDevice = left.call(() -> new DeviceUnderTest("left", folder.resolve("l"), "10.8.0.2/24,fd08::2/64", mtu));
        rightDevice =
                right.call(() -> new DeviceUnderTest("right", folder.resolve("r"), "10.8.0.1/24,fd08::1/64", farMtu));
        server.use(rightDevice);
        start("http://127.0.0.1:" + port);
        await().until(() -> rightDevice.problem().isEmpty());
    }

    private void start(String url) {
        link = new TunLink(
                ClientContext.of(Fixture.settings(url), fixture.surroundings(() -> keyLife.get())),
                agreement -> PeerId.of(PeerId.SESSIONS | PeerId.BATCH | PeerId.PARALLEL, 7),
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
            for (String to : List.of(" 10.8.0.1", " fd08::1")) {
                // One of many fragments may be dropped where a busy machine is slow.
                await().ignoreExceptions().atMost(Duration.ofSeconds(30)).until(() -> left.sh(
                                "ping -c 1 -W 5 -s " + Math.min(65_000, size) + to)
                        .contains(" 0% packet loss"));
            }
        }
        assertThat(right.sh("ping -c 2 10.8.0.2")).contains(" 0% packet loss");
    }

    /** Bytes both ways at once through the kernel's own TCP, compared at the other end. */
    private void copies(int mebibytes) throws Exception {
        try (ServerSocket listening = right.call(() -> new ServerSocket(0));
                Socket near = left.call(() -> new Socket("10.8.0.1", listening.getLocalPort()));
                Socket far = listening.accept()) {
            List<CompletableFuture<byte[]>> ends = List.of(
                    CompletableFuture.supplyAsync(() -> sent(near, mebibytes)),
                    CompletableFuture.supplyAsync(() -> received(far, mebibytes)),
                    CompletableFuture.supplyAsync(() -> sent(far, mebibytes)),
                    CompletableFuture.supplyAsync(() -> received(near, mebibytes)));
            assertThat(ends.get(1).get(60, TimeUnit.SECONDS))
                    .isEqualTo(ends.get(0).get());
            assertThat(ends.get(3).get(60, TimeUnit.SECONDS))
                    .isEqualTo(ends.get(2).get());
        }
    }

    private static byte[] sent(Socket socket, int mebibytes) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] block = new byte[1 << 20];
            Random random = new Random(mebibytes);
            for (int i = 0; i < mebibytes; i++) {
                random.nextBytes(block);
                digest.update(block);
                socket.getOutputStream().write(block);
            }
            return digest.digest();
        } catch (IOException | NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] received(Socket socket, int mebibytes) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (int i = 0; i < mebibytes; i++) {
                digest.update(socket.getInputStream().readNBytes(1 << 20));
            }
            return digest.digest();
        } catch (IOException | NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1400, 63_488})
    void carriesBytesUnchangedBothWaysAtOnce(int mtu) throws Exception {
        connect(mtu);
        copies(32);
    }

    @ParameterizedTest
    @CsvSource({"63488, 1400", "1400, 63488"})
    void theSmallerMtuIsThatOfThePath(int mtu, int farMtu) throws Exception {
        connect(mtu, farMtu);
        assertThat(left.sh("ping -c 1 -W 5 -M dont -s 9000 10.8.0.1")).contains(" 0% packet loss");
        for (String address : List.of("10.8.0.", "-6 fd08::")) {
            // The first one brings the message about the MTU, if its device lets it go at all.
            left.sh("ping -c 1 -W 1 -s 9000 " + address + "1 || true");
            right.sh("ping -c 1 -W 1 -s 9000 " + address + "2 || true");
            assertThat(left.sh("ping -c 1 -W 5 -s 9000 " + address + "1")).contains(" 0% packet loss");
            assertThat(right.sh("ping -c 1 -W 5 -s 9000 " + address + "2")).contains(" 0% packet loss");
            assertThat(left.sh("ping -c 1 -W 1 -M do -s 9000 " + address + "1 2>&1 || true"))
                    .containsPattern("mtu[:=] ?1400");
        }
        copies(8);
        // A host behind one end may take more than the device on the way to it.
        left.sh("ip route change 10.8.0.0/24 dev left advmss 50000");
        right.sh("ip route change 10.8.0.0/24 dev right advmss 50000");
        left.sh("ip route flush cache");
        right.sh("ip route flush cache");
        copies(8);
    }

    /** A flow has more on its way than one request of each direction would carry in a round trip. */
    @Test
    void manyRequestsAreInFlightOnALongLine() throws Exception {
        try (DelayRelay line = new DelayRelay(endpoint.port(), 20)) {
            connect(1400, 1400, line.port());
            assertThat(left.sh("ping -c 2 10.8.0.1")).contains(" 0% packet loss");
            copies(8);
            assertThat(endpoint.mostAtOnce).as("requests at the server").hasValueGreaterThan(4);
        }
    }

    @Test
    void lostRepliesLoseNoPacketTwice() throws Exception {
        endpoint.lost = 5;
        endpoint.unavailable = 5;
        connect(1400);
        copies(4);
        assertThat(endpoint.losses).hasPositiveValue();
    }

    @Test
    void theKeyIsChangedUnderLoad() throws Exception {
        keyLife = () -> new KeyLife(3000, Long.MAX_VALUE);
        connect(1400);
        copies(16);
        assertThat(link.state()).isEqualTo("connected");
    }

    @Test
    void serverThatBeginsAnewUnderLoadIsFoundAgain() throws Exception {
        connect(1400);
        try (ServerSocket listening = right.call(() -> new ServerSocket(0));
                Socket near = left.call(() -> new Socket("10.8.0.1", listening.getLocalPort()));
                Socket far = listening.accept()) {
            CompletableFuture<byte[]> sending = CompletableFuture.supplyAsync(() -> sent(near, 24));
            CompletableFuture<byte[]> receiving = CompletableFuture.supplyAsync(() -> received(far, 24));
            for (int i = 0; i < 3; i++) {
                server.sessions().forEach(session -> server.end((SessionStatus) session));
                left.sh("ping -c 1 -W 1 10.8.0.1 || ping -c 5 -W 2 10.8.0.1");
            }
            assertThat(receiving.get(60, TimeUnit.SECONDS)).isEqualTo(sending.get());
        }
        assertThat(leftDevice.summary()).contains("state=up");
    }

    @Test
    void deviceRemovedByHandUnderLoadIsMadeAgain() throws Exception {
        connect(1400);
        Process ping = left.start("ping -i 0.05 10.8.0.1");
        try {
            left.sh("ip link del left");
            await().until(() -> !left.sh("ip link show left || true").contains("does not exist"));
            await().ignoreExceptions()
                    .until(() -> left.sh("ping -c 1 -W 1 10.8.0.1").contains(" 0% packet loss"));
        } finally {
            ping.destroy();
        }
    }

    @Test
    void floodOfRandomPacketsHarmsNothing() throws Exception {
        connect(1400);
        left.sh("ip route add 10.99.0.0/16 dev left");
        try (DatagramSocket flood = left.call(() -> new DatagramSocket(new InetSocketAddress("10.8.0.2", 0)))) {
            Random random = new Random(1);
            for (int i = 0; i < 50_000; i++) {
                byte[] data = new byte[random.nextInt(1300)];
                flood.send(new DatagramPacket(
                        data,
                        data.length,
                        InetAddress.getByAddress(
                                new byte[] {10, 99, (byte) random.nextInt(256), (byte) (1 + random.nextInt(250))}),
                        1 + random.nextInt(65_535)));
            }
        }
        // What of the flood is queued still leaves no room for others.
        await().ignoreExceptions()
                .until(() -> left.sh("ping -c 1 -W 1 10.8.0.1").contains(" 0% packet loss"));
        assertThat(left.sh("ping -c 3 -W 5 10.8.0.1")).contains(" 0% packet loss");
        copies(4);
    }

    @ParameterizedTest
    @ValueSource(ints = {1400, 63_488})
    void ourClientAtTheStockLikeServer(int mtu) throws Exception {
        leftDevice = left.call(() -> new DeviceUnderTest("left", folder.resolve("l"), "10.8.0.2/24,fd08::2/64", mtu));
        rightDevice =
                right.call(() -> new DeviceUnderTest("right", folder.resolve("r"), "10.8.0.1/24,fd08::1/64", mtu));
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
        leftDevice = left.call(() -> new DeviceUnderTest("left", folder.resolve("l"), "10.8.0.2/24,fd08::2/64", mtu));
        rightDevice =
                right.call(() -> new DeviceUnderTest("right", folder.resolve("r"), "10.8.0.1/24,fd08::1/64", mtu));
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
