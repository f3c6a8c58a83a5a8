// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Real devices in two namespaces, with the kernel's TCP and ping. */
class TrafficTest {
    private static final int BLOCK = 1 << 20;

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"1400, true, 1", "1400, false, 1", "63488, true, 1", "63488, false, 1", "1500, true, 2"})
    void carriesTcpUnchangedBothWays(int mtu, boolean offload, int queues) throws Exception {
        try (TunPair pair = new TunPair(folder, mtu, "offload", offload, "queues", queues)) {
            copy(pair.left, pair.right, "10.9.0.2");
            copy(pair.right, pair.left, "fd09::1");
            if (offload && mtu < 2000) {
                // The kernel's count of segments is not available; ours is that no packet was cut wrongly.
                assertThat(pair.leftEngine.status().drops()).doesNotContain("bad-offload");
            }
        }
    }

    /** One end announces large segments although its device is small, as a host behind it may. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void largeSegmentsAreCutForASmallDevice(boolean offload) throws Exception {
        try (TunPair pair = new TunPair(folder, 63_488, "offload", offload)) {
            pair.right.sh("ip link set tun-test mtu 1400; ip route change 10.9.0.0/24 dev tun-test advmss 60000");
            Awaitility.await().until(() -> pair.rightEngine.mtu() == 1400);
            copy(pair.left, pair.right, "10.9.0.2");
            assertThat(pair.rightEngine.status().packetsOut())
                    .as("pieces written")
                    .isGreaterThan(10 * pair.leftEngine.status().packetsIn());
            copy(pair.right, pair.left, "10.9.0.1");
        }
    }

    private static void copy(Namespace from, Namespace to, String address) throws Exception {
        MessageDigest sent = MessageDigest.getInstance("SHA-256");
        MessageDigest received = MessageDigest.getInstance("SHA-256");
        try (ServerSocket server = to.call(() -> new ServerSocket(0));
                Socket source = from.call(() -> new Socket(address, server.getLocalPort()));
                Socket target = server.accept()) {
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> send(source, sent));
            try (InputStream in = target.getInputStream();
                    OutputStream out = new DigestOutputStream(OutputStream.nullOutputStream(), received)) {
                assertThat(in.transferTo(out)).isEqualTo(32L * BLOCK);
            }
            sending.join();
        }
        assertThat(received.digest()).isEqualTo(sent.digest());
    }

    private static void send(Socket source, MessageDigest digest) {
        byte[] block = new byte[BLOCK];
        Random random = new Random(1);
        try (OutputStream out = source.getOutputStream()) {
            for (int i = 0; i < 32; i++) {
                random.nextBytes(block);
                digest.update(block);
                // Writes of every size produce segments of every size.
                int small = 1 + random.nextInt(5000);
                out.write(block, 0, small);
                out.write(block, small, BLOCK - small);
            }
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void carriesPingsOfEverySizeAndFragments() {
        try (TunPair pair = new TunPair(folder, 1400)) {
            // The kernel may have sent a packet, such as a router solicitation, before the device had its user.
            String dropped = pair.leftEngine.status().drops();
            for (int size : new int[] {0, 1, 7, 100, 1351, 1352, 1371, 1372, 1373, 9000, 65_000}) {
                assertThat(pair.left.sh("ping -c 1 -W 5 -s " + size + " 10.9.0.2"))
                        .contains(" 0% packet loss");
                assertThat(pair.right.sh("ping -6 -c 1 -W 5 -s " + size + " fd09::1"))
                        .contains(" 0% packet loss");
            }
            assertThat(pair.leftEngine.status().packetsIn()).isGreaterThan(100);
            assertThat(pair.leftEngine.status().drops()).isEqualTo(dropped);
        }
    }
}
