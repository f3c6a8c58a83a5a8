// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.httun.api.HttunException;
import io.httun.api.target.RefusedException;
import io.httun.protocol.KeyLife;
import io.httun.protocol.PeerId;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Against a server that serves several sessions. */
@Timeout(120)
class SessionsTest {
    private static final byte[] HELLO = "hello".getBytes(US_ASCII);
    private static final int MIB = 1 << 20;

    private final Fixture fixture = new Fixture();
    private final ModelServer server = new ModelServer(fixture.surroundings());
    private final TestEndpoint endpoint = new TestEndpoint(fixture, server, null);
    private TunnelClient client = new TunnelClient(Fixture.settings(endpoint.url()), fixture.surroundings());

    @AfterEach
    void close() throws IOException {
        client.close();
        await().until(client::isIdle);
        endpoint.close();
        server.close();
        fixture.close();
    }

    private void use(ClientSettings.Limits limits) {
        client = new TunnelClient(
                Fixture.settings(Fixture.TIMEOUTS, limits, "", endpoint.url()), fixture.surroundings());
    }

    private void echoes(Pipe pipe, byte[] bytes) {
        pipe.flood(bytes);
        assertThat(pipe.read(bytes.length)).isEqualTo(bytes);
        assertThat(pipe.failure()).isNull();
    }

    @Test
    void fiftyConnectionsAtOnce() throws IOException {
        byte[] bytes = Targets.random(MIB / 4);
        try (Targets echo = Targets.echo()) {
            List<Pipe> pipes = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                pipes.add(fixture.connect(client, echo.address()));
            }
            pipes.forEach(pipe -> pipe.flood(bytes));
            pipes.forEach(pipe -> assertThat(pipe.read(bytes.length)).isEqualTo(bytes));
            assertThat(client.status().connections()).isEqualTo(50);
            pipes.forEach(Pipe::close);
            await().untilAsserted(() ->
                    assertThat(client.status().sessions()).as("spare ones").isLessThanOrEqualTo(4));
        }
    }

    @Test
    void lostRepliesCostNoByteAndDoubleNone() throws IOException {
        byte[] bytes = Targets.random(4 * MIB);
        endpoint.lost = 10;
        endpoint.unavailable = 5;
        try (Targets echo = Targets.echo()) {
            Pipe pipe = fixture.connect(client, echo.address());
            echoes(pipe, bytes);
            pipe.shutdownOutput();
            assertThat(pipe.awaitEnd().failure()).isNull();
            assertThat(pipe.size()).isEqualTo(bytes.length);
            assertThat(endpoint.losses.get()).isGreaterThan(5);
        }
    }

    @Test
    void theKeyIsChangedWithoutLosingAByte() throws IOException {
        byte[] bytes = Targets.random(8 * MIB);
        client = new TunnelClient(
                Fixture.settings(Fixture.TIMEOUTS, new ClientSettings.Limits(16, 0, 4, 1000), "", endpoint.url()),
                fixture.surroundings(() -> new KeyLife(100, Long.MAX_VALUE)));
        endpoint.lost = 2;
        try (Targets echo = Targets.echo()) {
            Pipe pipe = fixture.connect(client, echo.address());
            echoes(pipe, bytes);
            pipe.shutdownOutput();
            assertThat(pipe.awaitEnd().failure()).isNull();
            assertThat(pipe.size()).isEqualTo(bytes.length);
            assertThat(server.clients.size()).as("inits").isGreaterThan(4);
            assertThat(server.clients.stream().distinct()).as("of one slot").hasSize(1);
        }
    }

    @Test
    void halfCloseWorksAndTheSlotIsUsedAgain() throws IOException {
        use(new ClientSettings.Limits(16, 0, 4, 1000));
        byte[] bytes = Targets.random(MIB);
        try (Targets late = new Targets((socket, targets) -> {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            socket.getInputStream().transferTo(all);
            socket.getOutputStream().write(all.toByteArray());
        })) {
            for (int i = 0; i < 2; i++) {
                Pipe pipe = fixture.connect(client, late.address());
                pipe.writeAll(bytes);
                pipe.shutdownOutput();
                assertThat(pipe.awaitEnd().bytes()).isEqualTo(bytes);
                assertThat(pipe.failure()).isNull();
                assertThat(pipe.isOpen()).as("until closed here").isTrue();
                await().until(client::isIdle);
                pipe.close();
            }
            assertThat(server.clients).hasSize(2);
            assertThat(server.clients.get(0)).isEqualTo(server.clients.get(1));
            assertThat(PeerId.capabilities(server.clients.get(0))).isEqualTo(PeerId.SESSIONS | PeerId.BATCH);
        }
    }

    @Test
    void theTargetsEndLeavesTheOtherDirectionOpen() throws IOException {
        try (Targets first = new Targets((socket, targets) -> {
            socket.getInputStream().read();
            socket.shutdownOutput();
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            socket.getInputStream().transferTo(all);
            targets.received.add(all.toByteArray());
        })) {
            byte[] bytes = Targets.random(MIB);
            Pipe pipe = fixture.connect(client, first.address()).write(HELLO).awaitEnd();
            pipe.writeAll(bytes);
            pipe.close();
            await().until(() -> !first.received.isEmpty());
            assertThat(first.received.get(0))
                    .hasSize(HELLO.length - 1 + bytes.length)
                    .endsWith(bytes);
        }
    }

    @Test
    void sessionsAreKeptReadyAndThenLetGo() throws IOException {
        Timeouts brief = new Timeouts(2000, 2000, 3000, 8000, 10_000, 15_000, 5000, 1500);
        server.idleMillis = 100;
        client = new TunnelClient(
                Fixture.settings(brief, new ClientSettings.Limits(16, 2, 4, 1000), "", endpoint.url()),
                fixture.surroundings());
        try (Targets echo = Targets.echo()) {
            Pipe pipe = fixture.connect(client, echo.address());
            await().untilAsserted(() -> assertThat(client.status().sessions()).isEqualTo(3));
            echoes(pipe, HELLO);
            pipe.close();
            await().atMost(Duration.ofSeconds(5)).until(client::isIdle);
        }
    }

    @Test
    void aGapInTheRepliesResetsTheConnectionAndTakesAnotherSlot() throws IOException {
        use(new ClientSettings.Limits(16, 0, 4, 1000));
        try (Targets echo = Targets.echo()) {
            Pipe pipe = fixture.connect(client, echo.address());
            echoes(pipe, HELLO);
            server.skippedReplies = 1;
            pipe.write(HELLO);
            await().until(() -> pipe.failure() != null);
            assertThat(pipe.failure()).isInstanceOf(HttunException.class).hasMessageContaining("a reply was lost");
            await().until(() -> !pipe.isOpen());
            assertThat(client.closedConnections().get(0).cause()).contains("a reply was lost");
            server.skippedReplies = 0;
            echoes(fixture.connect(client, echo.address()), HELLO);
            assertThat(server.clients.get(0)).isNotEqualTo(server.clients.get(1));
        }
    }

    @Test
    void aServerThatIsAwayForAWhileIsWaitedFor() throws IOException {
        try (Targets echo = Targets.echo()) {
            Pipe pipe = fixture.connect(client, echo.address());
            echoes(pipe, HELLO);
            endpoint.unavailable = 100;
            pipe.write(HELLO);
            await().during(Duration.ofSeconds(2)).until(() -> pipe.size() == HELLO.length);
            endpoint.unavailable = 0;
            assertThat(pipe.read(2 * HELLO.length)).hasSize(2 * HELLO.length);
            assertThat(pipe.failure()).isNull();
        }
    }

    /** As Karaf's does while a bundle is updated: the sessions are at the server still. */
    @Test
    void aWebServerWhoseEndpointIsAwayForAWhileIsWaitedFor() throws IOException {
        byte[] bytes = Targets.random(MIB);
        try (Targets echo = Targets.echo()) {
            Pipe pipe = fixture.connect(client, echo.address());
            echoes(pipe, HELLO);
            endpoint.away = true;
            pipe.flood(bytes);
            await().during(Duration.ofSeconds(2)).until(() -> pipe.size() == HELLO.length);
            endpoint.away = false;
            assertThat(pipe.read(HELLO.length + bytes.length)).endsWith(bytes);
            assertThat(pipe.failure()).isNull();
        }
    }

    @Test
    void aPageThatIsNotThereIsNamedSoonWhenAConnectionIsOpened() {
        endpoint.away = true;
        assertThatThrownBy(() -> fixture.connect(client, new InetSocketAddress("127.0.0.1", 9)))
                .isInstanceOf(RefusedException.class)
                .hasMessage("tunnel home: " + endpoint.url()
                        + " answers 404 with a page, which no httun server does: check urls, or its endpoint is away");
    }

    @Test
    void theKeyIsChangedWhenTheServerIsBack() throws IOException {
        byte[] bytes = Targets.random(4 * MIB);
        client = new TunnelClient(
                Fixture.settings(Fixture.TIMEOUTS, new ClientSettings.Limits(16, 0, 4, 1000), "", endpoint.url()),
                fixture.surroundings(() -> new KeyLife(20, Long.MAX_VALUE)));
        try (Targets echo = Targets.echo()) {
            Pipe pipe = fixture.connect(client, echo.address());
            server.initsAway = true;
            pipe.flood(bytes);
            await().during(Duration.ofSeconds(2)).until(() -> pipe.size() < bytes.length && pipe.failure() == null);
            server.initsAway = false;
            assertThat(pipe.read(bytes.length)).isEqualTo(bytes);
        }
    }

    @Test
    void tooManySessionsAreRefused() throws IOException {
        use(new ClientSettings.Limits(2, 0, 4, 1000));
        try (Targets echo = Targets.echo()) {
            fixture.connect(client, echo.address());
            fixture.connect(client, echo.address());
            assertThatThrownBy(() -> fixture.connect(client, echo.address())).hasMessageContaining("(sessions.max)");
        }
    }

    @Test
    void stoppingResetsWhatIsOpen() throws IOException {
        try (Targets echo = Targets.echo()) {
            Pipe pipe = fixture.connect(client, echo.address());
            echoes(pipe, HELLO);
            client.close();
            await().until(() -> !pipe.isOpen());
            assertThat(pipe.failure()).hasMessageContaining("tunnel home has stopped");
            assertThatThrownBy(() -> fixture.connect(client, echo.address())).hasMessageContaining("has stopped");
        }
    }

    @Test
    void whatAHandlerWritesFromAWritabilityEventIsSent() throws IOException {
        byte[] bytes = Targets.random(2 * MIB);
        try (Targets echo = Targets.echo()) {
            Pipe pipe = fixture.connect(client, echo.address());
            int[] at = {0};
            pipe.channel().eventLoop().execute(() -> {
                pipe.channel().pipeline().addLast(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelWritabilityChanged(ChannelHandlerContext context) {
                        while (context.channel().isWritable() && at[0] < bytes.length) {
                            int length = Math.min(300_000, bytes.length - at[0]);
                            ByteBuf piece = Unpooled.wrappedBuffer(bytes, at[0], length);
                            at[0] += length;
                            context.writeAndFlush(piece);
                        }
                    }
                });
                pipe.channel().pipeline().fireChannelWritabilityChanged();
            });
            assertThat(pipe.read(bytes.length)).isEqualTo(bytes);
        }
    }
}
