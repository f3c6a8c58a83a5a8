// SPDX-License-Identifier: Apache-2.0
package io.httun.api.carried;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.config.ConfigException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SourcesTest {
    private final AtomicLong clock = new AtomicLong();
    private final Guesses guesses = new Guesses(clock::get);

    private static SourceList list(String... words) {
        return SourceList.parse("sources", List.of(words));
    }

    @Test
    void holdsAddressesAndNetworks() {
        SourceList list = list("127.0.0.0/8", "10.1.0.0/20", "fd00::/8", "192.0.2.7");
        assertThat(List.of("127.9.9.9", "10.1.15.255", "fd12::1", "192.0.2.7")).allMatch(list::holds);
        assertThat(List.of("128.0.0.1", "10.1.16.0", "fe00::1", "192.0.2.8", "", "nonsense"))
                .noneMatch(list::holds);
        assertThat(list("any").holds("")).isTrue();
    }

    @Test
    void knowsLoopback() {
        assertThat(list("127.0.0.0/8", "::1").isLoopback()).isTrue();
        assertThat(list("127.0.0.1").isLoopback()).isTrue();
        assertThat(List.of(list("any"), list("0.0.0.0/0"), list("::/0"), list("10.0.0.1"), list("127.0.0.0/7")))
                .noneMatch(SourceList::isLoopback);
    }

    @Test
    void refusesWhatIsNoSource() {
        for (String word : List.of("10.0.0.0/33", "10.0.0", "x", "10.0.0.0/", "10.0.0.0/-1", "::1/129")) {
            assertThatThrownBy(() -> list(word))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("sources = " + word);
        }
    }

    @Test
    void theTenthGuessWithinAMinuteRefusesForAMinute() {
        for (int i = 0; i < 9; i++) {
            guesses.count("a");
        }
        assertThat(guesses.isRefused("a")).isFalse();
        clock.addAndGet(TimeUnit.SECONDS.toNanos(30));
        guesses.count("a");
        assertThat(guesses.isRefused("a")).isTrue();
        assertThat(guesses.isRefused("b")).isFalse();
        clock.addAndGet(TimeUnit.SECONDS.toNanos(59));
        assertThat(guesses.isRefused("a")).isTrue();
        clock.addAndGet(TimeUnit.SECONDS.toNanos(1));
        assertThat(guesses.isRefused("a")).isFalse();
    }

    @Test
    void slowGuessesAreForgotten() {
        for (int i = 0; i < 30; i++) {
            guesses.count("a");
            clock.addAndGet(TimeUnit.SECONDS.toNanos(10));
        }
        assertThat(guesses.isRefused("a")).isFalse();
    }
}
