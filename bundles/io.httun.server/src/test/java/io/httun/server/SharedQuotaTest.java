// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.cluster.ChannelTally;
import io.httun.api.cluster.NodeServer;
import io.httun.api.crypto.SharedSecret;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a channel has carried at other servers counts against its quota here. */
class SharedQuotaTest {
    private static final SharedSecret KEY = SharedSecret.ofHex("ab".repeat(32));
    private static final SharedSecret OTHER_KEY = SharedSecret.ofHex("cd".repeat(32));

    private final TestServer server = new TestServer();
    private final NodeServer node = new NodeServerComponent(server.server);

    @AfterEach
    void stop() {
        server.close();
    }

    private static ChannelTally tally(String channel, LocalDate date, long bytes) {
        return new ChannelTally(channel, date, bytes, bytes, bytes);
    }

    private String state() {
        return server.server.channels().get(0).state();
    }

    @Test
    void othersCountUntilTheirPeriodIsOver() {
        server.channel("quota", "1kb/day", "time.zone", "UTC");
        LocalDate today = LocalDate.now(ZoneOffset.UTC);
        node.countOthers(List.of(tally("t", today, 500), tally("other", today, 5000)));
        assertThat(state()).isEqualTo("enabled");
        node.countOthers(List.of(tally("t", today, 500), tally("t", today, 600)));
        assertThat(state()).isEqualTo("quota used up");
        assertThat(server.server.channelUses().get(0).usedToday()).isEqualTo(1100);
        node.countOthers(List.of(tally("t", today.minusDays(1), 5000)));
        assertThat(state()).isEqualTo("enabled");
    }

    @Test
    void tellsOnlyItsOwn() {
        server.channel();
        node.countOthers(List.of(tally("t", LocalDate.now(ZoneOffset.UTC), 500)));
        assertThat(node.tallies()).extracting(ChannelTally::channel).containsExactly("t");
        assertThat(node.tallies()).extracting(ChannelTally::month).containsExactly(0L);
    }

    @Test
    void channelsHaveEqualHashesWhereTheyAreEqual() {
        TestServer other = new TestServer();
        try {
            NodeServer there = new NodeServerComponent(other.server);
            ChannelComponent here = server.channel();
            assertThat(there.channelsHash(KEY)).isNotEqualTo(node.channelsHash(KEY));
            other.channel();
            assertThat(there.channelsHash(KEY)).hasSize(32).isEqualTo(node.channelsHash(KEY));
            assertThat(there.channelsHash(OTHER_KEY)).isNotEqualTo(node.channelsHash(KEY));
            here.modified(TestServer.properties("expires", "2999-12-31"));
            assertThat(there.channelsHash(KEY)).isNotEqualTo(node.channelsHash(KEY));
            here.modified(TestServer.properties());
            assertThat(there.channelsHash(KEY)).isEqualTo(node.channelsHash(KEY));
            here.modified(TestServer.properties("secret", "ff".repeat(32)));
            assertThat(there.channelsHash(KEY)).isNotEqualTo(node.channelsHash(KEY));
        } finally {
            other.close();
        }
    }
}
