// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.config.ConfigException;
import io.httun.api.relay.EndCause;
import io.httun.api.relay.RelayPolicy;
import io.httun.api.target.RefusedException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RelayPoliciesTest {
    @Test
    void limitsNothingThatIsNotNamed() {
        assertThat(RelayPolicies.parse("policy"))
                .isEqualTo(RelayPolicy.UNLIMITED)
                .isEqualTo(new RelayPolicy(
                        Duration.ZERO,
                        Duration.ZERO,
                        0,
                        Duration.ofMinutes(1),
                        0,
                        0,
                        0,
                        Duration.ZERO,
                        Duration.ZERO,
                        0,
                        0,
                        0));
    }

    @Test
    void readsEveryKey() {
        assertThat(RelayPolicies.parse(
                        "policy",
                        "idle=10m",
                        "life = 1d",
                        "rate.min=1000 B/min",
                        "grace=30s",
                        "rate.to=1mb/s",
                        "rate.from=2mb/s",
                        "bytes=10gb",
                        "half.closed=1m",
                        "connect=5s",
                        "per.source=64",
                        "total.to=3mb/s",
                        "total.from=4mb/s"))
                .isEqualTo(new RelayPolicy(
                        Duration.ofMinutes(10),
                        Duration.ofDays(1),
                        1_000,
                        Duration.ofSeconds(30),
                        60_000_000,
                        120_000_000,
                        10_000_000_000L,
                        Duration.ofMinutes(1),
                        Duration.ofSeconds(5),
                        64,
                        180_000_000,
                        240_000_000));
    }

    @Test
    void readsPoliciesOfUsers() {
        assertThat(RelayPolicies.parseUsers("policy.users", "ann: idle=1m; bytes=1gb", "bob:"))
                .containsEntry("ann", RelayPolicies.parse("policy", "idle=1m", "bytes=1gb"))
                .containsEntry("bob", RelayPolicy.UNLIMITED)
                .hasSize(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "idle=10 parsecs | policy: idle = 10 parsecs: must be a duration such as",
                "rate.to=10mb | policy: rate.to = 10mb: must be a rate such as",
                "total.from=10mb | policy: total.from = 10mb: must be a rate such as",
                "bytes=many | policy: bytes = many: must be a size such as",
                "per.source=x | policy: per.source = x: must be a number of connections, or none",
                "colour=red | policy = colour=red: must be KEY=VALUE with a key of idle, life,",
                "idle | policy = idle: must be KEY=VALUE",
                "'' | policy = : must be KEY=VALUE"
            })
    void refusesAWrongWordByName(String word, String message) {
        assertThatThrownBy(() -> RelayPolicies.parse("policy", word))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(message);
    }

    @Test
    void refusesWhatIsThereTwice() {
        assertThatThrownBy(() -> RelayPolicies.parse("policy", "idle=1m", "idle=2m"))
                .hasMessage("policy = idle=2m: sets idle twice");
        assertThatThrownBy(() -> RelayPolicies.parseUsers("policy.users", "ann: idle=1m", "ann: idle=2m"))
                .hasMessageContaining("names the user twice");
        assertThatThrownBy(() -> RelayPolicies.parseUsers("policy.users", "idle=1m"))
                .hasMessage("policy.users = idle=1m: must be USER: KEY=VALUE; KEY=VALUE");
    }

    @ParameterizedTest
    @EnumSource
    void everyRefusalIsACauseOfAnEnd(RefusedException.Cause refusal) {
        assertThat(EndCause.of(refusal).name()).isEqualTo(refusal.name());
    }
}
