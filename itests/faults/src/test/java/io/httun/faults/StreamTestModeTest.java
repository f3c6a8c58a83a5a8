// SPDX-License-Identifier: Apache-2.0
package io.httun.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.target.RefusedException;
import io.httun.api.tunnel.ChannelTester.Progress;
import io.httun.client.ClientUnderTest;
import io.httun.streams.Http2Multiplexer;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code httun:test} between our own ends. */
@Timeout(120)
class StreamTestModeTest {
    private static final int EXCHANGES = 10;

    private final ChannelRig channel = new ChannelRig();
    private final Http2Multiplexer streams = channel.streams();
    private final OurServer server = channel.server(streams);
    private final ClientUnderTest client = channel.client(server.url(), () -> streams);
    private final List<Progress> seen = new CopyOnWriteArrayList<>();

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
        streams.stop();
        channel.close();
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
        try (OurServer other = channel.server(streams, Map.of("test", false));
                ClientUnderTest otherClient = channel.client(other.url(), () -> streams)) {
            Future<Void> test = otherClient.test(Duration.ZERO, 1, seen::add);
            assertThat(test.awaitUninterruptibly(60, TimeUnit.SECONDS)).isTrue();
            assertThat(test.cause())
                    .isInstanceOf(RefusedException.class)
                    .hasMessage("the server's channel answers no tests (test = false)");
        }
    }
}
