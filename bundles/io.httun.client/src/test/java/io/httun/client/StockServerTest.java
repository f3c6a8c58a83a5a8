// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.httun.api.HttunException;
import io.httun.api.target.RefusedException;
import io.httun.api.tunnel.ChannelTester.Progress;
import io.httun.testpeers.Fault;
import io.httun.testpeers.ServerTiming;
import io.httun.testpeers.StockRequest;
import io.httun.testpeers.StockRequest.Kind;
import io.httun.testpeers.StockServer;
import io.httun.testpeers.StockServerBuilder;
import io.httun.toolkit.config.BasicCredentials;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every quirk of a stock server that the client must live with (wire/httun.md sections 1, 4, 5 and 8). */
@Timeout(90)
class StockServerTest {
    private static final byte[] HELLO = "hello".getBytes(US_ASCII);
    private static final int MIB = 1 << 20;

    private final Fixture fixture = new Fixture();
    private StockServer server = stock().start();
    private TunnelClient client = client(Fixture.settings(server.url().toString()));

    private static StockServerBuilder stock() {
        return StockServer.builder().channel(Fixture.CHANNEL, Fixture.secretBytes());
    }

    private TunnelClient client(ClientSettings settings) {
        return new TunnelClient(settings, fixture.surroundings());
    }

    private void use(StockServerBuilder builder) throws IOException {
        server.close();
        server = builder.start();
        client = client(Fixture.settings(server.url().toString()));
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        await().until(client::isIdle);
        fixture.close();
        server.close();
    }

    @Test
    void carriesBytesThereAndBack() throws IOException {
        try (Targets echo = Targets.echo()) {
            Pipe pipe = fixture.connect(client, echo.address()).write(HELLO);
            assertThat(pipe.read(HELLO.length)).isEqualTo(HELLO);
            assertThat(client.status().state()).isEqualTo("connected");
            assertThat(client.status().bytesOut()).isEqualTo(HELLO.length);
            assertThat(client.status().bytesIn()).isEqualTo(HELLO.length);
            pipe.close();
        }
    }

    @Test
    void uploadsOnOneConnectionWithoutLosingAByte() throws IOException {
        byte[] bytes = Targets.random(20 * MIB);
        try (Targets sink = Targets.sink()) {
            Pipe pipe = fixture.connect(client, sink.address());
            pipe.writeAll(bytes);
            pipe.close();
            await().atMost(Duration.ofSeconds(30)).until(() -> !sink.received.isEmpty());
            assertThat(sink.received.get(0)).isEqualTo(bytes);
            assertThat(server.traffic().requests(Kind.W).stream()
                            .map(StockRequest::connection)
                            .distinct())
                    .hasSize(1);
            assertThat(server.traffic().refusals()).isEmpty();
            assertThat(server.traffic().count(Kind.W)).as("frames are filled").isLessThan(20 * MIB / 40_000);
        }
    }

    @Test
    void downloadsAndThenSeesTheTargetsClose() throws IOException {
        byte[] bytes = Targets.random(20 * MIB);
        try (Targets source = Targets.source(bytes)) {
            Pipe pipe = fixture.connect(client, source.address()).write(HELLO).awaitEnd();
            assertThat(pipe.bytes()).isEqualTo(bytes);
            assertThat(pipe.failure()).isNull();
            await().until(() -> !pipe.isOpen());
        }
    }

    @Test
    void aLocalSideThatDoesNotReadIsNotFlooded() throws IOException {
        byte[] bytes = Targets.random(8 * MIB);
        try (Targets source = Targets.source(bytes)) {
            Pipe pipe = fixture.connect(client, source.address());
            pipe.write(HELLO).read(1);
            pipe.channel().config().setAutoRead(false);
            long[] before = {-1};
            await().pollInterval(Duration.ofMillis(200)).until(() -> {
                long now = server.traffic().count(Kind.R);
                boolean still = now == before[0];
                before[0] = now;
                return still;
            });
            int held = pipe.size();
            assertThat(client.status().bytesIn() - held).isLessThanOrEqualTo(5 * 65_535);
            pipe.channel().config().setAutoRead(true);
            assertThat(pipe.awaitEnd().bytes()).isEqualTo(bytes);
        }
    }

    @Test
    void halfCloseIsTheCloseAfterTheLastByte() throws IOException {
        byte[] bytes = Targets.random(3 * MIB);
        try (Targets sink = Targets.sink()) {
            Pipe pipe = fixture.connect(client, sink.address());
            pipe.writeAll(bytes);
            pipe.shutdownOutput();
            await().until(() -> !sink.received.isEmpty());
            await("no wait for the r that the server holds")
                    .atMost(Duration.ofSeconds(2))
                    .until(() -> !pipe.isOpen());
            assertThat(sink.received.get(0)).isEqualTo(bytes);
            assertThat(pipe.awaitEnd().failure()).isNull();
            await().until(client::isIdle);
        }
    }

    @Test
    void connectionsTakeTurnsEachOnASessionOfItsOwn() throws IOException {
        try (Targets echo = Targets.echo()) {
            Pipe first = fixture.connect(client, echo.address()).write(HELLO);
            first.read(HELLO.length);
            Future<Channel> second = fixture.connecting(client, echo.address());
            assertThat(second.awaitUninterruptibly(300, TimeUnit.MILLISECONDS)).isFalse();
            first.close();
            assertThat(second.awaitUninterruptibly(10, TimeUnit.SECONDS)).isTrue();
            Pipe pipe = new Pipe(second.getNow()).write(HELLO);
            assertThat(pipe.read(HELLO.length)).isEqualTo(HELLO);
            assertThat(server.traffic().sessions()).isEqualTo(2);
        }
    }

    @Test
    void aFullQueueAndALongWaitAreRefusedWithAReason() throws IOException {
        client = client(Fixture.settings(
                Fixture.TIMEOUTS,
                new ClientSettings.Limits(1024, 1, 500),
                "",
                server.url().toString()));
        try (Targets echo = Targets.echo()) {
            Pipe first = fixture.connect(client, echo.address()).write(HELLO);
            first.read(HELLO.length);
            Future<Channel> second = fixture.connecting(client, echo.address());
            await().untilAsserted(() -> assertThatThrownBy(() -> fixture.connect(client, echo.address()))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("(queue.max)"));
            second.awaitUninterruptibly(5, TimeUnit.SECONDS);
            assertThat(second.cause()).isInstanceOf(RefusedException.class).hasMessageContaining("(queue.seconds)");
        }
    }

    @Test
    void anIdleConnectionOutlivesRepliesThatSayCloseAndDoNot() throws IOException {
        use(stock().timing(ServerTiming.stock().withIdleReply(Duration.ofMillis(100))));
        try (Targets echo = Targets.echo()) {
            Pipe pipe = fixture.connect(client, echo.address()).write(HELLO);
            pipe.read(HELLO.length);
            await().until(() -> server.traffic().count(Kind.R) > 5);
            pipe.write(HELLO);
            assertThat(pipe.read(2 * HELLO.length)).hasSize(2 * HELLO.length);
        }
    }

    @Test
    void statusesThatPassAreRetried() throws IOException {
        try (Targets echo = Targets.echo()) {
            server.next(Kind.INIT, 2, new Fault.Status(503));
            Pipe pipe = fixture.connect(client, echo.address());
            for (int status : new int[] {408, 429, 502, 503, 504}) {
                server.next(Kind.W, 2, new Fault.Status(status));
                if (status < 500) {
                    server.next(Kind.R, 1, new Fault.Status(status));
                }
                int before = pipe.size();
                pipe.write(HELLO);
                assertThat(pipe.read(before + HELLO.length)).hasSize(before + HELLO.length);
            }
            assertThat(pipe.failure()).isNull();
        }
    }

    @Test
    void threeTriesAreAllAStockServerGets() throws IOException {
        try (Targets echo = Targets.echo()) {
            Pipe pipe = fixture.connect(client, echo.address());
            server.next(Kind.W, 3, new Fault.Status(503));
            pipe.write(HELLO);
            await().until(() -> pipe.failure() != null);
            assertThat(pipe.failure()).isInstanceOf(HttunException.class).hasMessageContaining("answers 503");
            await().until(() -> !pipe.isOpen());
            assertThat(server.traffic().count(Kind.W)).isEqualTo(3);
        }
    }

    @Test
    void theNextSessionWaitsUntilTheLastRequestForDataIsAnswered() throws IOException {
        CountDownLatch gate = new CountDownLatch(1);
        try (Targets echo = Targets.echo()) {
            server.next(Kind.R, new Fault.Hold(gate));
            Pipe pipe = fixture.connect(client, echo.address()).write(HELLO);
            await().until(() -> server.isTargetConnected(Fixture.CHANNEL));
            pipe.close();
            Future<Channel> second = fixture.connecting(client, echo.address());
            assertThat(second.awaitUninterruptibly(500, TimeUnit.MILLISECONDS)).isFalse();
            assertThat(server.traffic().sessions()).isEqualTo(1);
            gate.countDown();
            assertThat(second.awaitUninterruptibly(10, TimeUnit.SECONDS)).isTrue();
            Pipe next = new Pipe(second.getNow()).write(HELLO);
            assertThat(next.read(HELLO.length)).isEqualTo(HELLO);
        }
    }

    @Test
    void aRefusedOrLostMessageResetsTheConnectionAndTheNextOneWorks() throws IOException {
        use(stock().timing(ServerTiming.stock().withIdleReply(Duration.ofMillis(100))));
        try (Targets echo = Targets.echo()) {
            List<Fault> faults = List.of(
                    new Fault.Raw("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".getBytes(US_ASCII)),
                    new Fault.Close(),
                    new Fault.DropReply(),
                    new Fault.Raw("HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno".getBytes(US_ASCII)),
                    new Fault.Raw("SSH-2.0-OpenSSH\r\n\r\n".getBytes(US_ASCII)));
            for (Fault fault : faults) {
                Pipe pipe = fixture.connect(client, echo.address());
                server.next(Kind.W, fault);
                pipe.write(HELLO);
                await().until(() -> pipe.failure() != null);
                await().until(() -> !pipe.isOpen());
            }
            assertThat(fixture.connect(client, echo.address()).write(HELLO).read(HELLO.length))
                    .isEqualTo(HELLO);
        }
    }

    @Test
    void aTargetThatRefusesIsSeenByTheClosedConnection() throws IOException {
        Targets gone = Targets.echo();
        gone.close();
        Pipe pipe = fixture.connect(client, gone.address()).write(HELLO);
        await().until(() -> pipe.failure() != null);
        assertThat(pipe.failure()).hasMessageContaining("what it acknowledged may not have arrived");
        await().until(() -> !pipe.isOpen());
        try (Targets echo = Targets.echo()) {
            assertThat(fixture.connect(client, echo.address()).write(HELLO).read(HELLO.length))
                    .isEqualTo(HELLO);
        }
    }

    @Test
    void aReplyThatMayBeLostResetsTheConnectionAndTheNextSessionWaitsForTheLostRequest() throws IOException {
        for (Fault fault : List.of(new Fault.DropReply(), new Fault.LateStatus(502), new Fault.LateStatus(504))) {
            try (Targets echo = Targets.echo()) {
                server.next(Kind.R, fault);
                Pipe pipe = fixture.connect(client, echo.address()).write(HELLO);
                await().until(() -> pipe.failure() != null);
                assertThat(pipe.size()).isZero();
                Future<Channel> next = fixture.connecting(client, echo.address());
                assertThat(next.awaitUninterruptibly(1, TimeUnit.SECONDS))
                        .as("a stock server holds an r for 5 s")
                        .isFalse();
                assertThat(next.awaitUninterruptibly(10, TimeUnit.SECONDS)).isTrue();
                assertThat(new Pipe(next.getNow()).write(HELLO).read(HELLO.length))
                        .isEqualTo(HELLO);
                next.getNow().close().awaitUninterruptibly();
            }
        }
    }

    @Test
    void aPageInPlaceOfAFrameIsAHardError() throws IOException {
        try (Targets echo = Targets.echo()) {
            server.next(
                    Kind.R,
                    new Fault.Raw(
                            "HTTP/1.1 200 OK\r\ncontent-length: 60\r\n\r\n<html>please log in to this wonderful network ............!!"
                                    .getBytes(US_ASCII)));
            Pipe pipe = fixture.connect(client, echo.address());
            await().until(() -> !pipe.isOpen());
            assertThat(client.closedConnections().get(0).cause()).contains("no frame of this session");
        }
    }

    @Test
    void aServerThatRestartsCostsOnlyTheConnectionsItHad() throws IOException {
        try (Targets echo = Targets.echo()) {
            Pipe pipe = fixture.connect(client, echo.address()).write(HELLO);
            pipe.read(HELLO.length);
            server.stop();
            await().until(() -> pipe.failure() != null);
            assertThatThrownBy(() -> fixture.connect(client, echo.address()))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("tunnel home: cannot connect to http://127.0.0.1");
            assertThat(client.status().state()).startsWith("unreachable: tunnel home: cannot connect");
            server.start();
            assertThat(fixture.connect(client, echo.address()).write(HELLO).read(HELLO.length))
                    .isEqualTo(HELLO);
        }
    }

    @Test
    void theNextUrlIsTriedAndKept() throws IOException {
        int dead;
        try (Targets closed = Targets.echo()) {
            dead = closed.address().getPort();
        }
        client = client(Fixture.settings("http://127.0.0.1:" + dead, "http://name.test:" + server.port()));
        try (Targets echo = Targets.echo()) {
            assertThatThrownBy(() -> fixture.connect(client, echo.address())).hasMessageContaining("no address");
            fixture.names.put("name.test", InetAddress.getLoopbackAddress());
            assertThat(fixture.connect(client, echo.address()).write(HELLO).read(HELLO.length))
                    .isEqualTo(HELLO);
            assertThat(server.traffic().requests(Kind.W).get(0).header("host")).contains("name.test:" + server.port());
        }
    }

    @Test
    void wrongSecretAndWrongCredentialsAreNamed() throws IOException {
        use(StockServer.builder().channel(Fixture.CHANNEL, new byte[32]));
        assertThatThrownBy(() -> fixture.connect(client, new InetSocketAddress("127.0.0.1", 9)))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("compare id, secret.file and basic.auth.file");
        use(stock());
        server.next(Kind.INIT, 9, new Fault.Status(401));
        assertThatThrownBy(() -> fixture.connect(client, new InetSocketAddress("127.0.0.1", 9)))
                .hasMessageContaining("set or correct basic.auth.file");
    }

    @Test
    void headersAreThoseOfTheStockClientInItsOrder() throws IOException {
        use(stock().basicAuth("joe", "pass"));
        client = client(Fixture.settings(
                Fixture.TIMEOUTS,
                new ClientSettings.Limits(16, 4, 1000),
                new BasicCredentials("joe", "pass").headerValue(),
                server.url().toString()));
        try (Targets echo = Targets.echo()) {
            fixture.connect(client, echo.address()).write(HELLO).read(HELLO.length);
            String host = "host: 127.0.0.1:" + server.port();
            assertThat(server.traffic().requests(Kind.W).get(0).headers())
                    .containsExactly(
                            "content-type: application/octet-stream",
                            "authorization: Basic am9lOnBhc3M=",
                            "accept: */*",
                            "cache-control: no-store",
                            host,
                            "content-length: 71");
            assertThat(server.traffic().requests(Kind.R).get(0).headers())
                    .containsExactly(
                            "authorization: Basic am9lOnBhc3M=", "accept: */*", "cache-control: no-store", host);
            long init = serial(Kind.INIT);
            assertThat(serial(Kind.R)).isEqualTo(init + 1 & 0xFF_FFFF_FFFFL);
            assertThat(serial(Kind.W)).isEqualTo(init + (1L << 39) & 0xFF_FFFF_FFFFL);
        }
    }

    private long serial(Kind kind) {
        return Long.parseLong(server.traffic().requests(kind).get(0).serial(), 16);
    }

    @Test
    void theTestModeGetsItsPongs() {
        List<Progress> seen = new CopyOnWriteArrayList<>();
        Future<Void> test = client.test(Duration.ZERO, 20, seen::add);
        assertThat(test.awaitUninterruptibly(20, TimeUnit.SECONDS)).isTrue();
        assertThat(test.cause()).isNull();
        assertThat(seen).hasSize(20);
        assertThat(seen.get(19).bytesToServer()).isEqualTo(20 * 32_768);
        assertThat(seen.get(19).bytesFromServer()).isEqualTo(20 * (32_768 + 6));
        await().until(client::isIdle);
    }
}
