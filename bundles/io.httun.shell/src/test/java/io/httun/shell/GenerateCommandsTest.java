// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.crypto.SharedSecret;
import io.httun.toolkit.config.ConfiguredSecret;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;
import org.apache.karaf.shell.api.console.Session;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerateCommandsTest {
    @TempDir
    Path folder;

    private KeyGenerateCommand command(String file) {
        KeyGenerateCommand command = new KeyGenerateCommand();
        command.session = FakeServices.proxy(Session.class, (method, args) -> folder);
        command.file = file;
        return command;
    }

    private static String run(HttunCommand command) throws Exception {
        return Run.command(command, new FakeServices());
    }

    @Test
    void writesASecretThatOnlyItsOwnerCanReadAndNeverPrintsIt() throws Exception {
        String printed = run(command("home.key"));
        Path file = folder.resolve("home.key");
        String secret = Files.readString(file).strip();
        assertThat(secret).matches("[0-9a-f]{64}");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(printed).contains(file.toString()).contains("secret.file").doesNotContain(secret);
        assertThat(ConfiguredSecret.read(file.toString(), "").toBytes()).hasSize(SharedSecret.LENGTH);
        assertThat(folder).isDirectoryNotContaining("glob:**.key?*");
    }

    @Test
    void keepsAKeyThatIsThereUnlessForced() throws Exception {
        Path file = Files.writeString(folder.resolve("home.key"), "precious");
        assertThatThrownBy(() -> run(command("home.key")))
                .hasMessage(file + " exists and is unchanged; overwrite it with --force");
        assertThat(file).hasContent("precious");
        KeyGenerateCommand forced = command("home.key");
        forced.force = true;
        run(forced);
        assertThat(Files.readString(file).strip()).matches("[0-9a-f]{64}");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void saysWhyAFileCannotBeWritten() {
        assertThatThrownBy(() -> run(command("nowhere/home.key")))
                .hasMessageStartingWith("Cannot write " + folder.resolve("nowhere/home.key") + " (NoSuchFileException");
    }

    @Test
    void everyKeyAndEveryUuidIsNew() throws Exception {
        run(command("a.key"));
        run(command("b.key"));
        assertThat(folder.resolve("a.key")).content().isNotEqualTo(Files.readString(folder.resolve("b.key")));
        UUID first = UUID.fromString(run(new UuidGenerateCommand()).strip());
        UUID second = UUID.fromString(run(new UuidGenerateCommand()).strip());
        assertThat(first).isNotEqualTo(second);
        assertThat(first.version()).isEqualTo(4);
    }
}
