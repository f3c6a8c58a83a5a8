// SPDX-License-Identifier: Apache-2.0
package io.httun.api.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.config.ConfigException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    @ParameterizedTest
    @ValueSource(
            strings = {
                "c832872c94a5a1466af7812ba0adf1b9dfae782d2f3df953980f4ebdce454a2",
                "c832872c94a5a1466af7812ba0adf1b9dfae782d2f3df953980f4ebdce454a223",
                "g832872c94a5a1466af7812ba0adf1b9dfae782d2f3df953980f4ebdce454a22",
                "hunter2"
            })
    void refusesOtherTextWithoutShowingIt(String hex) {
        assertThatThrownBy(() -> SharedSecret.configured("", hex))
                .isInstanceOf(ConfigException.class)
                .hasMessage("secret = ***: must hold 64 hex digits (32 bytes), got " + hex.length() + " characters");
    }

    @Test
    void readsAFile(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("key"), "# channel 7\n" + HEX + "\n");
        assertThat(SharedSecret.configured(file.toString(), "")).isEqualTo(SharedSecret.ofHex(HEX));
    }

    @Test
    void namesTheFileThatHoldsSomethingElse(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("key"), "hunter2");
        assertThatThrownBy(() -> SharedSecret.configured(file.toString(), ""))
                .isInstanceOf(ConfigException.class)
                .hasMessage("secret.file = " + file + ": must hold 64 hex digits (32 bytes), got 7 characters");
    }

    @Test
    void wantsExactlyOneOfFileAndText() {
        assertThatThrownBy(() -> SharedSecret.configured("", ""))
                .isInstanceOf(ConfigException.class)
                .hasMessage("secret.file = : name a key file here (make one with: httun gen-key FILE)");
        assertThatThrownBy(() -> SharedSecret.configured("etc/key", HEX))
                .isInstanceOf(ConfigException.class)
                .hasMessage("secret.file = etc/key: name a key file here (make one with: httun gen-key FILE) "
                        + "or set secret, not both");
    }

    @Test
    void doesNotRepeatAKeyThatStandsWhereItsFileShouldBeNamed() {
        assertThatThrownBy(() -> SharedSecret.configured(HEX, ""))
                .isInstanceOf(ConfigException.class)
                .hasMessage("secret.file = ***: cannot be read (NoSuchFileException)");
    }
}
