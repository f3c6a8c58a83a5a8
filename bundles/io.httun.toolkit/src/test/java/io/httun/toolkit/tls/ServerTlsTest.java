// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.httun.api.config.ConfigException;
import io.httun.testpeers.SelfSigned;
import io.httun.toolkit.config.WatchedFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerTlsTest {
    @TempDir
    Path folder;

    private SelfSigned first;
    private SelfSigned second;

    @BeforeEach
    void make() throws Exception {
        first = SelfSigned.make(folder, "first");
        second = SelfSigned.make(folder, "second");
    }

    private static ServerTls.Settings settings(Path certificate, Path key) {
        return new ServerTls.Settings(certificate.toString(), key.toString(), "", "", false, "jdk", List.of());
    }

    @Test
    void loadsEveryFormOfFile() throws Exception {
        assertThat(ServerTls.load(settings(first.certificate(), first.key())).toString())
                .contains("CN=first");
        Path both = Files.writeString(
                folder.resolve("both.pem"), Files.readString(first.key()) + Files.readString(first.certificate()));
        assertThat(ServerTls.load(new ServerTls.Settings(both.toString(), "", "", "", false, "jdk", List.of()))
                        .toString())
                .contains("CN=first");
        assertThat(ServerTls.load(new ServerTls.Settings(
                                first.p12().toString(), "", first.password().toString(), "", false, "jdk", List.of()))
                        .toString())
                .contains("CN=first");
    }

    @Test
    void aKeyOfAnotherCertificateIsRefused() {
        assertThatThrownBy(() -> ServerTls.load(settings(first.certificate(), second.key())))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(
                        "tls.key.file = " + second.key() + ": does not belong to the certificate of CN=first");
    }

    @Test
    void aReloadTakesOnlyAMatchingKeyAndCertificate() throws Exception {
        Path certificate = Files.copy(first.certificate(), folder.resolve("certificate"));
        Path key = Files.copy(first.key(), folder.resolve("key"));
        WatchedFiles<ServerTls> tls =
                new WatchedFiles<>(() -> "test", () -> ServerTls.load(settings(certificate, key)));
        tls.load();
        ServerTls old = tls.content();
        Files.copy(second.certificate(), certificate, StandardCopyOption.REPLACE_EXISTING);
        tls.refresh();
        assertThat(tls.problem()).contains("does not belong to the certificate of CN=second");
        assertThat(tls.content()).isSameAs(old);
        tls.start(loaded -> {});
        Files.copy(second.key(), key, StandardCopyOption.REPLACE_EXISTING);
        await().until(() -> tls.content().toString().contains("CN=second"));
        assertThat(tls.problem()).isEmpty();
        tls.close();
    }

    @Test
    void namesWhatIsWrong() throws Exception {
        Path nonsense = Files.writeString(folder.resolve("nonsense"), "nonsense");
        assertThatThrownBy(() -> ServerTls.load(settings(nonsense, first.key())))
                .hasMessageContaining("tls.certificate.file = " + nonsense + ": is neither PEM nor PKCS#12");
        assertThatThrownBy(() -> ServerTls.load(settings(first.certificate(), Path.of(""))))
                .hasMessageContaining("tls.key.file = : is required");
        assertThatThrownBy(() -> ServerTls.of(
                        new ServerTls.Settings("", first.key().toString(), "", "", false, "jdk", List.of())))
                .hasMessageContaining("needs tls.certificate.file");
        assertThatThrownBy(() -> ServerTls.load(new ServerTls.Settings(
                        first.certificate().toString(),
                        first.key().toString(),
                        "",
                        nonsense.toString(),
                        true,
                        "jdk",
                        List.of())))
                .hasMessageContaining("tls.client.ca.file = " + nonsense);
    }

    @Test
    void twoOfTheSameContentAreEqual() throws Exception {
        ServerTls one = ServerTls.load(settings(first.certificate(), first.key()));
        assertThat(ServerTls.load(settings(first.certificate(), first.key()))).isEqualTo(one);
        Files.copy(second.certificate(), first.certificate(), StandardCopyOption.REPLACE_EXISTING);
        Files.copy(second.key(), first.key(), StandardCopyOption.REPLACE_EXISTING);
        assertThat(ServerTls.load(settings(first.certificate(), first.key()))).isNotEqualTo(one);
    }
}
