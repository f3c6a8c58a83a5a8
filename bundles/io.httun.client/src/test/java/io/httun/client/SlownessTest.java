// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.testrig.ServerUnderTest;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Silence and slowness are not death, in a pipe. Time limits are short, so that each test passes several. */
@Timeout(180)
class SlownessTest {
    private static final byte[] HELLO = "hello".getBytes(US_ASCII);
    private static final int MIB = 1 << 20;
    private static final Timeouts SHORT =
            new Timeouts(2000, 2000, 800, 6000, 20_000, 6000, 500).withSilences(50, 33_000, 2000);

    private final Fixture fixture = new Fixture();
    private final Surroundings surroundings = fixture.surroundings();
    private final ServerUnderTest server = new ServerUnderTest(
            fixture, surroundings.cipher().get(), surroundings.agreement().get(), Fixture.CHANNEL, Fixture.SECRET);
    private final TestEndpoint endpoint = new TestEndpoint(fixture, server.service(), null);
    private TunnelClient client = client(endpoint.url());

    private TunnelClient client(String url) {
        return new TunnelClient(
                Fixture.settings(SHORT, new ClientSettings.Limits(64, 4, 5000), "", url), fixture.withStreams());
    }

    @BeforeEach
    void serveStreams() {
        server.streams(fixture.streams());
    }

    @AfterEach
    void close() {
        client.close();
        await().until(client::isIdle);
        endpoint.close();
        server.close();
        fixture.close();
    }

    private static void block(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Test
    void anApplicationThatDoesNotReadKeepsItsConnection() throws IOException {
        byte[] bytes = Targets.random(4 * MIB);
        try (Targets source = Targets.source(bytes)) {
            Pipe pipe = fixture.connect(client, source.address());
            pipe.write(HELLO).read(1);
            pipe.channel().config().setAutoRead(false);
            long uploaded = endpoint.uploaded.get();
            await().during(Duration.ofSeconds(3))
                    .until(() -> pipe.isOpen() && client.status().bytesIn() < 3 * MIB);
            assertThat(endpoint.uploaded.get()).isLessThan(uploaded + 100_000);
            pipe.channel().config().setAutoRead(true);
            assertThat(Arrays.mismatch(pipe.read(bytes.length), bytes)).isNegative();
            assertThat(pipe.failure()).isNull();
        }
    }

    /** More than the patience, so that a server that answers would be given up without it. */
    @Test
    void aTargetThatDoesNotReadCostsLittleMoreThanTheData() throws IOException {
        byte[] bytes = Targets.random(24 * MIB);
        CountDownLatch reads = new CountDownLatch(1);
        try (Targets late = new Targets((socket, targets) -> {
            block(reads);
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            socket.getInputStream().transferTo(all);
            targets.received.add(all.toByteArray());
        })) {
            Pipe pipe = fixture.connect(client, late.address());
            pipe.flood(bytes);
            await().pollInterval(Duration.ofSeconds(1))
                    .during(Duration.ofSeconds(20))
                    .atMost(Duration.ofSeconds(25))
                    .until(() -> pipe.isOpen() && pipe.failure() == null);
            reads.countDown();
            await().atMost(Duration.ofSeconds(60)).until(() -> client.status().bytesOut() >= bytes.length);
            pipe.shutdownOutput();
            await().atMost(Duration.ofSeconds(60)).until(() -> !late.received.isEmpty());
            assertThat(Arrays.mismatch(late.received.get(0), bytes)).isNegative();
            assertThat(endpoint.uploaded.get()).isLessThan(bytes.length * 11L / 10);
        }
    }

    private void uploads(ThrottledRelay line, int length) throws IOException {
        byte[] bytes = Targets.random(length);
        client.close();
        client = client(line.url());
        try (Targets sink = Targets.sink()) {
            Pipe pipe = fixture.connect(client, sink.address());
            pipe.writeAll(bytes);
            pipe.shutdownOutput();
            await().atMost(Duration.ofSeconds(120)).until(() -> !sink.received.isEmpty() || pipe.failure() != null);
            assertThat(pipe.failure()).isNull();
            assertThat(Arrays.mismatch(sink.received.get(0), bytes)).isNegative();
        }
    }

    @Test
    void twentyKilobytesASecondCarryAnUpload() throws IOException {
        try (ThrottledRelay line = new ThrottledRelay(endpoint.port(), 20_000)) {
            uploads(line, 150_000);
        }
    }

    @Test
    void fiveKilobytesASecondCarryAnUpload() throws IOException {
        try (ThrottledRelay line = new ThrottledRelay(endpoint.port(), 5000)) {
            uploads(line, 25_000);
        }
    }

    @Test
    void aLineThatBecomesSlowCarriesBothDirectionsOn() throws IOException {
        byte[] bytes = Targets.random(12 * MIB);
        try (ThrottledRelay line = new ThrottledRelay(endpoint.port(), 20_000_000);
                Targets echo = Targets.echo()) {
            client.close();
            client = client(line.url());
            Pipe pipe = fixture.connect(client, echo.address());
            pipe.flood(bytes);
            await().until(() -> pipe.size() > 2 * MIB);
            line.bytesPerSecond = 250_000;
            int then = pipe.size();
            await().atMost(Duration.ofSeconds(60)).until(() -> pipe.size() > then + 2 * MIB || pipe.failure() != null);
            line.bytesPerSecond = 20_000_000;
            assertThat(Arrays.mismatch(pipe.read(bytes.length), bytes)).isNegative();
            assertThat(pipe.failure()).isNull();
        }
    }

    @Test
    void theTailOfAnEndedConnectionMayTakeAsLongAsItMoves() throws IOException {
        byte[] bytes = Targets.random(MIB);
        AtomicInteger count = new AtomicInteger();
        try (ThrottledRelay line = new ThrottledRelay(endpoint.port(), 400_000);
                Targets sink = new Targets((socket, targets) -> {
                    ByteArrayOutputStream all = new ByteArrayOutputStream();
                    socket.getInputStream().transferTo(all);
                    count.set(all.size());
                })) {
            client.close();
            client = client(line.url());
            Pipe pipe = fixture.connect(client, sink.address());
            pipe.channel().writeAndFlush(Unpooled.wrappedBuffer(bytes));
            pipe.shutdownOutput();
            await().atMost(Duration.ofSeconds(30)).until(() -> count.get() > 0);
            assertThat(count).hasValue(bytes.length);
        }
    }
}
