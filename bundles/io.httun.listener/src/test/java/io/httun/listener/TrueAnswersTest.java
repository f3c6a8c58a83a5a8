// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.relay.RelayOrigin;
import io.httun.api.relay.RelayPolicy;
import io.httun.api.relay.RelaySettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Status codes of SOCKS and CONNECT that reflect the server's outcome, and the early success of {@code optimistic}. */
@Timeout(60)
class TrueAnswersTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final String CONNECTED = "HTTP/1.1 200";

    private final ListenerRig rig = new ListenerRig("auto");

    @AfterEach
    void close() throws IOException {
        rig.close();
    }

    private static int closedPort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }

    private static byte[] socks(String host, int port) {
        return HEX.parseHex("050100" + "05010003" + HEX.toHexDigits((byte) host.length())
                + HEX.formatHex(host.getBytes(StandardCharsets.US_ASCII)) + HEX.toHexDigits((short) port));
    }

    private static String socksAnswer(LocalListener listener, String host, int port) throws IOException {
        try (Socket socket = ListenerRig.dial(listener)) {
            socket.getOutputStream().write(socks(host, port));
            return HEX.formatHex(socket.getInputStream().readNBytes(4)).substring(6);
        }
    }

    private static String connectAnswer(LocalListener listener, String host, int port) throws IOException {
        try (Socket socket = ListenerRig.dial(listener)) {
            socket.getOutputStream().write(connect(host, port));
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            socket.getInputStream().transferTo(answer);
            return answer.toString(StandardCharsets.US_ASCII);
        }
    }

    private static byte[] connect(String host, int port) {
        String to = host + ':' + port;
        return ("CONNECT " + to + " HTTP/1.1\r\nHost: " + to + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void tellWhatTheServerFound() throws IOException {
        RelayOrigin atServer = rig.streams();
        LocalListener socks = rig.socks();
        LocalListener connect = rig.connect();
        int closed = closedPort();
        assertThat(socksAnswer(socks, "127.0.0.1", closed)).isEqualTo("05");
        assertThat(socksAnswer(socks, "nowhere.invalid", 80)).isEqualTo("04");
        assertThat(connectAnswer(connect, "127.0.0.1", closed))
                .startsWith("HTTP/1.1 502")
                .contains("error=connection_refused");
        assertThat(connectAnswer(connect, "nowhere.invalid", 80))
                .startsWith("HTTP/1.1 502")
                .contains("error=dns_error");
        assertThat(socks.origin().closedConnections().get(0).end()).isEqualTo("UNRESOLVED");
        atServer.change(new RelaySettings("channel", List.of("missing"), 10_000, RelayPolicy.UNLIMITED, Map.of()));
        assertThat(socksAnswer(socks, "127.0.0.1", closed)).isEqualTo("02");
        assertThat(connectAnswer(connect, "127.0.0.1", closed))
                .startsWith("HTTP/1.1 403")
                .contains("error=destination_ip_prohibited");
        atServer.change(new RelaySettings("channel", List.of(), 1, RelayPolicy.UNLIMITED, Map.of()));
        try (Socket first = ListenerRig.dial(socks)) {
            first.getOutputStream().write(socks("127.0.0.1", rig.echo()));
            assertThat(first.getInputStream().readNBytes(12)).startsWith(5, 0, 5, 0);
            assertThat(socksAnswer(socks, "127.0.0.1", closed)).isEqualTo("01");
            assertThat(connectAnswer(connect, "127.0.0.1", closed))
                    .startsWith("HTTP/1.1 503")
                    .contains("error=proxy_internal_response")
                    .containsIgnoringCase("retry-after: 1");
        }
    }

    @Test
    void optimisticOnesSucceedAtOnceAndResetLater() throws IOException {
        int closed = closedPort();
        try (Socket socket = ListenerRig.dial(rig.socks("optimistic", true))) {
            socket.getOutputStream().write(socks("127.0.0.1", closed));
            assertThat(socket.getInputStream().readNBytes(12)).startsWith(5, 0, 5, 0);
            assertThatThrownBy(() -> socket.getInputStream().read()).hasMessageContaining("reset");
        }
        try (Socket socket = ListenerRig.dial(rig.connect("optimistic", true))) {
            socket.getOutputStream().write(connect("127.0.0.1", closed));
            assertThat(new String(socket.getInputStream().readNBytes(CONNECTED.length()), StandardCharsets.US_ASCII))
                    .isEqualTo(CONNECTED);
            assertThatThrownBy(() -> socket.getInputStream().readAllBytes()).hasMessageContaining("reset");
        }
    }

    @Test
    void optimisticOnesCarryWhatComesBeforeTheTargetIsThere() throws IOException {
        try (Socket socket = ListenerRig.dial(rig.socks("optimistic", true))) {
            socket.getOutputStream().write(socks("127.0.0.1", rig.echo()));
            socket.getOutputStream().write(7);
            assertThat(socket.getInputStream().readNBytes(12)).startsWith(5, 0, 5, 0);
            assertThat(socket.getInputStream().read()).isEqualTo(7);
        }
    }
}
