// SPDX-License-Identifier: Apache-2.0
package io.httun.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.target.RefusedException;
import io.httun.api.tunnel.ChannelTester.Progress;
import io.httun.client.ClientUnderTest;
import io.httun.crypto.jca.JcaFrameCipher;
import io.httun.crypto.jca.JcaKeyAgreement;
import io.httun.endpoint.netty.MountedEndpoint;
import io.httun.protocol.KeyLife;
import io.httun.streams.Http2Multiplexer;
import io.httun.testrig.ServerUnderTest;
import io.httun.testrig.TunnelRig;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code httun:test} between our own ends. */
@Timeout(120)
class StreamTestModeTest {
    private static final int EXCHANGES = 10;

    private final TunnelRig rig = new TunnelRig();
    private final JcaFrameCipher cipher = new JcaFrameCipher();
    private final JcaKeyAgreement agreement = new JcaKeyAgreement();
    private final ServerUnderTest server =
            new ServerUnderTest(rig.loops(), cipher, agreement, World.CHANNEL, World.SECRET);
    private final MountedEndpoint endpoint = new MountedEndpoint(rig.loops(), server.service(), "");
    private final Http2Multiplexer streams = new Http2Multiplexer(rig.loops());
    private final List<Progress> seen = new CopyOnWriteArrayList<>();
    private ClientUnderTest client;

    @BeforeEach
    void start() {
        server.streams(streams);
        client = new ClientUnderTest(
                rig.loops(),
                (host, executor) -> executor.newFailedFuture(new IOException("no names here")),
                cipher,
                agreement,
                World.CHANNEL,
                World.SECRET,
                "http://127.0.0.1:" + endpoint.port(),
                new ClientUnderTest.Limits(20_000, 20_000, 60_000, 20_000),
                KeyLife.MAX_FRAMES,
                () -> streams);
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        endpoint.close();
        server.close();
        streams.stop();
        rig.close();
    }

    private Throwable test(Duration period, long count) {
        Future<Void> test = client.test(period, count, seen::add);
        assertThat(test.awaitUninterruptibly(100, TimeUnit.SECONDS))
                .as("%s", seen)
                .isTrue();
        return test.cause();
    }

    @Test
    void countsRoundTripsAndTheBulkBesideThem() {
        assertThat(test(Duration.ZERO, EXCHANGES)).isNull();
        assertThat(seen).hasSize(EXCHANGES).last().satisfies(last -> {
            assertThat(last.exchanges()).isEqualTo(EXCHANGES);
            assertThat(last.bytesToServer()).isGreaterThan(32 << 10);
            assertThat(last.bytesFromServer()).isBetween(EXCHANGES * 32L + 1, last.bytesToServer());
        });
        assertThat(client.sessions()).as("in the pipe").hasSize(1);
    }

    @Test
    void hasNoBulkBesideExchangesWithAPause() {
        assertThat(test(Duration.ofMillis(1), 20)).isNull();
        assertThat(seen).hasSize(20).last().satisfies(last -> {
            assertThat(last.bytesToServer()).isEqualTo(20 * 32);
            assertThat(last.bytesFromServer()).isEqualTo(20 * 32);
        });
    }

    @Test
    void saysThatTheChannelAnswersNone() {
        try (ServerUnderTest other = new ServerUnderTest(
                        rig.loops(), cipher, agreement, World.CHANNEL, World.SECRET, Map.of("test", false));
                MountedEndpoint otherEndpoint = new MountedEndpoint(rig.loops(), other.service(), "");
                ClientUnderTest otherClient = new ClientUnderTest(
                        rig.loops(),
                        (host, executor) -> executor.newFailedFuture(new IOException("no names here")),
                        cipher,
                        agreement,
                        World.CHANNEL,
                        World.SECRET,
                        "http://127.0.0.1:" + otherEndpoint.port(),
                        new ClientUnderTest.Limits(20_000, 20_000, 60_000, 20_000),
                        KeyLife.MAX_FRAMES,
                        () -> streams)) {
            other.streams(streams);
            Future<Void> test = otherClient.test(Duration.ZERO, 1, seen::add);
            assertThat(test.awaitUninterruptibly(60, TimeUnit.SECONDS)).isTrue();
            assertThat(test.cause())
                    .isInstanceOf(RefusedException.class)
                    .hasMessage("the server's channel answers no tests (test = false)");
        }
    }
}
