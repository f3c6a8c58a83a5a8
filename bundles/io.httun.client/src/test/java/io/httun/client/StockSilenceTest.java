// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.testpeers.ServerTiming;
import io.httun.testpeers.StockServer;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a stock server does when nothing moves, and what the local side sees of it. */
@Timeout(90)
class StockSilenceTest {
    private static final byte[] HELLO = "hello".getBytes(US_ASCII);
    private static final int MIB = 1 << 20;

    private final Fixture fixture = new Fixture();
    private StockServer server = server(ServerTiming.stock()
            .withIdleReply(Duration.ofMillis(300))
            .withTargetIdle(Duration.ofMillis(1500), Duration.ofMillis(100)));
    private final TunnelClient client = client(2500);

    private static StockServer server(ServerTiming timing) {
        return StockServer.builder()
                .channel(Fixture.CHANNEL, Fixture.secretBytes())
                .timing(timing)
                .start();
    }

    private TunnelClient client(long stockIdle) {
        Timeouts timeouts = Fixture.TIMEOUTS.withSilences(200, stockIdle, 2000);
        return new TunnelClient(
                Fixture.settings(
                        timeouts,
                        new ClientSettings.Limits(16, 4, 20_000),
                        "",
                        server.url().toString()),
                fixture.surroundings());
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        await().until(client::isIdle);
        fixture.close();
        server.close();
    }

    @Test
    void aTargetThatWasDroppedInSilenceResetsTheLocalSideAndFreesTheTurn() throws IOException {
        try (Targets echo = Targets.echo()) {
            Pipe pipe = fixture.connect(client, echo.address()).write(HELLO);
            pipe.read(HELLO.length);
            await().until(() -> !pipe.isOpen());
            assertThat(pipe.failure()).hasMessageContaining("ServerAliveInterval 20");
            assertThat(fixture.connect(client, echo.address()).write(HELLO).read(HELLO.length))
                    .isEqualTo(HELLO);
        }
    }

    @Test
    @Timeout(30)
    void connectionsWithoutAByteFreeTheTurnAtOnce() throws IOException {
        try (Targets echo = Targets.echo()) {
            for (int i = 0; i < 20; i++) {
                fixture.connect(client, echo.address()).close();
            }
            assertThat(fixture.connect(client, echo.address()).write(HELLO).read(HELLO.length))
                    .isEqualTo(HELLO);
        }
    }

    @Test
    void aTargetThatSpeaksFirstIsNamedAsTheReason() throws IOException {
        try (Targets greeting = new Targets((socket, targets) -> {
            socket.getOutputStream().write(HELLO);
            socket.getInputStream().read();
        })) {
            Pipe pipe = fixture.connect(client, greeting.address());
            await().until(() -> !pipe.isOpen());
            assertThat(pipe.failure()).hasMessageContaining("a target that speaks first does not work");
        }
    }

    @Test
    void anApplicationThatDoesNotReadKeepsItsTarget() throws IOException {
        byte[] bytes = Targets.random(4 * MIB);
        try (Targets source = Targets.source(bytes)) {
            Pipe pipe = fixture.connect(client, source.address());
            pipe.write(HELLO).read(1);
            pipe.channel().config().setAutoRead(false);
            await().pollInterval(Duration.ofMillis(200))
                    .during(Duration.ofSeconds(4))
                    .atMost(Duration.ofSeconds(6))
                    .until(pipe::isOpen);
            assertThat(client.status().bytesIn() - pipe.size()).as("held").isLessThan(3 * MIB);
            pipe.channel().config().setAutoRead(true);
            assertThat(Arrays.mismatch(pipe.awaitEnd().bytes(), bytes)).isNegative();
            assertThat(pipe.failure()).isNull();
        }
    }

    @Test
    void theAnswerBehindAHalfCloseArrives() throws IOException {
        try (Targets late = new Targets((socket, targets) -> {
            socket.getInputStream().readNBytes(HELLO.length);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(700));
            socket.getOutputStream().write(HELLO);
        })) {
            Pipe pipe = fixture.connect(client, late.address()).write(HELLO);
            pipe.shutdownOutput();
            assertThat(pipe.awaitEnd().bytes()).isEqualTo(HELLO);
            assertThat(pipe.failure()).isNull();
        }
    }
}
