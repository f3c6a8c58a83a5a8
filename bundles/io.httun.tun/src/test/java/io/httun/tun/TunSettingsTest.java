// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.config.ConfigException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TunSettingsTest {
    private static TunDeviceSettings read(String property, Object value) {
        return TunDeviceSettings.read(TunPair.properties("10.9.0.1/24", 1400, property, value));
    }

    @Test
    void hasTheStockDefaults() {
        TunDeviceSettings settings = TunDeviceSettings.read(Map.of("name", "office"));
        assertThat(settings.device()).isEqualTo("httun-c-0");
        assertThat(settings.mtu()).isEqualTo(63_488);
        assertThat(settings.addresses()).isEmpty();
        assertThat(settings.routes()).isEmpty();
        assertThat(settings.downWhenDisconnected()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "name | | must not be empty",
                "device | a-name-of-16byte | this one has 16",
                "device | éééééééé | this one has 16",
                "device | à | byte A0",
                "device | tun%d | must be an interface name of 1 to 15 bytes",
                "device | a/b | must be an interface name of 1 to 15 bytes",
                "device | .. | must be an interface name of 1 to 15 bytes",
                "mtu | 67 | 68",
                "mtu | 65536 | 65535",
                "addresses | 10.9.0.1/33 | must have a prefix of 0 to 32",
                "addresses | office | expected addresses with prefix lengths, such as 10.9.0.2/24 or fd09::2/64",
                "addresses | 224.0.0.1/24 | is not an address of a host",
                "addresses | 10.9.0.1/24,10.9.0.1/24 | must not contain an entry twice",
                "routes | 10.20.0.1/16 | has bits set after its prefix; did you mean 10.20.0.0/16?",
                "when.disconnected | gone | must be up or down",
                "queues | 9 | 8"
            })
    void refusesWhatCannotBe(String property, String value, String expected) {
        assertThatThrownBy(() -> read(property, value == null ? "" : value))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(property)
                .hasMessageContaining(expected);
    }

    @Test
    void refusesAnMtuThatIsTooSmallForIpv6() {
        String message = "mtu = 1279: is too small for IPv6, which needs 1280;"
                + " raise it or remove the IPv6 addresses and routes";
        assertThatThrownBy(() -> TunDeviceSettings.read(TunPair.properties("fd09::1/64", 1279)))
                .hasMessageContaining(message);
        assertThatThrownBy(() -> TunDeviceSettings.read(TunPair.properties("10.9.0.1/24", 1279, "routes", "fd20::/16")))
                .hasMessageContaining(message);
        assertThat(TunDeviceSettings.read(TunPair.properties("10.9.0.1/24", 68)).mtu())
                .isEqualTo(68);
        assertThat(TunDeviceSettings.read(TunPair.properties("fd09::1/64", 1280))
                        .mtu())
                .isEqualTo(1280);
    }
}
