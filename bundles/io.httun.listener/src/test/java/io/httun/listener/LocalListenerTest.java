// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.httun.api.config.ConfigException;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LocalListenerTest {
    private final ListenerRig rig = new ListenerRig("auto");

    @AfterEach
    void end() throws IOException {
        rig.close();
    }

    /**
     * A port outside the system's ephemeral range: an outgoing connection of another test could occupy an ephemeral
     * one.
     */
    private static ServerSocket taken() throws IOException {
        for (int port = 32_000; ; port--) {
            try {
                return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
            } catch (BindException e) {
                assertThat(port).as(e.getMessage()).isPositive();
            }
        }
    }

    @Test
    void saysThatAPortIsTakenAndTakesItWhenItIsFree() throws IOException {
        LocalListener listener;
        try (ServerSocket other = taken()) {
            listener = rig.socks("bind", "127.0.0.1:" + other.getLocalPort());
            await().until(() -> listener.status().state().startsWith("not listening"));
            assertThat(listener.status().state())
                    .isEqualTo(
                            "not listening: the port is taken; stop what uses it or choose another, or set bind.fallback"
                                    + " = true");
            assertThat(listener.status().address()).isEqualTo("127.0.0.1:" + other.getLocalPort());
        }
        await().atMost(Duration.ofSeconds(20))
                .until(() -> listener.status().state().equals("listening"));
    }

    @Test
    void takesTheNextFreePortWhereAllowed() throws IOException {
        try (ServerSocket other = taken()) {
            LocalListener listener = rig.socks("bind", "127.0.0.1:" + other.getLocalPort(), "bind.fallback", "true");
            assertThat(ListenerRig.portOf(listener)).isBetween(other.getLocalPort() + 1, other.getLocalPort() + 100);
        }
    }

    @Test
    void saysThatAnAddressIsNotOfThisHost() {
        LocalListener listener = rig.socks("bind", "192.0.2.1:0");
        await().until(() -> listener.status().state().equals("not listening: this host has no such address"));
    }

    @Test
    void movesToANewAddressWhileOpenConnectionsRunOn() throws IOException {
        LocalListener listener = rig.port(rig.echo());
        int before = ListenerRig.portOf(listener);
        try (Socket socket = ListenerRig.dial(listener)) {
            socket.getOutputStream().write(1);
            assertThat(socket.getInputStream().read()).isEqualTo(1);
            listener.change(SocksSettings.read(ListenerRig.configuration("bind", "127.0.0.2:0"))
                    .common());
            await().until(() -> listener.status().address().startsWith("127.0.0.2:")
                    && listener.status().state().equals("listening"));
            socket.getOutputStream().write(2);
            assertThat(socket.getInputStream().read()).isEqualTo(2);
        }
        assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), before))
                .isInstanceOf(IOException.class);
    }

    @Test
    void keepsItsSocketOnAnUnchangedConfiguration() {
        LocalListener listener = rig.socks();
        int port = ListenerRig.portOf(listener);
        listener.change(SocksSettings.read(ListenerRig.configuration()).common());
        assertThat(ListenerRig.portOf(listener)).isEqualTo(port);
    }

    @Test
    void freesItsPortAndResetsItsConnectionsWhenItStops() throws IOException {
        LocalListener listener = rig.port(rig.echo());
        int port = ListenerRig.portOf(listener);
        try (Socket socket = ListenerRig.dial(listener)) {
            socket.getOutputStream().write(1);
            assertThat(socket.getInputStream().read()).isEqualTo(1);
            listener.stop();
            try (ServerSocket again = new ServerSocket()) {
                again.setReuseAddress(true);
                again.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            }
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketException.class);
        }
        assertThat(ListenerRig.lastCause(listener)).isEqualTo("the listener stopped");
        assertThat(listener.status().state()).isEqualTo("closed");
    }

    @Test
    void resetsConnectionsBeyondItsBound() throws IOException {
        LocalListener listener = rig.port(rig.echo(), "connections.max", 1);
        try (Socket first = ListenerRig.dial(listener)) {
            first.getOutputStream().write(1);
            assertThat(first.getInputStream().read()).isEqualTo(1);
            assertThatThrownBy(() -> {
                        try (Socket second = ListenerRig.dial(listener)) {
                            second.getInputStream().read();
                        }
                    })
                    .isInstanceOf(SocketException.class);
        }
        assertThat(listener.status().refused()).isEqualTo(1);
        assertThat(listener.status().accepted()).isEqualTo(2);
    }

    @Test
    void keepsTheLast256ClosedConnections() throws IOException {
        LocalListener listener = rig.socks();
        for (int i = 0; i < 260; i++) {
            ListenerRig.dial(listener).close();
        }
        await().until(() -> listener.status().accepted() == 260
                && listener.origin().connections().isEmpty());
        assertThat(listener.origin().closedConnections()).hasSize(256);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bind | 1080 | bind = 1080: must be ADDRESS:PORT",
                "bind | example.org:1 | must be ADDRESS:PORT",
                "bind | ::1:1 | must be ADDRESS:PORT",
                "bind | 127.0.0.1:65536 | port 0 to 65535",
                "connections.max | 0 | connections.max = 0: must be 1 to 1000000",
                "policy | idle=-1s | policy: idle = -1s: must be a duration such as",
                "policy | colour=red | policy = colour=red: must be KEY=VALUE with a key of idle, life",
                "policy.users | idle=1m | policy.users = idle=1m: must be USER: KEY=VALUE; KEY=VALUE",
                "negotiation.seconds | x | negotiation.seconds = x: must be a number",
                "users.file | /nowhere | users.file = /nowhere: cannot be read",
                "colour | red | colour = red: no such property",
                "name | '' | name = : must not be empty"
            })
    void refusesAWrongConfiguration(String property, String value, String message) {
        assertThatThrownBy(() -> SocksSettings.read(ListenerRig.configuration(property, value)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(message);
    }

    @Test
    void refusesAWrongTarget() {
        assertThatThrownBy(() -> PortSettings.read(ListenerRig.configuration("target", "example.org")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("target = example.org: 'example.org' is not HOST:PORT");
    }

    @Test
    void doesNotShowTheLineThatIsWrongInAUsersFile(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("users");
        Files.writeString(file, "ann:secret\nhunter2\n");
        assertThatThrownBy(() -> ConnectSettings.read(ListenerRig.configuration("users.file", file.toString())))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("line 1: must be USER:HASH")
                .hasMessageNotContaining("secret");
    }
}
