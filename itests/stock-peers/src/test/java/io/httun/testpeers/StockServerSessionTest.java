// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import static io.httun.testpeers.Peers.MOMENT;
import static io.httun.testpeers.Peers.SOON;
import static io.httun.testpeers.Peers.bytes;
import static io.httun.testpeers.Peers.text;
import static io.httun.testpeers.StockOperation.L3_FROM_SRV;
import static io.httun.testpeers.StockOperation.L7_FROM_SRV;
import static io.httun.testpeers.StockOperation.L7_TO_SRV;
import static io.httun.testpeers.StockOperation.TEST_FROM_SRV;
import static io.httun.testpeers.StockOperation.TEST_TO_SRV;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sessions, sequence numbers and L7 connections of the stock-like server (wire protocol, sections 4 and 5). */
class StockServerSessionTest {

    private StockServer server;
    private StockClient client;
    private StockSession session;
    private StockHttpConnection connection;
    private Peers.Target target;

    @BeforeEach
    void connect() throws Exception {
        server = Peers.server()
                .denied(address -> address.getAddress().getHostAddress().equals("127.0.0.9"))
                .start();
        client = Peers.client(server).build();
        session = client.init();
        connection = client.connect();
        target = new Peers.Target();
    }

    @AfterEach
    void disconnect() throws Exception {
        target.close();
        connection.close();
        session.close();
        server.close();
    }

    @Test
    void repliesSkipTheNumbersDrawnForWrites() throws Exception {
        for (int i = 0; i < 3; i++) {
            assertThat(numberOfPong()).isEqualTo(2 * i + 1);
        }
    }

    @Test
    void replyNumberIsDrawnWhenTheRequestArrives() throws Exception {
        connection.send(session.requestR(session.sealR(TEST_FROM_SRV)));
        await().until(() -> server.busyConnections() == 1);
        session.write(TEST_TO_SRV, bytes("x"));
        assertThat(session.open(connection.readReply(SOON).body()).sequence()).isZero();
    }

    @Test
    void garbageAndBadInitsDrawNumbersAndHarmNothing() throws Exception {
        byte[] garbage = new byte[96];
        assertThat(isRefusedOnR(garbage)).isTrue();
        garbage[0] = 1;
        assertThat(isRefusedOnR(garbage)).isTrue();
        assertThat(numberOfPong()).isEqualTo(3);
    }

    @Test
    void repeatedWriteIsAcknowledgedAndClosed() throws Exception {
        byte[] frame = session.sealW(TEST_TO_SRV, bytes("x"));
        session.sendW(frame);
        assertThat(isRefusedOnW(frame)).isTrue();
    }

    @Test
    void repeatedReadIsClosedWithNothing() throws Exception {
        session.write(TEST_TO_SRV, bytes("x"));
        byte[] frame = session.sealR(TEST_FROM_SRV);
        session.sendR(frame);
        assertThat(isRefusedOnR(frame)).isTrue();
    }

    @Test
    void firstNumberSetsTheFloor() throws Exception {
        assertThat(isTakenOnW(write(5))).isTrue();
        assertThat(isRefusedOnW(write(4))).isTrue();
        assertThat(isTakenOnW(write(8))).isTrue();
        assertThat(isTakenOnW(write(7))).isTrue();
    }

    @Test
    void newInitReplacesTheSessionAndItsTarget() throws Exception {
        session.writeL7(target.address(), bytes("x"));
        Socket socket = target.accept();
        assertThat(socket.getInputStream().read()).isEqualTo('x');
        try (StockSession newer = client.init()) {
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
            assertThat(isRefusedOnW(session.sealW(TEST_TO_SRV, bytes("old")))).isTrue();
            assertThat(newer.serverUuid()).isEqualTo(server.uuid());
            assertThat(server.traffic().clients()).containsExactly(client.uuid(), client.uuid());
        }
    }

    @Test
    void replayedInitDropsTheLiveSession() throws Exception {
        byte[] init = client.sealInit();
        assertThat(client.sendInit(init).status()).isEqualTo(200);
        try (StockSession victim = client.init()) {
            assertThat(client.sendInit(init).status()).isEqualTo(200);
            assertThat(isRefusedOnW(victim.sealW(TEST_TO_SRV, bytes("x")))).isTrue();
        }
    }

    @Test
    void connectionOfAnOlderInitIsLeftOpenAndNeverAnswered() throws Exception {
        connection.send(client.requestR(client.sealInit()));
        connection.readReply(SOON);
        try (StockSession newer = client.init()) {
            connection.send(newer.requestW(newer.sealW(TEST_TO_SRV, bytes("x"))));
            assertThat(connection.isClosedWithin(MOMENT)).isFalse();
        }
    }

    @Test
    void waitingReadOfAnOldSessionSwallowsTheFirstDataOfTheNew() throws Exception {
        StockClient other;
        try (StockServer patient = Peers.server()
                        .timing(Peers.SERVER_TIMING.withIdleReply(SOON))
                        .start();
                StockSession old = (other = Peers.client(patient).build()).init();
                StockHttpConnection own = other.connect()) {
            own.send(old.requestR(old.sealR(L7_FROM_SRV)));
            await().until(() -> patient.busyConnections() == 1);
            try (StockSession newer = other.init()) {
                newer.writeL7(target.address(), bytes("x"));
                try (Socket socket = target.accept()) {
                    socket.getOutputStream().write(bytes("lost"));
                    StockFrame swallowed = old.open(own.readReply(SOON).body());
                    assertThat(text(StockContainer.parse(swallowed.payload()).data()))
                            .isEqualTo("lost");
                }
            }
        }
    }

    @Test
    void targetSeesBytesAndTheirEnd() throws Exception {
        session.writeL7(target.address(), bytes("question"));
        try (Socket socket = target.accept()) {
            assertThat(text(socket.getInputStream().readNBytes(8))).isEqualTo("question");
            socket.getOutputStream().write(bytes("answer"));
            StockContainer answer = session.readL7();
            assertThat(text(answer.data())).isEqualTo("answer");
            assertThat(answer.address()).isEqualTo(target.address());
            session.writeL7(target.address(), new byte[0]);
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(server.isTargetConnected(Peers.CHANNEL)).isFalse();
    }

    @Test
    void closeByTheTargetIsAnEmptyContainerAndMoreDataConnectsAgain() throws Exception {
        session.writeL7(target.address(), bytes("one"));
        try (Socket socket = target.accept()) {
            assertThat(text(socket.getInputStream().readNBytes(3))).isEqualTo("one");
        }
        assertThat(session.readL7().data()).isEmpty();
        session.writeL7(target.address(), bytes("two"));
        try (Socket again = target.accept()) {
            assertThat(text(again.getInputStream().readNBytes(3))).isEqualTo("two");
        }
    }

    @Test
    void resetByTheTargetClosesTheReadThenEnds() throws Exception {
        session.writeL7(target.address(), bytes("x"));
        Socket socket = target.accept();
        socket.getInputStream().read();
        socket.setSoLinger(true, 0);
        socket.close();
        assertThat(isRefusedOnR(session.sealR(L7_FROM_SRV))).isTrue();
        assertThat(session.readL7().data()).isEmpty();
    }

    @Test
    void anotherAddressTakesThePlaceOfTheFirst() throws Exception {
        try (Peers.Target other = new Peers.Target()) {
            session.writeL7(target.address(), bytes("1"));
            Socket first = target.accept();
            assertThat(first.getInputStream().read()).isEqualTo('1');
            session.writeL7(other.address(), bytes("2"));
            assertThat(first.getInputStream().read()).isEqualTo(-1);
            assertThat(other.accept().getInputStream().read()).isEqualTo('2');
        }
    }

    @Test
    void deniedAndUnreachableTargetsAreAcknowledgedAndClosed() throws Exception {
        target.close();
        assertThat(isRefusedOnW(container("127.0.0.9", 80))).isTrue();
        assertThat(isRefusedOnW(container("127.0.0.1", target.address().getPort())))
                .isTrue();
        assertThat(server.traffic().refusals()).anyMatch(reason -> reason.contains("deny list has /127.0.0.9:80"));
    }

    @Test
    void idleTargetIsClosedWithoutAWord() throws Exception {
        ServerTiming quick = Peers.SERVER_TIMING.withTargetIdle(Duration.ofMillis(100), Duration.ofMillis(20));
        try (StockServer hasty = Peers.server().timing(quick).start();
                StockSession open = Peers.client(hasty).build().init()) {
            open.writeL7(target.address(), bytes("x"));
            assertThat(text(target.accept().getInputStream().readAllBytes())).isEqualTo("x");
            assertThat(open.sendR(open.sealR(L7_FROM_SRV)).status()).isEqualTo(408);
        }
    }

    @Test
    void targetThatTakesNothingClosesTheConnectionOfTheWrite() throws Exception {
        ServerTiming quick = Peers.SERVER_TIMING.withTargetSend(Duration.ofMillis(50));
        try (StockServer hasty = Peers.server().timing(quick).start();
                StockSession open = Peers.client(hasty).build().init();
                StockHttpConnection own = Peers.client(hasty).build().connect()) {
            byte[] much = new StockContainer(target.address(), new byte[StockContainer.MAX_DATA]).toBytes();
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 1000; i++) {
                            own.send(open.requestW(open.sealW(L7_TO_SRV, much)));
                            own.readHead(SOON);
                        }
                    })
                    .isInstanceOf(IOException.class);
            assertThat(hasty.traffic().refusals()).anyMatch(reason -> reason.contains("takes nothing"));
        }
    }

    @Test
    void idleChannelLeavesConnectionsOpenAndUnansweredAndTheSessionAlive() throws Exception {
        ServerTiming quick = Peers.SERVER_TIMING.withChannelIdle(Duration.ofMillis(100), Duration.ofMillis(20));
        try (StockServer hasty = Peers.server().timing(quick).start();
                StockSession open = Peers.client(hasty).build().init();
                StockHttpConnection own = Peers.client(hasty).build().connect()) {
            own.send(open.requestW(open.sealW(TEST_TO_SRV, bytes("first"))));
            own.readHead(SOON);
            assertThat(own.isClosedWithin(Duration.ofMillis(200))).isFalse();
            own.send(open.requestW(open.sealW(TEST_TO_SRV, bytes("unheard"))));
            assertThat(own.isClosedWithin(MOMENT)).isFalse();
            assertThat(text(open.read(TEST_FROM_SRV))).isEqualTo("Pong: first");
        }
    }

    @Test
    void writesOnTwoConnectionsOvertakeEachOther() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        session.writeL7(target.address(), bytes("1"));
        try (Socket socket = target.accept()) {
            assertThat(socket.getInputStream().read()).isEqualTo('1');
            server.next(StockRequest.Kind.W, new Fault.HoldAfterReply(gate));
            session.writeL7(target.address(), bytes("2"));
            session.writeL7(target.address(), bytes("3"));
            assertThat(socket.getInputStream().read()).isEqualTo('3');
            gate.countDown();
            assertThat(socket.getInputStream().read()).isEqualTo('2');
        }
    }

    @Test
    void operationsThatDoNotBelongAreRefused() throws Exception {
        assertThat(isRefusedOnW(client.sealInit())).isTrue();
        assertThat(isRefusedOnW(session.sealW(TEST_FROM_SRV, bytes("x")))).isTrue();
        assertThat(isRefusedOnW(session.sealW(L7_TO_SRV, new byte[17]))).isTrue();
        assertThat(isRefusedOnR(session.sealR(L3_FROM_SRV))).isTrue();
        try (StockServer untested = Peers.server().testEnabled(false).start();
                StockSession open = Peers.client(untested).build().init();
                StockHttpConnection own = Peers.client(untested).build().connect()) {
            own.send(open.requestR(open.sealR(TEST_FROM_SRV)));
            assertThat(own.isClosedWithin(SOON)).isTrue();
        }
    }

    @Test
    void stoppedServerComesBackOnItsPortWithoutSessions() throws Exception {
        int port = server.port();
        server.restart();
        assertThat(server.port()).isEqualTo(port);
        assertThat(isRefusedOnW(session.sealW(TEST_TO_SRV, bytes("x")))).isTrue();
        client.init().close();
        assertThat(server.traffic().sessions()).isEqualTo(2);
    }

    /** Ping and pong on one connection, so that the ping is processed before the pong is asked for. */
    private long numberOfPong() throws Exception {
        connection.send(session.requestW(session.sealW(TEST_TO_SRV, bytes("x"))));
        connection.readHead(SOON);
        connection.send(session.requestR(session.sealR(TEST_FROM_SRV)));
        return session.open(connection.readReply(SOON).body()).sequence();
    }

    private byte[] write(long number) throws StockException {
        return session.sealFrame(TEST_TO_SRV, StockSequence.Type.B.number(number), bytes("x"));
    }

    private byte[] container(String host, int port) throws StockException {
        InetSocketAddress address = new InetSocketAddress(host, port);
        return session.sealW(L7_TO_SRV, new StockContainer(address, bytes("x")).toBytes());
    }

    private boolean isTakenOnW(byte[] frame) throws Exception {
        try (StockHttpConnection own = client.connect()) {
            own.send(session.requestW(frame));
            assertThat(own.readHead(SOON).status()).isEqualTo(200);
            return !own.isClosedWithin(MOMENT);
        }
    }

    private boolean isRefusedOnW(byte[] frame) throws Exception {
        try (StockHttpConnection own = client.connect()) {
            own.send(session.requestW(frame));
            assertThat(own.readHead(SOON).status()).isEqualTo(200);
            return own.isClosedWithin(SOON);
        }
    }

    private boolean isRefusedOnR(byte[] frame) throws Exception {
        try (StockHttpConnection own = client.connect()) {
            own.send(session.requestR(frame));
            return own.isClosedWithin(SOON);
        }
    }
}
