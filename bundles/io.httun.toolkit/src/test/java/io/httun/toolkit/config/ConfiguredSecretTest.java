// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.config.ConfigException;
import io.httun.api.crypto.SharedSecret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfiguredSecretTest {
    private static final String HEX = "c832872c94a5a1466af7812ba0adf1b9dfae782d2f3df953980f4ebdce454a22";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "c832872c94a5a1466af7812ba0adf1b9dfae782d2f3df953980f4ebdce454a2",
                "c832872c94a5a1466af7812ba0adf1b9dfae782d2f3df953980f4ebdce454a223",
                "g832872c94a5a1466af7812ba0adf1b9dfae782d2f3df953980f4ebdce454a22",
                "hunter2"
            })
    void refusesOtherTextWithoutShowingIt(String hex) {
        assertThatThrownBy(() -> ConfiguredSecret.read("", hex))
                .isInstanceOf(ConfigException.class)
                .hasMessage("secret = ***: must hold 64 hex digits (32 bytes), got " + hex.length() + " characters");
    }

    @Test
    void readsAFile(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("key"), "# channel 7\n" + HEX + "\n");
        assertThat(ConfiguredSecret.read(file.toString(), "")).isEqualTo(SharedSecret.ofHex(HEX));
    }

    @Test
    void namesTheFileThatHoldsSomethingElse(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("key"), "hunter2");
        assertThatThrownBy(() -> ConfiguredSecret.read(file.toString(), ""))
                .isInstanceOf(ConfigException.class)
                .hasMessage("secret.file = " + file + ": must hold 64 hex digits (32 bytes), got 7 characters");
    }

    @Test
    void wantsExactlyOneOfFileAndText() {
        assertThatThrownBy(() -> ConfiguredSecret.read("", ""))
                .isInstanceOf(ConfigException.class)
                .hasMessage("secret.file = : name a key file here (make one with: httun gen-key FILE)");
        assertThatThrownBy(() -> ConfiguredSecret.read("etc/key", HEX))
                .isInstanceOf(ConfigException.class)
                .hasMessage("secret.file = etc/key: name a key file here (make one with: httun gen-key FILE) "
                        + "or set secret, not both");
    }

    @Test
    void doesNotRepeatAKeyThatStandsWhereItsFileShouldBeNamed() {
        assertThatThrownBy(() -> ConfiguredSecret.read(HEX, ""))
                .isInstanceOf(ConfigException.class)
                .hasMessage("secret.file = ***: cannot be read (NoSuchFileException)");
    }
}
