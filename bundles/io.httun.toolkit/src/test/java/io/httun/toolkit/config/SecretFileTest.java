// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.config.ConfigException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretFileTest {
    @TempDir
    private Path folder;

    @Test
    void skipsBlankLinesAndComments() throws IOException {
        Path file = write("# made by hand\n\n  first  \r\n#second\nthird");
        assertThat(SecretFile.readLines("secret.file", file.toString())).containsExactly("first", "third");
    }

    @Test
    void saysThatItIsMissing() {
        assertRefused(folder.resolve("none").toString(), "cannot be read (NoSuchFileException)");
    }

    @Test
    void saysThatItIsAFolder() {
        assertRefused(folder.toString(), "cannot be read (IOException)");
    }

    @Test
    void saysThatItIsEmpty() throws IOException {
        assertRefused(write("\n# nothing\n").toString(), "is empty");
    }

    @Test
    void saysThatItIsTooLarge() throws IOException {
        assertRefused(write("x".repeat((1 << 20) + 1)).toString(), "is larger than 1048576 bytes");
    }

    @Test
    void saysThatItsNameIsNone() {
        assertRefused("a\0b", "is not a file name (Nul character not allowed)");
    }

    @Test
    void warnsOfAFileThatOthersCanReadAndSaysWhatToDo() throws IOException {
        Path file = write("x");
        assertThat(logOf(file)).isEmpty();
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertThat(logOf(file))
                .contains("WARN", "GROUP_READ", "run: chmod 600 " + file)
                .doesNotContain("OTHERS_READ");
        assertThat(logOf(file)).as("the second time").isEmpty();
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(logOf(file)).contains("OTHERS_READ");
        Files.setLastModifiedTime(file, FileTime.fromMillis(1));
        assertThat(logOf(file)).as("another secret in it").contains("OTHERS_READ");
    }

    /** What slf4j-simple writes; it asks for the stream anew at every line. */
    private static String logOf(Path file) {
        PrintStream before = System.err;
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
        try {
            SecretFile.readLines("secret.file", file.toString());
        } finally {
            System.setErr(before);
        }
        return log.toString(StandardCharsets.UTF_8);
    }

    private static void assertRefused(String file, String why) {
        assertThatThrownBy(() -> SecretFile.readLines("secret.file", file))
                .isInstanceOf(ConfigException.class)
                .hasMessage("secret.file = " + file + ": " + why);
    }

    private Path write(String content) throws IOException {
        Path file = Files.createFile(
                folder.resolve("key"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return Files.writeString(file, content);
    }
}
