// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.config.ConfigException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class BasicCredentialsTest {
    // RFC 7617 section 2, the example.
    private static final String ALADDIN = "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==";

    private final BasicCredentials credentials = new BasicCredentials("Aladdin", "open sesame");

    @Test
    void makesTheHeaderOfTheRfc() {
        assertThat(credentials.headerValue()).isEqualTo(ALADDIN);
        // RFC 7617 section 2.1, the example in UTF-8.
        assertThat(new BasicCredentials("test", "123\u00A3").headerValue()).isEqualTo("Basic dGVzdDoxMjPCow==");
    }

    @ParameterizedTest
    @ValueSource(strings = {ALADDIN, "basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "BASIC QWxhZGRpbjpvcGVuIHNlc2FtZQ=="})
    void matchesWhateverTheCaseOfTheScheme(String header) {
        assertThat(credentials.matches(header)).isTrue();
    }

    static Stream<String> odd() {
        return Stream.of(
                "",
                " ",
                "Basic",
                "Basic ",
                "Ba QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
                "Basics QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
                "Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
                "QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
                "Basic qWxhZGRpbjpvcGVuIHNlc2FtZQ==",
                "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ",
                ALADDIN + " ",
                ALADDIN + "\0",
                "\u212Aasic \uD800",
                "Basic " + "\u00fc=\n".repeat(3_500));
    }

    @ParameterizedTest
    @MethodSource("odd")
    void refusesAnyOtherHeaderQuietly(String header) {
        assertThat(credentials.matches(header)).isFalse();
    }

    @Test
    void knowsItsPassword() {
        assertThat(credentials.hasPassword("open sesame".getBytes(StandardCharsets.UTF_8)))
                .isTrue();
        assertThat(credentials.hasPassword("open sesam".getBytes(StandardCharsets.UTF_8)))
                .isFalse();
    }

    @Test
    void showsNothingOfItself() {
        assertThat(credentials).hasToString("BasicCredentials[***]");
    }

    @ParameterizedTest
    @CsvSource({"a:b, c", "'a\t', c", "a, 'c\r\nx: y'", "a, 'c\u007f'"})
    void refusesWhatCannotBeInAHeader(String user, String password) {
        assertThatThrownBy(() -> new BasicCredentials(user, password))
                .isInstanceOf(ConfigException.class)
                .hasMessage("basic.auth.file: the user must not hold ':' and neither may hold control characters");
    }

    @Test
    void readsTheFirstLineOfAFile(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("auth"), "Aladdin:open sesame\nignored");
        assertThat(BasicCredentials.read("basic.auth.file", file.toString()).headerValue())
                .isEqualTo(ALADDIN);
        Files.writeString(file, "a:b:c");
        assertThat(BasicCredentials.read("basic.auth.file", file.toString())
                        .hasPassword("b:c".getBytes(StandardCharsets.UTF_8)))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"hunter2", ":hunter2"})
    void saysWhatAFileMustHoldWithoutSayingWhatItHolds(String content, @TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("auth"), content);
        assertThatThrownBy(() -> BasicCredentials.read("basic.auth.file", file.toString()))
                .isInstanceOf(ConfigException.class)
                .hasMessage("basic.auth.file = " + file + ": must hold one line user:password");
    }
}
