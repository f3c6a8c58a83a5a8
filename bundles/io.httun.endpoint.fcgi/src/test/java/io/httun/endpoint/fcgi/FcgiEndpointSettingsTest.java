// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.fcgi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.config.ConfigException;
import java.net.ServerSocket;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FcgiEndpointSettingsTest {
    @Test
    void hasDefaults() {
        FcgiEndpointSettings settings = FcgiEndpointSettings.read(Map.of());
        assertThat(settings.listen()).hasToString("[127.0.0.1:9000]");
        assertThat(settings.path()).isEqualTo("/httun");
        assertThat(settings.peers().contains("127.8.9.1")).isTrue();
        assertThat(settings.peers().contains("::1")).isTrue();
        assertThat(settings.peers().contains("192.0.2.1")).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "listen|9000|ADDRESS:PORT",
                "listen|127.0.0.1:70000|ADDRESS:PORT",
                "listen|host.example:9000|ADDRESS:PORT",
                "listen|tls:127.0.0.1:9000|ADDRESS:PORT",
                "listen|unix:run/socket|absolute",
                "listen|''|at least one",
                "listen|127.0.0.1:1, 127.0.0.1:1|each once",
                "peers|localhost|is neither an IP address nor a CIDR block",
                "peers|10.0.0.0/33|must have a prefix of 0 to 32",
                "path|httun/|/httun",
                "socket.mode|rw|octal",
                "socket.mode|0999|octal",
                "socket.owner|a:b:c|USER:GROUP",
                "connections.max|0|1 to",
                "requests.max|x|number",
                "receive.timeout.seconds|4000|1 to 3600",
                "recieve|1|no such property"
            })
    void namesWhatIsWrong(String property, String value, String expected) {
        assertThatThrownBy(() -> FcgiEndpointSettings.read(Map.of(property, value)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(property)
                .hasMessageContaining(expected);
    }

    @Test
    void aTakenPortIsReported() throws Exception {
        try (Loops loops = new Loops();
                ServerSocket taken = new ServerSocket(0)) {
            FcgiEndpoint endpoint = new FcgiEndpoint(loops, Map.of("listen", "127.0.0.1:" + taken.getLocalPort()));
            endpoint.open();
            assertThat(endpoint.endpoints().get(0).state())
                    .contains("cannot listen on 127.0.0.1:" + taken.getLocalPort())
                    .contains("the port is taken");
            endpoint.deactivate();
        }
    }
}
