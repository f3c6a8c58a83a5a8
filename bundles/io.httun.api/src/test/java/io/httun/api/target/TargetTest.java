// SPDX-License-Identifier: Apache-2.0
package io.httun.api.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TargetTest {
    @ParameterizedTest
    @CsvSource({
        "example.com:80, example.com, 80",
        "EXAMPLE.Com.:443, example.com, 443",
        "xn--mnchen-3ya.de:1, xn--mnchen-3ya.de, 1",
        "_a-b.c:65535, _a-b.c, 65535",
        "localhost:00022, localhost, 22"
    })
    void parsesNamesWithoutResolvingThem(String text, String host, int port) {
        Target target = Target.parse(text);
        assertThat(target).isEqualTo(new Target(host, port, List.of()));
        assertThat(target.isLiteral()).isFalse();
        assertThat(target).hasToString(host + ':' + port);
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.7:80, 192.0.2.7, 192.0.2.7:80",
        "[2001:DB8::1]:443, 2001:db8::1, '[2001:db8::1]:443'",
        "[::1]:1, ::1, '[::1]:1'",
        "[0:0:0:0:0:0:0:0]:1, ::, '[::]:1'",
        "[::ffff:127.0.0.1]:22, 127.0.0.1, 127.0.0.1:22"
    })
    void parsesLiteralsToOneSpellingAndTheirAddress(String text, String host, String shown) throws Exception {
        Target target = Target.parse(text);
        assertThat(target.host()).isEqualTo(host);
        assertThat(target.isLiteral()).isTrue();
        assertThat(target.addresses()).containsExactly(InetAddress.getByName(host));
        assertThat(target).hasToString(shown);
    }

    @Test
    void takesLiteralsWithAndWithoutBrackets() {
        assertThat(Target.of("::1", 7)).isEqualTo(Target.of("[::1]", 7)).isEqualTo(Target.parse("[::1]:7"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "\"\"                  | '' is not HOST:PORT",
                "example.com         | 'example.com' is not HOST:PORT",
                ":80                 | ':80' is not HOST:PORT",
                "example.com:        | 'example.com:' is not HOST:PORT",
                "example.com:http    | 'example.com:http' is not HOST:PORT",
                "example.com:-1      | 'example.com:-1' is not HOST:PORT",
                "example.com:000080  | 'example.com:000080' is not HOST:PORT",
                "2001:db8::1:443     | '2001:db8::1:443': an IPv6 address needs brackets",
                "[2001:db8::g]:443   | '[2001:db8::g]' is neither a host name nor an IP address",
            })
    void saysWhatIsWrongWithHostAndPort(String text, String message) {
        assertThatThrownBy(() -> Target.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 65_536})
    void saysWhichPortsThereAre(int port) {
        assertThatThrownBy(() -> Target.of("a", port))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("port = " + port + ": must be 1 to 65535");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "a b", "a/b", "a\nb", "a@b", "a\0", "*", "a,b"})
    void refusesOddCharacters(String host) {
        assertThatThrownBy(() -> Target.of(host, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("a host name has 1 to 253 ");
    }

    @Test
    void refusesNamesThatAreTooLong() {
        assertThat(Target.of("a".repeat(253), 1).host()).hasSize(253);
        assertThatThrownBy(() -> Target.of("a".repeat(254), 1)).hasMessageStartingWith("a host name has 1 to 253 ");
    }

    @ParameterizedTest
    @CsvSource({"m\u00fcnchen.de, m?nchen.de", "\u212Aarl.de, ?arl.de", "\u2488.example, ?.example"})
    void asksForTheAsciiFormOfAnInternationalName(String host, String shown) {
        assertThatThrownBy(() -> Target.of(host, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'" + shown + "' has letters beyond ASCII; write such a name in its xn-- form");
    }

    @Test
    void keepsItsAddressesToItself() throws Exception {
        List<InetAddress> addresses = new ArrayList<>(List.of(InetAddress.getByName("192.0.2.1")));
        Target target = Target.of("a", 1).withAddresses(addresses);
        addresses.clear();
        assertThat(target.addresses()).hasSize(1);
        assertThat(target).hasToString("a:1");
    }
}
