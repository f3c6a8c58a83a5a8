// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import static io.httun.testpeers.Peers.SOON;
import static io.httun.testpeers.Peers.bytes;
import static io.httun.testpeers.Peers.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The stock-like client's modes against the stock-like server. */
class StockModesTest {

    private StockServer server;
    private Peers.Target target;

    @BeforeEach
    void start() {
        server = Peers.server().emptyLength(true).start();
        target = new Peers.Target();
    }

    @AfterEach
    void stop() throws Exception {
        target.close();
        server.close();
    }

    @Test
    void testModePings() throws Exception {
        try (StockTestMode mode = Peers.client(server).build().test(Duration.ZERO)) {
            await().until(() -> mode.pongs() >= 20);
            assertThat(mode.timeouts()).isZero();
            assertThat(mode.lastFailure()).isEmpty();
            assertThat(server.traffic().requests(StockRequest.Kind.W).get(0).header("content-length"))
                    .contains("32825");
        }
    }

    /** With a period longer than a read waits: else the read of the old session swallows each pong of the new. */
    @Test
    void testModeComesBackAfterTheServerRestarts() throws Exception {
        ServerTiming quick = Peers.SERVER_TIMING.withIdleReply(Duration.ofMillis(20));
        try (StockServer unsteady = Peers.server().timing(quick).start();
                StockTestMode mode = Peers.client(unsteady).build().test(Duration.ofMillis(100))) {
            await().until(() -> mode.pongs() > 0);
            unsteady.stop();
            await().until(() -> mode.lastFailure().isPresent());
            unsteady.start();
            long before = mode.pongs();
            await().until(() -> mode.pongs() > before + 2);
        }
    }

    @Test
    void tunModeCarriesEachPacketBothWays() throws Exception {
        QueueDevice near = new QueueDevice();
        QueueDevice far = new QueueDevice();
        try (StockServer withDevice = Peers.server().device(far).start();
                StockTunMode mode = Peers.client(withDevice).build().tun(near)) {
            for (int length : new int[] {1, 1400, 63_488}) {
                byte[] packet = new byte[length];
                new Random(length).nextBytes(packet);
                near.toTunnel.add(packet);
                assertThat(far.fromTunnel.poll(SOON.toSeconds(), TimeUnit.SECONDS))
                        .isEqualTo(packet);
                far.toTunnel.add(packet);
                assertThat(near.fromTunnel.poll(SOON.toSeconds(), TimeUnit.SECONDS))
                        .isEqualTo(packet);
            }
            assertThat(mode.lastFailure()).isEmpty();
        }
    }

    @Test
    void packetsAreRefusedWhereThereIsNoDevice() throws Exception {
        try (StockTunMode mode = Peers.client(server).build().tun(new QueueDevice())) {
            await().until(() -> mode.lastFailure().isPresent());
            assertThat(server.traffic().refusals()).anyMatch(why -> why.contains("L3_FROM_SRV on r"));
        }
    }

    @Test
    void socketModeCarriesBothWays() throws Exception {
        target.echoing();
        byte[] sent = new byte[1 << 20];
        new Random(1).nextBytes(sent);
        try (StockSocketMode mode = Peers.client(server).build().socket(target.address());
                Socket local = local(mode)) {
            Thread writer = new Thread(() -> write(local, sent));
            writer.start();
            assertThat(local.getInputStream().readNBytes(sent.length)).isEqualTo(sent);
            writer.join();
        }
    }

    @Test
    void socketModeInitialisesBetweenTwoConnections() throws Exception {
        try (StockSocketMode mode = Peers.client(server).build().socket(target.address())) {
            for (int i = 1; i <= 2; i++) {
                int sessions = i;
                await().until(() -> server.traffic().sessions() == sessions);
                try (Socket local = local(mode)) {
                    local.getOutputStream().write('a' + i);
                    try (Socket remote = target.accept()) {
                        assertThat(remote.getInputStream().read()).isEqualTo('a' + i);
                        local.shutdownOutput();
                        assertThat(remote.getInputStream().read()).isEqualTo(-1);
                    }
                }
            }
            await().until(() -> server.traffic().sessions() == 3);
        }
    }

    @Test
    void closeByTheTargetIsNotPassedOn() throws Exception {
        try (StockSocketMode mode = Peers.client(server).build().socket(target.address());
                Socket local = local(mode)) {
            local.getOutputStream().write(bytes("x"));
            try (Socket remote = target.accept()) {
                remote.getOutputStream().write(bytes("bye"));
            }
            assertThat(text(local.getInputStream().readNBytes(3))).isEqualTo("bye");
            await().until(() -> !server.isTargetConnected(Peers.CHANNEL));
            local.getOutputStream().write(bytes("y"));
            try (Socket remote = target.accept()) {
                assertThat(remote.getInputStream().read()).isEqualTo('y');
            }
        }
    }

    @Test
    void lostSessionGoesOnWithTheSameLocalConnection() throws Exception {
        try (StockSocketMode mode = Peers.client(server).build().socket(target.address());
                Socket local = local(mode)) {
            local.getOutputStream().write(bytes("x"));
            assertThat(target.accept().getInputStream().read()).isEqualTo('x');
            server.next(StockRequest.Kind.W, new Fault.Status(500));
            local.getOutputStream().write(bytes("lost"));
            await().until(() -> server.traffic().sessions() == 2);
            assertThat(mode.lastFailure())
                    .hasValueSatisfying(reason -> assertThat(reason).contains("500"));
            await().until(() -> server.traffic().requests(StockRequest.Kind.R).size() > 1);
            local.getOutputStream().write(bytes("y"));
            assertThat(target.accept().getInputStream().read()).isEqualTo('y');
        }
    }

    private static Socket local(StockSocketMode mode) throws IOException {
        Socket socket = new Socket("127.0.0.1", mode.localPort());
        socket.setSoTimeout((int) SOON.toMillis());
        return socket;
    }

    private static void write(Socket socket, byte[] data) {
        try {
            socket.getOutputStream().write(data);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
