// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.httun.protocol.KeyLife;
import io.httun.protocol.PeerId;
import io.httun.testrig.ServerUnderTest;
import io.httun.tun.DeviceUnderTest;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
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
import org.junit.jupiter.api.io.TempDir;

/** Two network namespaces with a real device each, and our client and server between them. */
abstract class TunNamespaces {
    @TempDir
    Path folder;

    final Fixture fixture = new Fixture();
    ServerUnderTest server;
    TestEndpoint endpoint;
    NetNamespace left;
    NetNamespace right;
    DeviceUnderTest leftDevice;
    DeviceUnderTest rightDevice;
    ClientContext context;
    TunLink link;
    Supplier<KeyLife> keyLife = KeyLife::new;

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

    void devices(int mtu, int farMtu) throws Exception {
        leftDevice = left.call(() -> new DeviceUnderTest("left", folder.resolve("l"), "10.8.0.2/24,fd08::2/64", mtu));
        rightDevice =
                right.call(() -> new DeviceUnderTest("right", folder.resolve("r"), "10.8.0.1/24,fd08::1/64", farMtu));
    }

    void connect(int mtu) throws Exception {
        connect(mtu, mtu);
    }

    void connect(int mtu, int farMtu) throws Exception {
        connect(mtu, farMtu, endpoint.port());
    }

    void connect(int mtu, int farMtu, int port) throws Exception {
        devices(mtu, farMtu);
        server.use(rightDevice);
        start("http://127.0.0.1:" + port);
        await().until(() -> rightDevice.problem().isEmpty());
    }

    void start(String url) {
        context = ClientContext.of(Fixture.settings(url), fixture.surroundings(() -> keyLife.get()));
        link = new TunLink(
                context,
                agreement -> PeerId.of(PeerId.SESSIONS | PeerId.BATCH | PeerId.PARALLEL, 7),
                new PacketJudge(List.of(), () -> null));
        link.start(leftDevice);
        await().until(() ->
                link.state().equals("connected") && leftDevice.problem().isEmpty());
    }

    void pings(int mtu) throws Exception {
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
    void copies(int mebibytes) throws Exception {
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

    static byte[] sent(Socket socket, int mebibytes) {
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

    static byte[] received(Socket socket, int mebibytes) {
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
}
