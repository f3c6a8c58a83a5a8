// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.api.status.SessionStatus;
import io.httun.protocol.KeyLife;
import io.httun.testrig.DelayRelay;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Packets of every kind between our own ends, also while something goes wrong. */
class TunTrafficTest extends TunNamespaces {
    @ParameterizedTest
    @ValueSource(ints = {1400, 63_488})
    void pingsOfEverySize(int mtu) throws Exception {
        connect(mtu);
        pings(mtu);
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

    /** The probe has a session of its own. */
    @Test
    void failuresHaveThePathProbedBesideTheTunnel() throws Exception {
        connect(1400);
        String session = link.session().orElseThrow().id();
        int inits = endpoint.inits.get();
        endpoint.unavailable = 30;
        await().untilAsserted(() -> {
            left.sh("ping -c 1 -W 1 10.8.0.1 || true");
            assertThat(endpoint.inits).hasValueGreaterThan(inits);
        });
        endpoint.unavailable = 0;
        await().until(() -> left.sh("ping -c 1 -W 1 10.8.0.1 || true").contains(" 0% packet loss"));
        assertThat(link.session().orElseThrow().id()).isEqualTo(session);
    }

    @Test
    void keepsToTheLimitsOfItsPathFromTheNextRequestOn() throws Exception {
        connect(1400);
        copies(1);
        context.path().learn(new PathLimits(2, 16 << 10, true));
        await().until(() -> left.sh("ping -c 1 -W 1 10.8.0.1 || true").contains(" 0% packet loss"));
        endpoint.longestRequest.set(0);
        copies(4);
        assertThat(endpoint.longestRequest).hasValueBetween(1, 16 << 10);
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
}
