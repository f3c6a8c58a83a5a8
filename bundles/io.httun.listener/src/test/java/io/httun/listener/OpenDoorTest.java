// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.config.ConfigException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Access to a port that other machines can reach. */
@Timeout(60)
class OpenDoorTest {
    private ListenerRig rig;

    @BeforeEach
    void start() {
        rig = new ListenerRig("nio");
    }

    @AfterEach
    void end() throws IOException {
        rig.close();
    }

    @Test
    void aListenerThatEveryoneCanUseIsAProblem() {
        LocalListener socks = rig.socks("bind", "0.0.0.0:0", "filters", "none");
        assertThat(socks.problems()).hasSize(1);
        assertThat(socks.problems().get(0).part())
                .isEqualTo("listener " + socks.status().name());
        assertThat(socks.problems().get(0).what()).isEqualTo("is open to everyone who can reach 0.0.0.0:0");
        assertThat(socks.problems().get(0).remedy()).contains("users.file").contains("127.0.0.1");
        assertThat(rig.port(1, "bind", "0.0.0.0:0").problems().get(0).remedy()).contains("tls.client.ca.file");
    }

    @Test
    void aPortOfTheServerThatEveryoneCanUseIsAProblem() {
        rig.streams();
        Object[] open = {"listen", "0.0.0.0:8080", "target", "127.0.0.1:1"};
        assertThat(rig.reverse(open).problems())
                .singleElement()
                .asString()
                .contains("reverse test", "is open to everyone who can reach 0.0.0.0:8080", "rules on source=");
        assertThat(rig.reverse("listen", "127.0.0.1:8080", "target", "127.0.0.1:1")
                        .problems())
                .isEmpty();
        assertThat(rig.reverse("listen", "0.0.0.0:8080", "target", "127.0.0.1:1", "filters", "office")
                        .problems())
                .isEmpty();
    }

    @Test
    void aListenerThatIsGuardedIsNone(@TempDir Path folder) throws IOException {
        assertThat(rig.socks().problems()).isEmpty();
        assertThat(rig.socks("bind", "[::1]:0").problems()).isEmpty();
        assertThat(rig.socks("bind", "0.0.0.0:0", "users.file", SocksRig.users(folder))
                        .problems())
                .isEmpty();
        assertThat(SocksSettings.read(Map.of("name", "s", "bind", "0.0.0.0:0", "filters", "office"))
                        .common()
                        .letsEveryoneIn())
                .isFalse();
    }

    @Test
    void aChangeEndsTheProblem() {
        LocalListener socks = rig.socks("bind", "0.0.0.0:0", "filters", "none");
        socks.change(
                SocksSettings.read(Map.of("name", "s", "bind", "127.0.0.1:0")).common());
        assertThat(socks.problems()).isEmpty();
    }

    @Test
    void aProxyHeaderIsTakenFromThoseThatMaySendIt() throws IOException {
        LocalListener named = rig.connect("proxy.protocol", true, "proxy.protocol.from", "127.0.0.0/8");
        try (Socket socket = ListenerRig.dial(named)) {
            assertThat(answer(socket)).isEqualTo('H');
        }
        LocalListener other = rig.connect("proxy.protocol", true, "proxy.protocol.from", "192.0.2.0/24");
        assertThatThrownBy(() -> {
                    // The reset may arrive before the connect returns, before the write or after it.
                    try (Socket socket = ListenerRig.dial(other)) {
                        if (answer(socket) < 0) {
                            throw new SocketException("closed");
                        }
                    }
                })
                .isInstanceOf(SocketException.class);
        assertThat(other.status().refused()).isEqualTo(1);
    }

    private static int answer(Socket socket) throws IOException {
        socket.getOutputStream()
                .write("PROXY TCP4 192.0.2.1 192.0.2.9 1 2\r\nGET / HTTP/9.9\r\n\r\n"
                        .getBytes(StandardCharsets.US_ASCII));
        return socket.getInputStream().read();
    }

    @Test
    void aPortThatOthersCanReachNeedsTheSendersOfTheHeader() {
        assertThatThrownBy(
                        () -> SocksSettings.read(Map.of("name", "s", "bind", "0.0.0.0:1080", "proxy.protocol", true)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(
                        "proxy.protocol = true: needs the addresses of the proxies that may send the header"
                                + " in proxy.protocol.from, because bind = 0.0.0.0:1080 is open to others");
        assertThatThrownBy(() -> SocksSettings.read(Map.of(
                        "name",
                        "s",
                        "bind",
                        "0.0.0.0:1080",
                        "proxy.protocol",
                        true,
                        "proxy.protocol.from",
                        "proxy.example")))
                .hasMessageContaining("proxy.protocol.from = proxy.example: is neither an IP address nor a CIDR block");
        assertThat(SocksSettings.read(Map.of("name", "s", "bind", "127.0.0.1:1080", "proxy.protocol", true))
                        .common()
                        .proxySenders()
                        .orElseThrow()
                        .contains("127.0.0.1"))
                .isTrue();
    }
}
