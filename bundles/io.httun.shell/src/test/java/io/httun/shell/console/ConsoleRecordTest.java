// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConsoleRecordTest {
    @TempDir
    Path folder;

    private static final ConsoleRecord CONSOLE = new ConsoleRecord(42, "127.0.0.1", 8101, "QUJD");

    @Test
    void isReadAsItWasWrittenAndByItsOwnerOnly() throws IOException {
        Path file = folder.resolve("console");
        assertThat(ConsoleRecord.read(file)).isEmpty();
        CONSOLE.write(file);
        CONSOLE.write(file);
        assertThat(ConsoleRecord.read(file)).contains(CONSOLE);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void refusesAnythingElse() throws IOException {
        Path file = Files.writeString(folder.resolve("console"), "pid = x");
        assertThatThrownBy(() -> ConsoleRecord.read(file)).hasMessageStartingWith(file + " is not a console record");
    }

    @Test
    void takesAPublicKeyFromItsPem() {
        assertThat(ConsoleRecord.key("-----BEGIN PUBLIC KEY-----\nQU\nJD\n-----END PUBLIC KEY-----\n"))
                .contains("QUJD");
        assertThat(ConsoleRecord.key("ssh-rsa QUJD")).isEmpty();
        assertThat(ConsoleRecord.key("-----BEGIN PUBLIC KEY-----\nQU")).isEmpty();
    }
}
