// SPDX-License-Identifier: Apache-2.0
package io.httun.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.itests.fixture.Distribution;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The audit trail of the demo, which is a server and a client. */
class AuditIT {
    private static final Duration LIMIT = Duration.ofSeconds(90);

    @TempDir
    static Path folder;

    private Distribution distribution;
    private Path base;

    private List<String> events(String... parts) throws IOException {
        return Files.readAllLines(base.resolve("data/log/audit.json")).stream()
                .filter(line -> List.of(parts).stream().allMatch(line::contains))
                .toList();
    }

    private void await1(String... parts) {
        await().atMost(LIMIT)
                .untilAsserted(() ->
                        assertThat(events(parts)).as(String.join(" ", parts)).hasSize(1));
    }

    @Test
    void eachEventIsThereOnceAndNoSecretIs() throws Exception {
        distribution = Distribution.unpack(Path.of(KarafOptions.build("distribution")), folder.resolve("dist"));
        base = distribution.home().resolve("demo");
        try (Distribution.Running demo = distribution.demo()) {
            await().atMost(LIMIT).until(() -> Files.exists(base.resolve("data/console")));
            assertThat(events("session/OPENED", "\"channel\":\"demo\"")).isNotEmpty();
            assertThat(events("bundle/")).isEmpty();
            Path channel = base.resolve("etc/io.httun.channel-demo.cfg");
            Files.writeString(
                    channel, "\nsecret = " + "5e".repeat(32) + "\nsecret.file =\n", StandardOpenOption.APPEND);
            await1(
                    "configuration/CHANGED",
                    "\"pid\":\"io.httun.channel~demo\"",
                    "\"properties\":\"secret, secret.file\"",
                    "\"user\":\"\"",
                    "\"file\":\"io.httun.channel-demo.cfg\"");
            shell("config:property-set --pid io.httun.relay connections.max 99");
            await1("configuration/CHANGED", "\"properties\":\"connections.max\"", "\"user\":\"httun\"");
            shell("bundle:restart io.httun.filter");
            await1("bundle/STOPPED", "io.httun.filter", "\"user\":\"httun\"");
            await1("bundle/STARTED", "io.httun.filter", "\"user\":\"httun\"");
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(events("login/ACCEPTED", "\"user\":\"httun\"", "\"by\":\"karaf\""))
                            .hasSize(2));
            demo.endOfInput();
            assertThat(demo.ends(LIMIT)).isTrue();
        }
        assertThat(Files.readString(base.resolve("data/log/audit.json")))
                .doesNotContain(
                        "5e5e5e", Files.readString(base.resolve("etc/demo.key")).strip());
        assertThat(Files.readAllLines(base.resolve("data/log/audit.json")))
                .allMatch(line -> line.startsWith("{\"time\":\"") && line.endsWith("\"}"));
        assertThat(events("session/OPENED").size())
                .as("every session that was opened is closed once")
                .isEqualTo(events("session/CLOSED").size());
    }

    private void shell(String command) {
        distribution.httunIn(base, "shell", command).ok();
    }
}
