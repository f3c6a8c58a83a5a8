// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Connections by SOCKS, with and without a login. */
class SocksListenerTest extends SocksRig {
    @Test
    void connectsBySocks5ToAnAddress() throws IOException {
        int echo = rig.echo();
        try (Socket socket = ListenerRig.dial(rig.socks())) {
            socket.getOutputStream().write(hex("050100"));
            assertThat(read(socket, 2)).isEqualTo("0500");
            socket.getOutputStream().write(request5(echo));
            assertThat(read(socket, 10)).isEqualTo(CONNECTED_5);
            assertEcho(socket);
        }
    }

    @Test
    void connectsBySocks5ToAName() throws IOException {
        int echo = rig.echo();
        try (Socket socket = ListenerRig.dial(rig.socks())) {
            socket.getOutputStream().write(join(hex("05020002"), request5("LocalHost", echo)));
            assertThat(read(socket, 12)).isEqualTo("0500" + CONNECTED_5);
            assertEcho(socket);
        }
    }

    @Test
    void connectsBySocks4AndSocks4a() throws IOException {
        int echo = rig.echo();
        LocalListener listener = rig.socks();
        byte[] socks4 = join(hex("0401"), port(echo), hex("7f000001"), ascii("me\0"));
        byte[] socks4a = join(hex("0401"), port(echo), hex("00000001"), ascii("\0localhost\0"));
        for (byte[] request : new byte[][] {socks4, socks4a}) {
            try (Socket socket = ListenerRig.dial(listener)) {
                socket.getOutputStream().write(request);
                assertThat(read(socket, 8)).startsWith("005a");
                assertEcho(socket);
            }
        }
    }

    @Test
    void losesNothingOfWhatComesRightBehindTheRequest() throws IOException {
        int echo = rig.echo();
        byte[] everything = join(hex("050100"), request5(echo), ascii("early bird"));
        try (Socket socket = ListenerRig.dial(rig.socks())) {
            socket.getOutputStream().write(everything);
            socket.shutdownOutput();
            assertThat(HexFormat.of().formatHex(socket.getInputStream().readAllBytes()))
                    .isEqualTo("0500" + CONNECTED_5 + HexFormat.of().formatHex(ascii("early bird")));
        }
    }

    @Test
    void takesARequestByteByByte() throws IOException {
        int echo = rig.echo();
        try (Socket socket = ListenerRig.dial(rig.socks())) {
            socket.setTcpNoDelay(true);
            for (byte one : join(hex("050100"), request5(echo))) {
                socket.getOutputStream().write(one);
            }
            assertThat(read(socket, 12)).isEqualTo("0500" + CONNECTED_5);
            assertEcho(socket);
        }
    }

    @Test
    void asksForUserAndPassword(@TempDir Path directory) throws IOException {
        int echo = rig.echo();
        LocalListener listener = rig.socks("users.file", users(directory));
        byte[] request = request5(echo);
        try (Socket socket = ListenerRig.dial(listener)) {
            socket.getOutputStream().write(join(hex("050102"), login("ann", "secret"), request));
            assertThat(read(socket, 14)).isEqualTo("0502" + "0100" + CONNECTED_5);
            assertEcho(socket);
        }
        assertThat(exchange(listener, join(hex("050102"), login("ann", "wrong"), request)))
                .isEqualTo("0502" + "01ff");
        assertThat(exchange(listener, join(hex("050102"), login("a:b", "secret"), request)))
                .isEqualTo("0502" + "01ff");
        assertThat(exchange(listener, join(hex("050100"), request))).isEqualTo("05ff");
        assertThat(exchange(listener, join(hex("0401 0050 7f000001"), ascii("ann\0"))))
                .startsWith("005b");
        assertThat(listener.origin().connections().toString()
                        + listener.origin().closedConnections())
                .doesNotContain("secret");
    }

    @Test
    void takesUserAndPasswordInUtf8(@TempDir Path directory) throws IOException {
        Path users = Path.of(users(directory));
        Files.writeString(users, Files.readString(users).replace("ann:", "j\u00fcrgen:"));
        LocalListener listener = rig.socks("users.file", users.toString());
        byte[] login = join(hex("0107"), "j\u00fcrgen".getBytes(StandardCharsets.UTF_8), hex("06"), ascii("secret"));
        try (Socket socket = ListenerRig.dial(listener)) {
            socket.getOutputStream().write(join(hex("050102"), login, request5(rig.echo())));
            assertThat(read(socket, 14)).isEqualTo("0502" + "0100" + CONNECTED_5);
        }
    }
}
