// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.config.ConfigException;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantityTest {
    @ParameterizedTest
    @CsvSource({
        "10s, PT10S",
        "500ms, PT0.5S",
        "5m, PT5M",
        "5 min, PT5M",
        "1h 30m, PT1H30M",
        "1h30m, PT1H30M",
        "1.5h, PT1H30M",
        "2D, PT48H",
        "0.1ms, PT0.001S",
        "0, PT0S",
        "none, PT0S"
    })
    void readsDurations(String text, Duration duration) {
        assertThat(Quantity.duration("idle", text)).isEqualTo(duration);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "512, 512",
        "512 B, 512",
        "1kb, 1000",
        "64KiB, 65536",
        "100mb, 100000000",
        "1.5 GiB, 1610612736",
        "none, 0"
    })
    void readsSizes(String text, long bytes) {
        assertThat(Quantity.bytes("bytes", text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @CsvSource({
        "1000 B/min, 1000",
        "10mb/s, 600000000",
        "1 kib / s, 61440",
        "60B/h, 1",
        "1B/h, 1",
        "2GB/d, 1388889",
        "none, 0",
        "0, 0"
    })
    void readsRates(String text, long bytesPerMinute) {
        assertThat(Quantity.bytesPerMinute("rate.to", text)).isEqualTo(bytesPerMinute);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10", "s", "-1s", "10 parsecs", "1h x", "1e3s", "99999999d", "10s,", "1h 30"})
    void refusesWhatIsNoDuration(String text) {
        assertThatThrownBy(() -> Quantity.duration("idle", text))
                .isInstanceOf(ConfigException.class)
                .hasMessage("idle = " + text + ": must be a duration such as 500ms, 10s, 5m, 1h 30m or 2d, or none");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "mb", "1 tb", "1mb/s", "999999999999999gib"})
    void refusesWhatIsNoSize(String text) {
        assertThatThrownBy(() -> Quantity.bytes("bytes", text))
                .isInstanceOf(ConfigException.class)
                .hasMessage("bytes = " + text + ": must be a size such as 512, 64KiB, 100mb or 1.5gb, or none");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10", "10mb", "10mb/", "10mb/x", "/s"})
    void refusesWhatIsNoRate(String text) {
        assertThatThrownBy(() -> Quantity.bytesPerMinute("rate.to", text))
                .isInstanceOf(ConfigException.class)
                .hasMessage("rate.to = " + text + ": must be a rate such as 1000 B/min, 10mb/s or 1GiB/h, or none");
    }
}
