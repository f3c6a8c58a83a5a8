// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.config.ConfigException;
import io.httun.api.crypto.SharedSecret;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TunnelLinkTest {
    private static final SharedSecret SECRET = SharedSecret.ofHex("fb".repeat(31) + "3f");
    private static final String CODED =
            new TunnelLink("http://h", "n", 0, SECRET).text().split(":")[3];

    @ParameterizedTest
    @ValueSource(
            strings = {"http://tunnel.example.org/httun", "https://[2001:db8::1]:8443", "http://192.0.2.1:80/a/b_c-d"})
    void saysAllThatAClientNeeds(String url) {
        TunnelLink link = new TunnelLink(url, "my-laptop.2", 32_767, SECRET);
        assertThat(link.text()).doesNotContainAnyWhitespaces().doesNotContain("'", "\\", "$");
        assertThat(TunnelLink.parse(" " + link.text() + "\n")).isEqualTo(link);
        assertThat(link.toString()).endsWith("#my-laptop.2:32767:***").doesNotContain(CODED);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|is not httun://HOST/PATH#NAME:ID:SECRET",
                "https://example.org/|is not httun://HOST/PATH#NAME:ID:SECRET",
                "httun://h#n:1|is not httun://HOST/PATH#NAME:ID:SECRET",
                "httun://h#n:1:SECRET|a secret of 6 characters, expected 43 of base64url",
                "httun://h#../../etc/passwd:1:KEY|a channel name that is not",
                "httun://h#.n:1:KEY|a channel name that is not",
                "httun://h#:1:KEY|a channel name that is not",
                "httun://h#n:32768:KEY|a channel id that is not 0 to 32767",
                "httun://h#n:-1:KEY|a channel id that is not 0 to 32767",
                "httun://h#n:99999999999999:KEY|a channel id that is not 0 to 32767",
                "httun://h#n:1:KEY:kem=x|is from a newer version, with more parts than NAME:ID:SECRET: update httun here",
                "httun://h#n:1:KEYA|a secret of 44 characters",
                "httun://u:p@h#n:1:KEY|must be http://HOST[:PORT][/PATH]",
                "httun://h/a?b=c#n:1:KEY|must be http://HOST[:PORT][/PATH]",
                "httun://h/a,http://evil#n:1:KEY|must be http://HOST[:PORT][/PATH]",
                "httun://h/${karaf.etc}#n:1:KEY|must be http://HOST[:PORT][/PATH]",
                "httun://h:99999#n:1:KEY|must be http://HOST[:PORT][/PATH]",
                "httun:///etc/passwd#n:1:KEY|must be http://HOST[:PORT][/PATH]",
            })
    void takesNothingElseAndKeepsTheSecret(String text, String message) {
        String link = text.replace("KEY", CODED);
        assertThatThrownBy(() -> TunnelLink.parse(link))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(message)
                .message()
                .doesNotContain(CODED, ":p@");
    }

    @Test
    void isBounded() {
        assertThatThrownBy(() -> TunnelLink.parse("httun://" + "h".repeat(100_000)))
                .hasMessageStartingWith("The link has 100008 characters, more than the 2048");
        assertThatThrownBy(() -> TunnelLink.parse("httun://h\nsecret = x#n:1:" + CODED))
                .hasMessageContaining("is not httun://HOST/PATH");
    }
}
