// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.testpeers.SelfSigned;
import io.httun.toolkit.login.PendingLogins;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Connections on which nobody logs in take no place from users. */
@Timeout(120)
class StrangersTest {
    private static final int ROUNDS = 20;

    @TempDir
    private Path folder;

    private final List<Socket> sockets = new ArrayList<>();
    private ListenerRig rig;

    @BeforeEach
    void start() {
        rig = new ListenerRig("nio");
    }

    @AfterEach
    void end() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        rig.close();
    }

    private Socket dial(LocalListener listener) throws IOException {
        Socket socket = ListenerRig.dial(listener);
        sockets.add(socket);
        return socket;
    }

    private Socket user(LocalListener listener, int echo) throws IOException {
        Socket socket = dial(listener);
        String login = Base64.getEncoder().encodeToString("ann:secret".getBytes(US_ASCII));
        String target = "127.0.0.1:" + echo;
        socket.getOutputStream()
                .write(("CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\nProxy-Authorization: Basic " + login
                                + "\r\n\r\n")
                        .getBytes(US_ASCII));
        assertThat(head(socket)).startsWith("HTTP/1.1 200");
        return socket;
    }

    private static String head(Socket socket) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = socket.getInputStream().read();
            assertThat(next).as("the answer after %s", head).isNotNegative();
            head.append((char) next);
        }
        return head.toString();
    }

    private static void assertEcho(Socket socket) throws IOException {
        socket.getOutputStream().write("still here".getBytes(US_ASCII));
        assertThat(socket.getInputStream().readNBytes(10)).asString().isEqualTo("still here");
    }

    @Test
    void silentConnectionsGiveWayToUsers() throws IOException {
        int echo = rig.echo();
        LocalListener listener = rig.connect("connections.max", 2, "users.file", SocksRig.users(folder));
        List<Socket> users = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            for (int k = 0; k < ROUNDS; k++) {
                dial(listener);
            }
            users.add(user(listener, echo));
        }
        for (int k = 0; k < ROUNDS; k++) {
            dial(listener);
        }
        for (Socket user : users) {
            assertEcho(user);
        }
        assertThat(listener.origin().open()).isEqualTo(2);
        assertThat(listener.origin().closedConnections())
                .anyMatch(closed -> closed.toString().contains("gave way to others before it had logged in"));
    }

    @Test
    void connectionsWithoutALoginHaveALimitOfTheirOwn() throws IOException {
        int echo = rig.echo();
        LocalListener listener = rig.connect(
                "connections.max", 10_000, "negotiation.seconds", 600, "users.file", SocksRig.users(folder));
        Socket user = user(listener, echo);
        for (int k = 0; k < PendingLogins.MOST + ROUNDS; k++) {
            dial(listener);
        }
        await().until(() -> listener.origin().accepted() == PendingLogins.MOST + ROUNDS + 1
                && listener.origin().open() == PendingLogins.MOST + 1);
        assertEcho(user);
    }

    @Test
    void aClientCertificateIsALogin() throws Exception {
        SelfSigned own = SelfSigned.make(folder, "own");
        SelfSigned client = SelfSigned.make(folder, "client");
        LocalListener listener = rig.connect(
                "connections.max",
                1,
                "tls.certificate.file",
                own.certificate().toString(),
                "tls.key.file",
                own.key().toString(),
                "tls.client.ca.file",
                client.certificate().toString());
        for (int k = 0; k < ROUNDS; k++) {
            dial(listener);
        }
        try (WebTarget web = new WebTarget()) {
            assertThat(RealPrograms.curl(
                                    "-x",
                                    "https://127.0.0.1:" + ListenerRig.portOf(listener),
                                    "--proxy-cacert",
                                    own.certificate().toString(),
                                    "--proxy-cert",
                                    client.certificate().toString(),
                                    "--proxy-key",
                                    client.key().toString(),
                                    web.url("/page"))
                            .ok()
                            .output())
                    .contains("GET /page");
        }
    }
}
