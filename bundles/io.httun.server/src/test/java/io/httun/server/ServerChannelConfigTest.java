// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.config.ConfigException;
import io.httun.api.status.ChannelStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerChannelConfigTest {
    private static final String OTHER = TestServer.SECRET.replace('0', '1');

    private final TestServer server = new TestServer();

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    id            | 32768     | id = 32768: must be 0 to 32767
                    id            | seven     | id = seven: must be a number
                    name          | a b       | name = a b: must be 1 to 64 of A-Z
                    secret        | 0011      | secret = ***: must hold 64 hex digits (32 bytes), got 4 characters
                    secret.file   | /tmp/x    | or set secret, not both
                    windowlength  | 5         | windowlength = 5: no such property; known are
                    window.length | 0         | window.length = 0: must be 1 to 32767
                    filters       | a,none    | must name filters, or be the single word none
                    extra.headers | X-A       | extra.headers = X-A: must be Name: value
                    extra.headers | Content-Length: 5 | content-length is set by the server itself
                    reverse.allow | 8080      | reverse.allow = 8080: must be ADDRESS:PORT, ADDRESS:PORT-PORT
                    idle.seconds  | 0         | idle.seconds = 0: must be 1 to 86400
                    test          | yes       | test = yes: must be true or false
                    """)
    void refusesWhatIsWrongNamingPropertyAndFile(String property, String value, String message) {
        assertThatThrownBy(() -> server.channel(property, value))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("io.httun.channel~t: ")
                .hasMessageContaining(message);
        assertThat(server.server.channels()).isEmpty();
    }

    @Test
    void refusesPasswordThatIsTheSecret(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(
                folder.resolve("auth"), "user:" + TestServer.SECRET.toUpperCase(java.util.Locale.ROOT));
        assertThatThrownBy(() -> server.channel("basic.auth.file", file.toString()))
                .hasMessageContaining("basic.auth.file = " + file + ": the password must not be the channel's secret");
    }

    @Test
    void refusesSecondChannelWithSameIdOrSecretAndTheFirstRunsOn() throws Exception {
        server.channel();
        TestClient client = TestClient.connected(server, TestClient.ours());
        assertThatThrownBy(() -> server.channel("name", "u", "secret", OTHER))
                .hasMessageContaining("id = 7: channel t has this id");
        assertThatThrownBy(() -> server.channel("name", "u", "id", 8))
                .hasMessageContaining("channel t has the same secret")
                .hasMessageNotContaining(TestServer.SECRET);
        assertThat(client.confirm().status()).isEqualTo(200);
    }

    @Test
    void wrongChangeIsRefusedAndTheOldOneStays() throws Exception {
        ChannelComponent channel = server.channel();
        TestClient client = TestClient.connected(server, TestClient.ours());
        channel.modified(TestServer.properties("id", 40_000));
        assertThat(server.server.channels()).extracting(ChannelStatus::id).containsExactly(7);
        assertThat(client.confirm().status()).isEqualTo(200);
    }

    @Test
    void sessionsSurviveOtherHeadersButNotAnotherId() throws Exception {
        ChannelComponent channel = server.channel();
        TestClient client = TestClient.connected(server, TestClient.ours());
        channel.modified(TestServer.properties("extra.headers", "X-Served-By: us"));
        assertThat(client.confirm().headers())
                .containsExactly(Map.entry("cache-control", "no-store"), Map.entry("x-served-by", "us"));
        channel.modified(TestServer.properties("id", 8));
        assertThat(client.confirm().status()).isEqualTo(404);
        assertThat(server.server.sessions()).isEmpty();
    }

    @Test
    void otherChannelsNoticeNothingOfAChange() throws Exception {
        server.channel();
        ChannelComponent other = server.channel("name", "u", "id", 8, "secret", OTHER);
        TestClient client = TestClient.connected(server, TestClient.ours());
        other.modified(TestServer.properties("name", "u", "id", 9, "secret", OTHER.replace('2', '3')));
        other.deactivate();
        assertThat(client.confirm().status()).isEqualTo(200);
    }

    @Test
    void disablingEndsSessions() throws Exception {
        ChannelComponent channel = server.channel();
        TestClient client = TestClient.connected(server, TestClient.ours());
        channel.modified(TestServer.properties("enabled", false));
        assertThat(client.confirm().status()).isEqualTo(404);
        assertThat(client.init().status()).isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    uuid                  | 1234 | uuid = 1234: must be a UUID other than nil and max
                    uuid                  | 00000000-0000-0000-0000-000000000000 | must be a UUID other than nil
                    sessions.max          | 0    | sessions.max = 0: must be 1 to 65536
                    strangers.per.second  | 0    | strangers.per.second = 0: must be 1 to 100000
                    queues.percent        | 91   | queues.percent = 91: must be 1 to 90
                    sessions.total.max    | 0    | sessions.total.max = 0: must be 1 to 1048576
                    sessions.idle.seconds | 5    | sessions.idle.seconds = 5: must be 6 to 3600
                    inits.per.second      | 0    | inits.per.second = 0: must be 1 to 10000
                    session.max           | 5    | session.max = 5: no such property
                    """)
    void serverRefusesWhatIsWrong(String property, String value, String message) {
        assertThatThrownBy(() -> ServerSettings.read(Map.of(property, value, "service.pid", "io.httun.server")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(message);
    }

    @Test
    void serverKeepsRunningWithTheOldConfiguration() throws Exception {
        server.channel();
        TestClient client = TestClient.connected(server, TestClient.ours());
        server.server.modified(Map.of("sessions.max", 0));
        assertThat(client.confirm().status()).isEqualTo(200);
    }
}
