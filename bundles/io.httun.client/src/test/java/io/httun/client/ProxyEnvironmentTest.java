// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.config.ConfigException;
import io.httun.api.proxy.SingleProxyFactory.Login;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which proxy the environment names, as curl reads it. */
class ProxyEnvironmentTest {
    private static String url(String server, Map<String, String> environment) {
        return new ProxyEnvironment(environment)
                .proxyFor(ServerUrl.parse(server))
                .map(ProxyEnvironment.Proxy::url)
                .orElse("none");
    }

    @Test
    void eachSchemeHasItsVariable() {
        Map<String, String> both = Map.of("http_proxy", "a:1", "https_proxy", "b:2", "all_proxy", "c:3");
        assertThat(url("http://t.test/x", both)).isEqualTo("http://a:1");
        assertThat(url("https://t.test/x", both)).isEqualTo("http://b:2");
        assertThat(url("https://t.test/x", Map.of("all_proxy", "socks5h://c:3")))
                .isEqualTo("socks5://c:3");
        assertThat(url("https://t.test/x", Map.of("HTTPS_PROXY", "d:4"))).isEqualTo("http://d:4");
        assertThat(url("http://t.test/x", Map.of())).isEqualTo("none");
        assertThat(url("https://t.test/x", Map.of("https_proxy", "", "all_proxy", "c:3")))
                .isEqualTo("none");
    }

    @Test
    void capitalsMayBeTheHeaderOfARequest() {
        assertThat(url("http://t.test/x", Map.of("HTTP_PROXY", "evil:1"))).isEqualTo("none");
    }

    @Test
    void withoutASchemeAndAPort() {
        assertThat(url("http://t.test/x", Map.of("http_proxy", "a"))).isEqualTo("http://a:1080");
        assertThat(url("http://t.test/x", Map.of("http_proxy", "https://a/"))).isEqualTo("https://a:443");
        assertThat(url("http://t.test/x", Map.of("http_proxy", "http://[::1]:3128")))
                .isEqualTo("http://[::1]:3128");
    }

    @Test
    void theLoginIsPercentEncoded() {
        assertThat(new ProxyEnvironment(Map.of("http_proxy", "http://CORP%5Cal:p%40s+s@a:1"))
                        .proxyFor(ServerUrl.parse("http://t.test/x"))
                        .orElseThrow()
                        .login())
                .isEqualTo(Optional.of(new Login("CORP\\al", "p@s+s")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "t.test          | *                    | true",
                "t.test          | t.test               | true",
                "T.test.         | a.test, t.TEST       | true",
                "www.t.test      | t.test               | true",
                "www.t.test      | .t.test              | true",
                "wwwt.test       | t.test               | false",
                "t.test          | test.t.test          | false",
                "192.0.2.7       | 192.0.2.7            | true",
                "192.0.2.7       | 10.0.0.0/8 192.0.2.0/24 | true",
                "192.0.3.7       | 192.0.2.0/24         | false",
                "192.0.2.7       | 2.7                  | false",
                "[2001:db8::7]   | 2001:db8::/32        | true",
                "[2001:db8::7]   | [2001:db8::7]        | true",
                "t.test          | ''                   | false",
                "t.test          | 300.1.2.3/99,::/x    | false"
            })
    void exceptions(String host, String exceptions, boolean excepted) {
        assertThat(url("http://" + host + "/x", Map.of("http_proxy", "a:1", "no_proxy", exceptions)))
                .isEqualTo(excepted ? "none" : "http://a:1");
    }

    @Test
    void aMessageShowsNoPassword() {
        assertThatThrownBy(() -> url("http://t.test/x", Map.of("http_proxy", "http://u:geheim@a:b:c")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("http_proxy is no URL of a proxy")
                .hasMessageNotContaining("geheim");
        assertThatThrownBy(() -> url("http://t.test/x", Map.of("http_proxy", "http://u:geheim%zz@a")))
                .isInstanceOf(ConfigException.class)
                .hasMessageNotContaining("geheim");
    }
}
