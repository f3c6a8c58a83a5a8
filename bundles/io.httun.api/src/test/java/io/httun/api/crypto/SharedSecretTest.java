// SPDX-License-Identifier: Apache-2.0
package io.httun.api.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class SharedSecretTest {
    private static final String HEX = "c832872c94a5a1466af7812ba0adf1b9dfae782d2f3df953980f4ebdce454a22";

    @Test
    void readsBothCases() {
        SharedSecret secret = SharedSecret.ofHex(HEX);
        assertThat(secret.toBytes()).isEqualTo(HexFormat.of().parseHex(HEX));
        assertThat(SharedSecret.ofHex(HEX.toUpperCase(Locale.ROOT)))
                .isEqualTo(secret)
                .hasSameHashCodeAs(secret);
        assertThat(secret.toHex()).isEqualTo(HEX.getBytes(StandardCharsets.US_ASCII));
        assertThat(secret)
                .isNotEqualTo(SharedSecret.ofHex(HEX.replace('c', 'd')))
                .isNotEqualTo(HEX);
    }

    @Test
    void cannotBeChangedThroughItsCopies() {
        SharedSecret secret = SharedSecret.ofHex(HEX);
        secret.toBytes()[0] ^= 1;
        assertThat(secret).isEqualTo(SharedSecret.ofHex(HEX));
    }

    @Test
    void showsNothingOfItself() {
        assertThat(SharedSecret.ofHex(HEX)).hasToString("SharedSecret[***]");
    }
}
