// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.tunnel.ChannelTester.Progress;
import io.httun.protocol.Frame;
import io.httun.protocol.KeyLife;
import io.httun.toolkit.tunnel.BulkSockets;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Against the server of this project, in a pipe where nothing else is said. */
@Timeout(120)
class OurServerTest extends AgainstOurServer {
    private static final WayOut WITHOUT_STREAMS =
            new WayOut("", false, true, true, new PipeSettings(false, 20, 600_000));

    private static final byte[] HELLO = "hello".getBytes(US_ASCII);

    @Override
    Surroundings ofClient() {
        return fixture.withStreams();
    }

    @BeforeEach
    void serveStreams() {
        server.streams(fixture.streams());
    }

    private void echoes(Pipe pipe, byte[] bytes) {
        pipe.flood(bytes);
        byte[] got = pipe.read(bytes.length);
        assertThat(pipe.failure()).isNull();
        assertThat(Arrays.mismatch(got, bytes)).as("first wrong byte").isNegative();
    }

    @Test
    void withoutBatchesEveryBodyIsOneFrame() throws IOException {
        client.close();
        WayOut plain = new WayOut("", false, true, false);
        client = new TunnelClient(Fixture.settings(plain, endpoint.url()), fixture.withStreams());
        try (Targets echo = Targets.echo()) {
            Pipe pipe = fixture.connect(client, echo.address());
            echoes(pipe, Targets.random(2 * MIB));
            pipe.close();
        }
        assertThat(endpoint.longestBody.get()).isBetween(Frame.MAX_PAYLOAD / 2, Frame.MAX_LENGTH);
    }

    @Test
    void fiftyConnectionsAtOnce() throws IOException {
        byte[] bytes = Targets.random(MIB / 4);
        try (Targets echo = Targets.echo()) {
            List<Future<Channel>> futures = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                futures.add(fixture.connecting(client, echo.address()));
            }
            List<Pipe> pipes = new ArrayList<>();
            for (Future<Channel> future : futures) {
                assertThat(future.awaitUninterruptibly(10, TimeUnit.SECONDS)).isTrue();
                assertThat(future.cause()).isNull();
                pipes.add(new Pipe(future.getNow()));
            }
            pipes.forEach(pipe -> pipe.flood(bytes));
            pipes.forEach(pipe -> assertThat(pipe.read(bytes.length)).isEqualTo(bytes));
            pipes.forEach(Pipe::close);
            await().untilAsserted(
                            () -> assertThat(client.status().connections()).isZero());
        }
    }

    @Test
    void lostRepliesCostNoByteAndDoubleNone() throws IOException {
        byte[] bytes = Targets.random(4 * MIB);
        endpoint.lost = 25;
        endpoint.unavailable = 5;
        try (Targets echo = Targets.echo()) {
            Pipe pipe = fixture.connect(client, echo.address());
            echoes(pipe, bytes);
            pipe.shutdownOutput();
            assertThat(pipe.awaitEnd().failure()).isNull();
            assertThat(pipe.size()).isEqualTo(bytes.length);
            assertThat(endpoint.losses.get()).isPositive();
        }
    }

    @Test
    void theKeyIsChangedWithoutLosingAByte() throws IOException {
        AtomicInteger keys = new AtomicInteger();
        server.keyLives(() -> {
            keys.incrementAndGet();
            // The server refuses beyond, so the client has to be in time.
            return new KeyLife(2400, Long.MAX_VALUE);
        });
        byte[] bytes = Targets.random(64 * MIB);
        client = new TunnelClient(
                Fixture.settings(Fixture.TIMEOUTS, new ClientSettings.Limits(16, 4, 1000), "", endpoint.url()),
                fixture.withStreams(() -> new KeyLife(2400, Long.MAX_VALUE)));
        try (Targets echo = Targets.echo()) {
            Pipe pipe = fixture.connect(client, echo.address());
            echoes(pipe, bytes);
            pipe.shutdownOutput();
            assertThat(pipe.awaitEnd().failure()).isNull();
            assertThat(pipe.size()).isEqualTo(bytes.length);
        }
        assertThat(keys).hasValueGreaterThan(1);
    }

    @Test
    void aKeyThatIsUsedUpIsRefusedByTheServerWhateverTheClientThinksOfIt() throws IOException {
        server.keyLives(() -> new KeyLife(300, Long.MAX_VALUE));
        try (Targets echo = Targets.echo()) {
            Pipe pipe = fixture.connect(client, echo.address());
            pipe.flood(Targets.random(64 * MIB));
            assertThat(pipe.awaitEnd().failure()).as("a reset, not an end").isNotNull();
            assertThat(pipe.size()).isLessThan(64 * MIB);
        }
    }

    @Test
    void pipesAndNewConnectionsWaitForCryptoAndLoseNothing() throws IOException {
        byte[] bytes = Targets.random(32 * MIB);
        client = new TunnelClient(
                Fixture.settings(Fixture.TIMEOUTS, new ClientSettings.Limits(16, 4, 1000), "", endpoint.url()),
                fixture.withStreams());
        try (Targets echo = Targets.echo()) {
            Pipe pipe = fixture.connect(client, echo.address());
            pipe.flood(bytes);
            for (int i = 1; i < 8; i++) {
                int part = i * 2 * MIB;
                await().until(() -> pipe.size() > part);
                fixture.cryptoGone = true;
                await().during(Duration.ofMillis(100)).until(() -> true);
                fixture.cryptoGone = false;
            }
            assertThat(Arrays.mismatch(pipe.read(bytes.length), bytes)).isNegative();

            fixture.cryptoGone = true;
            Future<Channel> waiting = fixture.connecting(client, echo.address());
            await().during(Duration.ofMillis(300)).until(() -> !waiting.isDone());
            fixture.cryptoGone = false;
            assertThat(waiting.awaitUninterruptibly(10, TimeUnit.SECONDS)).isTrue();
            echoes(new Pipe(waiting.getNow()), HELLO);
        }
    }

    @Test
    void whoWaitsTooLongForCryptoIsToldSo() throws IOException {
        Timeouts impatient = new Timeouts(2000, 2000, 3000, 8000, 300, 300, 5000);
        client = new TunnelClient(
                Fixture.settings(
                        impatient, new ClientSettings.Limits(16, 4, 1000), "", WITHOUT_STREAMS, endpoint.url()),
                surroundings);
        try (Targets echo = Targets.echo()) {
            Pipe pipe = fixture.connect(client, echo.address());
            fixture.cryptoGone = true;
            pipe.flood(HELLO);
            assertThat(pipe.awaitEnd().failure()).hasMessageContaining("no cipher (FrameCipher)");
            Future<Channel> refused = fixture.connecting(client, echo.address());
            assertThat(refused.awaitUninterruptibly(10, TimeUnit.SECONDS)).isTrue();
            assertThat(refused.cause()).hasMessageContaining("not within 300 ms: there is no cipher (FrameCipher)");
        }
    }

    @Test
    void aTargetThatBreaksOffIsNotTakenForOneThatHasEnded() throws IOException {
        try (Targets breaking = new Targets((socket, targets) -> {
            socket.getInputStream().read();
            socket.getOutputStream().write(HELLO);
            socket.setSoLinger(true, 0);
        })) {
            Pipe pipe = fixture.connect(client, breaking.address());
            pipe.write(HELLO);
            await().until(() -> !pipe.isOpen());
            assertThat(pipe.failure()).as("a reset").isNotNull();
            await().untilAsserted(
                            () -> assertThat(client.status().connections()).isZero());
        }
    }

    @Test
    void aConnectionThatIsResetHereIsResetAtTheTarget() throws IOException {
        CompletableFuture<IOException> seen = new CompletableFuture<>();
        try (Targets sink = new Targets((socket, targets) -> {
            socket.setSoTimeout(10_000);
            try {
                socket.getOutputStream().write(HELLO);
                socket.getInputStream().transferTo(OutputStream.nullOutputStream());
                seen.complete(null);
            } catch (IOException e) {
                seen.complete(e);
            }
        })) {
            for (int i = 0; i < 3; i++) {
                Pipe pipe = fixture.connect(client, sink.address());
                pipe.write(HELLO);
                pipe.read(HELLO.length);
                pipe.flood(Targets.random(MIB));
                BulkSockets.reset(pipe.channel());
            }
            assertThat(seen.join()).hasMessageContaining("reset");
            await().untilAsserted(
                            () -> assertThat(client.status().connections()).isZero());
        }
    }

    @Test
    void halfCloseWorks() throws IOException {
        byte[] bytes = Targets.random(MIB);
        try (Targets late = new Targets((socket, targets) -> {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            socket.getInputStream().transferTo(all);
            socket.getOutputStream().write(all.toByteArray());
        })) {
            for (int i = 0; i < 3; i++) {
                Pipe pipe = fixture.connect(client, late.address());
                pipe.writeAll(bytes);
                pipe.shutdownOutput();
                assertThat(pipe.awaitEnd().bytes()).isEqualTo(bytes);
                assertThat(pipe.failure()).isNull();
                pipe.close();
            }
        }
    }

    @Test
    void whatIsWrittenBeforeTheEndArrives() throws IOException {
        byte[] bytes = Targets.random(4 * MIB);
        try (Targets sink = Targets.sink()) {
            Pipe pipe = fixture.connect(client, sink.address());
            pipe.writeAll(bytes);
            pipe.shutdownOutput();
            await().atMost(Duration.ofSeconds(20)).until(() -> !sink.received.isEmpty());
            assertThat(sink.received.get(0)).isEqualTo(bytes);
        }
    }

    @Test
    void theTestModeGetsItsPongs() {
        List<Progress> seen = new CopyOnWriteArrayList<>();
        Future<Void> test = client.test(Duration.ofMillis(1), 20, seen::add);
        assertThat(test.awaitUninterruptibly(20, TimeUnit.SECONDS)).isTrue();
        assertThat(test.cause()).isNull();
        assertThat(seen).hasSize(20);
        Future<Void> second = client.test(Duration.ZERO, 20, seen::add);
        assertThat(second.awaitUninterruptibly(20, TimeUnit.SECONDS)).isTrue();
        assertThat(second.cause()).isNull();
    }

    @Test
    void aTargetThatRefusesIsSaidToRefuse() throws IOException {
        Targets gone = Targets.echo();
        gone.close();
        assertThatThrownBy(() -> fixture.connect(client, gone.address()))
                .isInstanceOfSatisfying(RefusedException.class, refusal -> assertThat(refusal.refusal())
                        .isEqualTo(Cause.CONNECTION_REFUSED));
    }

    @Test
    void aPageThatIsNotThereIsNamedSoonWhenAConnectionIsOpened() {
        endpoint.away = true;
        assertThatThrownBy(() -> fixture.connect(client, new InetSocketAddress("127.0.0.1", 9)))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("tunnel home: " + endpoint.url()
                        + ": another web server answers 404 with a page, which no httun server does");
    }

    @Test
    void stoppingResetsWhatIsOpen() throws IOException {
        try (Targets echo = Targets.echo()) {
            Pipe pipe = fixture.connect(client, echo.address());
            echoes(pipe, HELLO);
            client.close();
            await().until(() -> !pipe.isOpen());
            assertThat(pipe.failure()).isNotNull();
            assertThatThrownBy(() -> fixture.connect(client, echo.address())).hasMessageContaining("has stopped");
        }
    }
}
