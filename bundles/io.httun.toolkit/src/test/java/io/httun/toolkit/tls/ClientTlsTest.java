// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.config.ConfigException;
import io.httun.testpeers.SelfSigned;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClientTlsTest {
    @TempDir
    Path folder;

    @Test
    void takesPemAndKeyStores() throws Exception {
        SelfSigned keys = SelfSigned.make(folder, "a");
        assertThat(ClientTls.of("tls", keys.certificate().toString()).toString())
                .contains("a.pem");
        assertThat(ClientTls.withPassword(
                                "tls", keys.p12().toString(), keys.password().toString())
                        .toString())
                .contains("a.p12");
    }

    @Test
    void namesWhatIsWrong() throws Exception {
        Path nonsense = Files.writeString(folder.resolve("nonsense"), "nonsense");
        assertThatThrownBy(() -> ClientTls.of("target.tls", nonsense.toString()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(
                        "target.tls.trust = " + nonsense + ": must be system, none, or a PEM, JKS or PKCS12");
        assertThatThrownBy(() -> ClientTls.of("tls", folder.resolve("missing").toString()))
                .hasMessageContaining("cannot be read (NoSuchFileException)");
        assertThatThrownBy(() -> ClientTls.of("tls", "system", "12")).hasMessageContaining("tls.pin = 12");
    }

    @Test
    void noneWithoutAPinIsAccepted() {
        assertThat(ClientTls.of("tls", "none").toString()).isEqualTo("ClientTls[none, 0 pins]");
    }

    @Test
    void twoOfTheSameContentAreEqual() throws Exception {
        SelfSigned keys = SelfSigned.make(folder, "a");
        SelfSigned others = SelfSigned.make(folder, "b");
        ClientTls one = ClientTls.of("tls", keys.certificate().toString());
        assertThat(ClientTls.of("tls", keys.certificate().toString())).isEqualTo(one);
        Files.copy(others.certificate(), keys.certificate(), StandardCopyOption.REPLACE_EXISTING);
        assertThat(ClientTls.of("tls", keys.certificate().toString())).isNotEqualTo(one);
    }
}
