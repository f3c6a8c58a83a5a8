// SPDX-License-Identifier: Apache-2.0
package io.httun.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.api.status.ConnectionStatus;
import io.httun.testrig.TunnelRig;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StreamDatagramsTest {
    private static final Duration LONG = Duration.ofSeconds(40);

    private final StreamRig both = new StreamRig();
    private final Queue<String> received = new ConcurrentLinkedQueue<>();
    private final Queue<InetSocketAddress> senders = new ConcurrentLinkedQueue<>();
    private Channel way;

    @BeforeEach
    void open() {
        way = both.connector
                .openDatagrams(both.rig.loops().group().next())
                .awaitUninterruptibly()
                .getNow();
        way.pipeline().addLast(new SimpleChannelInboundHandler<DatagramPacket>() {
            @Override
            protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
                senders.add(packet.sender());
                received.add(packet.content().toString(StandardCharsets.US_ASCII));
            }
        });
        way.config().setAutoRead(true);
    }

    @AfterEach
    void close() throws IOException {
        way.close();
        both.close();
    }

    /** Answers what it gets, until the test ends. */
    private InetSocketAddress echo() throws IOException {
        DatagramSocket echo = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        both.rig.closing(echo::close);
        TunnelRig.daemon(() -> {
            java.net.DatagramPacket packet = new java.net.DatagramPacket(new byte[70_000], 70_000);
            while (!echo.isClosed()) {
                echo.receive(packet);
                echo.send(packet);
                packet.setLength(70_000);
            }
        });
        return (InetSocketAddress) echo.getLocalSocketAddress();
    }

    private void send(InetSocketAddress target, String text) {
        way.writeAndFlush(new DatagramPacket(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII), target));
    }

    @Test
    void carriesDatagramsToANameThatTheServerResolves() throws IOException {
        InetSocketAddress target = echo();
        send(InetSocketAddress.createUnresolved("localhost", target.getPort()), "hello");
        await().untilAsserted(() -> assertThat(received).containsExactly("hello"));
        assertThat(senders).containsExactly(target);
        ConnectionStatus open = both.origin.connections().get(0);
        assertThat(open.target()).isEqualTo("localhost:" + target.getPort());
        assertThat(open.state()).isEqualTo("associated");
        assertThat(open.bytesToTarget()).isEqualTo(5);
        assertThat(open.bytesFromTarget()).isEqualTo(5);
    }

    @Test
    void eachTargetHasOneStreamAndAllOfThemOnePipe() throws IOException {
        InetSocketAddress one = echo();
        InetSocketAddress other = echo();
        for (int i = 0; i < 8; i++) {
            send(one, "one");
            send(other, "other");
        }
        await().untilAsserted(() -> assertThat(received).hasSize(16));
        assertThat(senders).contains(one, other);
        assertThat(both.connector.streams()).isEqualTo(2);
        assertThat(both.pipes.get()).isEqualTo(1);
        way.close();
        await().until(() -> both.connector.streams() == 0);
        await().until(() -> both.origin.open() == 0);
    }

    @Test
    void theTargetSilentForLongestGivesWay() throws IOException {
        InetSocketAddress target = echo();
        send(target, "hello");
        await().until(() -> both.origin.open() == 1);
        for (int port = 1; port <= StreamDatagrams.TARGETS; port++) {
            send(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), "x");
        }
        await().untilAsserted(() -> assertThat(both.origin.closedConnections())
                .anyMatch(closed -> closed.target().equals("127.0.0.1:" + target.getPort())));
        await().until(() -> both.connector.streams() == StreamDatagrams.TARGETS);
    }

    @Test
    void aDeniedTargetGetsNothingAndIsAskedForAgainLater() throws IOException {
        InetSocketAddress target = echo();
        both.origin.change(StreamRig.settings("missing"));
        send(target, "denied");
        await().untilAsserted(() -> assertThat(both.origin.closedConnections())
                .first()
                .extracting(ConnectionStatus::end)
                .isEqualTo("DENIED"));
        both.origin.change(StreamRig.settings());
        await().pollInterval(Duration.ofMillis(100)).untilAsserted(() -> {
            send(target, "allowed");
            assertThat(received).isNotEmpty().containsOnly("allowed");
        });
    }

    @Test
    void filtersThatChangeEndAnOpenStream() throws IOException {
        InetSocketAddress target = echo();
        send(target, "hello");
        await().until(() -> !received.isEmpty());
        both.origin.change(StreamRig.settings("missing"));
        await().atMost(LONG).untilAsserted(() -> assertThat(both.origin.closedConnections())
                .first()
                .extracting(ConnectionStatus::end)
                .isEqualTo("DENIED"));
        await().until(() -> both.connector.streams() == 0);
    }

    @Test
    void carriesTheLargestDatagram() throws IOException {
        String large = "x".repeat(65_507);
        send(echo(), large);
        await().untilAsserted(() -> assertThat(received).containsExactly(large));
    }

    @Test
    void theWayClosesWithItsConnector() {
        both.connector.close();
        await().until(() -> !way.isOpen());
    }
}
