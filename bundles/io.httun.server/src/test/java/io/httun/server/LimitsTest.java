// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.httun.api.status.ChannelUse;
import io.httun.api.tunnel.Carrier;
import io.httun.api.tunnel.TunnelReply;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When, from where and for how much a channel serves. */
class LimitsTest {
    @TempDir
    Path folder;

    private TestServer server() {
        return new TestServer(Map.of(".usage.folder", folder.toString()));
    }

    private static String state(TestServer server) {
        return server.server.channels().get(0).state();
    }

    private static void carry(TestClient client, int bytes) throws Exception {
        client.write(TestClient.loopback(9), new byte[bytes]).join();
    }

    @Test
    void aQuotaThatIsUsedUpEndsSessionsAndOutlivesTheProcess() throws Exception {
        try (TestServer server = server()) {
            server.channel(new NeverConnector(), "quota", "5kb/month, 1gb/day");
            TestClient client = TestClient.connected(server, TestClient.ours());
            carry(client, 3000);
            ChannelUse before =
                    await().until(() -> server.server.channelUses().get(0), use -> use.usedThisMonth() >= 3000);
            assertThat(before.quota()).isEqualTo("5kb/month, 1gb/day");
            assertThat(state(server)).isEqualTo("enabled");
            carry(client, 3000);
            await().until(() -> server.server.sessions().isEmpty());
            assertThat(client.confirm()).isEqualTo(TunnelReply.refused());
            assertThat(new TestClient(server, TestClient.ours()).init()).isEqualTo(TunnelReply.unavailable());
            assertThat(state(server)).isEqualTo("quota used up");
        }
        try (TestServer again = server()) {
            ChannelComponent channel = again.channel(new NeverConnector(), "quota", "5kb/month");
            assertThat(again.server.channelUses().get(0).usedThisMonth()).isBetween(6000L, 7000L);
            assertThat(new TestClient(again, TestClient.ours()).init()).isEqualTo(TunnelReply.unavailable());
            channel.modified(TestServer.properties("quota", "50kb/month"));
            assertThat(new TestClient(again, TestClient.ours()).init().status()).isEqualTo(200);
        }
    }

    @Test
    void whatWasCarriedIsOnDiskBeforeTheServerEnds() throws Exception {
        try (TestServer server = server()) {
            server.channel(new NeverConnector());
            carry(TestClient.connected(server, TestClient.ours()), 3000);
            Path file = folder.resolve("t.usage");
            await().until(() -> new UsageJournal(file).load().day() >= 3000);
        }
    }

    @Test
    void anExpiredChannelLooksLikeNoneAndEndsItsSessions() throws Exception {
        try (TestServer server = server()) {
            ChannelComponent channel = server.channel(new NeverConnector(), "expires", "2999-01-01");
            TestClient client = TestClient.connected(server, TestClient.ours());
            channel.modified(TestServer.properties("expires", "2020-12-31"));
            assertThat(server.server.sessions()).isEmpty();
            assertThat(client.confirm()).isEqualTo(TunnelReply.refused());
            assertThat(new TestClient(server, TestClient.ours()).init()).isEqualTo(TunnelReply.refused());
            assertThat(state(server)).isEqualTo("expired");
        }
    }

    @Test
    void aChannelEndsWhenItsTimeHasCome() throws Exception {
        try (TestServer server = server()) {
            String soon = LocalDateTime.now(ZoneId.of("UTC")).plusSeconds(3).toString();
            server.channel(new NeverConnector(), "expires", soon, "time.zone", "UTC");
            TestClient.connected(server, TestClient.ours());
            await().until(() -> server.server.sessions().isEmpty());
            assertThat(state(server)).isEqualTo("expired");
        }
    }

    @Test
    void outsideOfItsHoursAChannelLooksLikeNone() throws Exception {
        try (TestServer server = server()) {
            LocalDateTime now = LocalDateTime.now(ZoneId.of("UTC"));
            String later = String.format(
                    "%02d:00-%02d:00",
                    now.plusHours(2).getHour(), now.plusHours(3).getHour());
            ChannelComponent channel = server.channel(new NeverConnector(), "hours", later, "time.zone", "UTC");
            assertThat(new TestClient(server, TestClient.ours()).init()).isEqualTo(TunnelReply.refused());
            assertThat(state(server)).isEqualTo("outside its hours");
            channel.modified(TestServer.properties("hours", "00:00-24:00", "time.zone", "UTC"));
            TestClient.connected(server, TestClient.ours());
        }
    }

    @Test
    void requestsFromElsewhereFindNoChannel() throws Exception {
        try (TestServer server = server()) {
            ChannelComponent channel = server.channel(new NeverConnector(), "sources", "192.0.2.0/24");
            TestClient client = new TestClient(server, TestClient.ours());
            for (String elsewhere : new String[] {"198.51.100.1", ""}) {
                client.reads = new Carrier(elsewhere);
                assertThat(client.init()).isEqualTo(TunnelReply.refused());
            }
            client.reads = new Carrier("192.0.2.7");
            client.writes = client.reads;
            assertThat(client.init().status()).isEqualTo(200);
            assertThat(client.confirm().status()).isEqualTo(200);
            client.writes = new Carrier("198.51.100.1");
            assertThat(client.confirm()).isEqualTo(TunnelReply.refused());
            channel.modified(TestServer.properties("sources", "203.0.113.0/24"));
            assertThat(server.server.sessions()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "quota|10gb|quota = 10gb: must be a size and /day, /week or /month, such as 10gb/month",
                "quota|10gb/year|must be a size and /day, /week or /month",
                "quota|0/day|must be at least one byte; to close a channel use enabled = false",
                "quota|ten/day|must be a size such as 512",
                "expires|31.12.2026|must be the last day, such as 2026-12-31, or a time, such as 2026-12-31T18:00",
                "expires|2026-02-30|must be the last day",
                "hours|9-17|hours = 9-17: must be like mon-fri@08:00-18:00",
                "time.zone|Berlin|must be a time zone such as Europe/Berlin",
                "sources|10.0.0.1/8|sources = 10.0.0.1/8",
            })
    void saysWhatIsWrong(String property, String value, String message) {
        try (TestServer server = server()) {
            assertThatThrownBy(() -> server.channel(new NeverConnector(), property, value))
                    .hasMessageContaining(message);
        }
    }
}
