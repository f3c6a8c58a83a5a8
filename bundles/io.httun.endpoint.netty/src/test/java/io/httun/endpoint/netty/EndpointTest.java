// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import static io.httun.endpoint.netty.Program.curl;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.httun.api.config.ConfigException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointTest {
    private static final String GET = "GET /echo HTTP/1.1\r\nHost: h\r\n\r\n";

    @TempDir
    Path folder;

    private Rig rig;

    @AfterEach
    void stop() {
        if (rig != null) {
            rig.close();
        }
    }

    private static ServerSocket taken() throws Exception {
        // Not where everybody else's ephemeral ports are: nobody takes it as soon as it is free.
        return new ServerSocket(0, 1, InetAddress.getByName("127.0.0.2"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "listen|8080|must be ADDRESS:PORT such as 127.0.0.1:8080, tls:*:8443 or unix:/run/httun.sock",
                "listen|host.example:80|must be ADDRESS:PORT",
                "listen|127.0.0.1:70000|must be ADDRESS:PORT",
                "listen|unix:relative|path must be absolute",
                "listen|,|must name at least one address",
                "listen|tls:*:8443|is required because an address begins with tls:",
                "socket.mode|rw|must be an octal mode such as 0660",
                "socket.owner|a:b:c|must be USER, USER:GROUP or :GROUP",
                "path|httun|must be empty or like /httun",
                "path|/httun/|must be empty or like /httun",
                "proxies|10.0.0.0/33|must have a prefix of 0 to 32 behind the slash",
                "proxies|proxy.example|is neither an IP address nor a CIDR block",
                "proxy.protocol|true|needs the addresses of the proxies in proxies",
                "proxy.header|x-real-ip|must be x-forwarded-for, forwarded or none",
                "extra.headers|no colon|must be Name: value",
                "extra.headers|Content-Length: 5|none that belongs to the connection",
                "tls.engine|rot13|must be auto, jdk or openssl",
                "head.max|10|must be 1024 to 65536",
                "body.max|2000000|must be 1024 to 1048576",
                "idle.seconds|0|must be 1 to 86400",
                "connection.max|5|no such property"
            })
    void wrongSettingsAreNamed(String property, String value, String message) {
        assertThatThrownBy(() -> new NettyEndpoint(Rig.LOOPS, Map.of("name", "x", property, value)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(value.startsWith("tls:") ? "tls.certificate.file" : property)
                .hasMessageContaining(message);
    }

    @Test
    void listensOnSeveralAddressesAndMovesWithoutTouchingTheOthers() throws Exception {
        rig = new Rig("listen", "127.0.0.1:0, [::1]:0");
        assertThat(rig.endpoint.endpoints()).hasSize(2).allSatisfy(one -> assertThat(one.state())
                .isEqualTo("open"));
        assertThat(curl("-g", "http://[::1]:" + rig.port(1) + "/peer")).startsWith("::1|");
        try (Raw kept = rig.raw()) {
            kept.send(GET).reply();
            int port = rig.port();
            rig.change("listen", "127.0.0.1:0");
            assertThat(rig.endpoint.endpoints()).hasSize(1);
            assertThat(rig.port()).isEqualTo(port);
            assertThat(kept.send(GET).reply()).isEqualTo("200 GET  ");
            // Another address on the same port can only be had after the old one is given up.
            rig.change("listen", "*:" + port);
            assertThat(rig.status(0).state()).isEqualTo("open");
            assertThat(kept.rest()).isEmpty();
            assertThat(curl("http://127.0.0.1:" + port + "/echo")).endsWith(" 200");
        }
    }

    @Test
    void aTakenPortIsReportedAndTheOldAddressStays() throws Exception {
        rig = new Rig();
        int port = rig.port();
        try (ServerSocket other = taken()) {
            rig.change("listen", "127.0.0.2:" + other.getLocalPort());
            assertThat(rig.status(0).state())
                    .isEqualTo("open, change refused: listen = 127.0.0.2:" + other.getLocalPort()
                            + ": the port is taken; stop what uses it or choose another");
            assertThat(curl("http://127.0.0.1:" + port + "/echo")).endsWith(" 200");
        }
        rig.change("listen", "127.0.0.1:0");
        assertThat(rig.status(0).state()).isEqualTo("open");
    }

    @Test
    void aPortThatIsTakenAtTheStartIsTriedAgainAndTheOthersRun() throws Exception {
        try (ServerSocket other = taken()) {
            rig = new Rig("listen", "127.0.0.2:" + other.getLocalPort() + ", 127.0.0.1:0");
            assertThat(rig.status(0).state()).startsWith("not listening: the port is taken");
            assertThat(rig.status(1).state()).isEqualTo("open");
        }
        await().atMost(Duration.ofSeconds(15))
                .untilAsserted(() -> assertThat(rig.status(0).state()).isEqualTo("open"));
    }

    @Test
    void aStaleUnixSocketIsReplacedAndALiveOneIsNot() throws Exception {
        Path path = folder.resolve("s");
        Files.writeString(path, "no socket");
        rig = new Rig("listen", "unix:" + path);
        assertThat(rig.status(0).state())
                .isEqualTo("not listening: " + path + " exists and is no socket; remove it or choose another path");
        Files.delete(path);
        rig.close();
        rig = new Rig("listen", "unix:" + path);
        assertThat(rig.status(0).state()).isEqualTo("open");
        Rig second = new Rig("listen", "unix:" + path);
        assertThat(second.status(0).state())
                .isEqualTo("not listening: another process listens on " + path + "; stop it or choose another path");
        second.close();
        assertThat(curl("--unix-socket", path.toString(), "http://x/echo")).endsWith(" 200");
        Path stale = folder.resolve("stale");
        Process dead = Program.start("nc.openbsd", "-lU", stale.toString());
        await().until(() -> Files.exists(stale));
        dead.destroyForcibly().waitFor();
        rig.change("listen", "unix:" + stale);
        assertThat(rig.status(0).state()).isEqualTo("open");
        assertThat(curl("--unix-socket", stale.toString(), "http://x/echo")).endsWith(" 200");
    }

    @Test
    void anOwnerThatDoesNotExistIsReported() {
        rig = new Rig("listen", "unix:" + folder.resolve("s"), "socket.owner", "no-such-user");
        assertThat(rig.status(0).state())
                .isEqualTo("not listening: socket.owner: there is no no-such-user on this host");
        assertThat(folder.resolve("s")).doesNotExist();
    }

    @Test
    void whoMayConnectToASocketThatStaysIsChangedOrNothingIs() throws Exception {
        Path path = folder.resolve("s");
        rig = new Rig("listen", "unix:" + path, "socket.mode", "0600");
        String made =
                Files.readAttributes(path, PosixFileAttributes.class).group().getName();
        rig.change("socket.mode", "0666");
        assertThat(access(path)).isEqualTo("rw-rw-rw- " + made);
        rig.change("socket.mode", "0660", "socket.owner", ":no-such-group");
        assertThat(access(path)).isEqualTo("rw-rw-rw- " + made);
        assertThat(rig.status(0).state())
                .isEqualTo("open, change refused: listen = unix:" + path
                        + ": socket.owner: there is no no-such-group on this host");
        Path missing = folder.resolve("missing/s");
        rig.change("listen", "unix:" + path + ", unix:" + missing, "socket.owner", "");
        assertThat(access(path)).isEqualTo("rw-rw-rw- " + made);
        rig.change("listen", "unix:" + path);
        assertThat(access(path)).isEqualTo("rw-rw---- " + made);
        Assumptions.assumeTrue(made.equals("root"), "only root may give a file to any group");
        rig.change("socket.owner", ":daemon");
        assertThat(access(path)).isEqualTo("rw-rw---- daemon");
        rig.change("socket.owner", "");
        assertThat(access(path)).isEqualTo("rw-rw---- root");
        assertThat(curl("--unix-socket", path.toString(), "http://x/echo")).endsWith(" 200");
    }

    private static String access(Path path) throws Exception {
        PosixFileAttributes attributes = Files.readAttributes(path, PosixFileAttributes.class);
        return PosixFilePermissions.toString(attributes.permissions()) + " "
                + attributes.group().getName();
    }

    @Test
    void anUnchangedOrWrongUpdateChangesNothing() throws Exception {
        rig = new Rig();
        int port = rig.port();
        try (Raw raw = rig.raw()) {
            raw.send(GET).reply();
            rig.change();
            rig.change("nonsense", "x");
            assertThat(raw.send(GET).reply()).isEqualTo("200 GET  ");
            assertThat(rig.port()).isEqualTo(port);
        }
    }

    @Test
    void aChangeOfPathHoldsFromTheNextRequest() throws Exception {
        rig = new Rig();
        try (Raw raw = rig.raw()) {
            raw.send(GET).reply();
            rig.change("path", "/new");
            assertThat(raw.send(GET).reply()).isEqualTo("404 ");
            assertThat(raw.send(GET.replace("/echo", "/new/echo")).reply()).isEqualTo("200 GET  ");
        }
    }

    @Test
    void tooManyConnectionsAreToldSoUntilThereIsRoomAgain() throws Exception {
        rig = new Rig("connections.max", 3);
        List<Raw> open = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            open.add(rig.raw());
            assertThat(open.get(i).send(GET).reply()).isEqualTo("200 GET  ");
        }
        try (Raw more = rig.raw()) {
            assertThat(more.send(GET).rest())
                    .startsWith("HTTP/1.1 503 ")
                    .contains("retry-after: 1", "connection: close");
        }
        assertThat(curl("--http2-prior-knowledge", "http://127.0.0.1:" + rig.port() + "/echo"))
                .endsWith("|2 503");
        open.get(0).close();
        await().until(() -> curl("http://127.0.0.1:" + rig.port() + "/echo").endsWith(" 200"));
        assertThat(open.get(1).send(GET).reply()).isEqualTo("200 GET  ");
        for (Raw one : open) {
            one.close();
        }
    }

    @Test
    void strangersGiveWayToNewConnectionsAndUsersDoNot() throws Exception {
        rig = new Rig("connections.max", 4);
        List<Raw> strangers = new ArrayList<>();
        List<Raw> users = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            for (int k = 0; k < 6; k++) {
                strangers.add(rig.raw());
                assertThat(strangers
                                .get(strangers.size() - 1)
                                .send(GET.replace("echo", "else"))
                                .reply())
                        .isEqualTo("404 ");
            }
            users.add(rig.raw());
            assertThat(users.get(i).send(GET).reply()).isEqualTo("200 GET  ");
        }
        for (Raw user : users) {
            assertThat(user.send(GET).reply()).isEqualTo("200 GET  ");
        }
        try (Raw more = rig.raw()) {
            assertThat(more.send(GET).rest()).as("no stranger is left").startsWith("HTTP/1.1 503 ");
        }
        for (Raw one : strangers) {
            one.close();
        }
        for (Raw one : users) {
            one.close();
        }
    }

    @Test
    void believingEveryoneAboutClientsIsAProblem() throws Exception {
        rig = new Rig("listen", "0.0.0.0:0", "proxies", new String[] {"192.0.2.0/24"});
        assertThat(rig.endpoint.problems()).isEmpty();
        rig.change("proxies", new String[] {"0.0.0.0/0", "::/0"});
        assertThat(rig.endpoint.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.what())
                    .isEqualTo("trusts everyone who can reach 0.0.0.0:0 to name the addresses of clients");
            assertThat(problem.remedy()).contains("proxies");
        });
        rig.change("listen", "127.0.0.1:0");
        assertThat(rig.endpoint.problems()).isEmpty();
    }

    @Test
    void theLimitPerAddressCountsTrueClientsAndNotProxies() throws Exception {
        rig = new Rig("connections.per.address", 1);
        try (Raw first = rig.raw()) {
            assertThat(first.send(GET).reply()).isEqualTo("200 GET  ");
            try (Raw second = rig.raw()) {
                assertThat(second.send(GET).rest()).startsWith("HTTP/1.1 503 ");
            }
        }
        rig.change("proxies", "127.0.0.1", "proxy.protocol", true);
        try (Raw first = rig.raw();
                Raw second = rig.raw();
                Raw third = rig.raw()) {
            assertThat(first.send("PROXY TCP4 192.0.2.1 1.2.3.4 1 2\r\n" + GET).reply())
                    .isEqualTo("200 GET  ");
            assertThat(second.send("PROXY TCP4 192.0.2.2 1.2.3.4 1 2\r\n" + GET).reply())
                    .isEqualTo("200 GET  ");
            assertThat(third.send("PROXY TCP4 192.0.2.1 1.2.3.4 1 2\r\n" + GET).rest())
                    .startsWith("HTTP/1.1 503 ");
        }
    }

    @Test
    void theLimitPerAddressCountsAnIpv6Network64AsOneSource() throws Exception {
        rig = new Rig("connections.per.address", 1, "proxies", "127.0.0.1", "proxy.protocol", true);
        try (Raw first = rig.raw();
                Raw elsewhere = rig.raw();
                Raw neighbour = rig.raw()) {
            assertThat(first.send("PROXY TCP6 2001:db8:0:1::1 2001:db8::9 1 2\r\n" + GET)
                            .reply())
                    .isEqualTo("200 GET  ");
            assertThat(elsewhere
                            .send("PROXY TCP6 2001:db8:0:2::1 2001:db8::9 1 2\r\n" + GET)
                            .reply())
                    .isEqualTo("200 GET  ");
            assertThat(neighbour
                            .send("PROXY TCP6 2001:db8:0:1:ffff::2 2001:db8::9 1 2\r\n" + GET)
                            .rest())
                    .startsWith("HTTP/1.1 503 ");
        }
    }

    @Test
    void whoDoesNotReadLosesTheConnectionAndNobodyElseDoes() throws Exception {
        rig = new Rig("reply.seconds", 1, "idle.seconds", 600);
        try (Raw greedy = rig.raw()) {
            greedy.socket.setReceiveBufferSize(4096);
            String request = "GET /bulk?1000000 HTTP/1.1\r\nHost: h\r\n\r\n";
            greedy.send(request.repeat(200));
            await().until(() -> rig.deliveries.contains("failed"));
            assertThat(curl("-o", "/dev/null", "http://127.0.0.1:" + rig.port() + "/bulk?1000000"))
                    .endsWith(" 200");
            assertThat(rig.deliveries.size()).as("replies taken in advance").isLessThan(60);
        }
    }

    /** The whole of either takes twice as long as the limit. */
    @ParameterizedTest
    @ValueSource(strings = {"--http1.1", "--http2-prior-knowledge"})
    void aSlowLineIsNoReasonToGiveUp(String version) throws Exception {
        rig = new Rig("reply.seconds", 4, "body.seconds", 4);
        String url = "http://127.0.0.1:" + rig.port() + "/bulk";
        Path body = Files.write(folder.resolve("body"), Rig.pattern(512 << 10));
        Path up = folder.resolve("up");
        Path down = folder.resolve("down");
        Process upload =
                curlProcess(version, "--limit-rate", "64k", "--data-binary", "@" + body, "-o", up.toString(), url);
        Process download = curlProcess(version, "--limit-rate", "2M", "-o", down.toString(), url + "?16000000");
        assertThat(upload.waitFor(60, TimeUnit.SECONDS) && download.waitFor(60, TimeUnit.SECONDS))
                .isTrue();
        assertThat(Files.mismatch(up, body)).isEqualTo(-1);
        assertThat(Files.readAllBytes(down)).isEqualTo(Rig.pattern(16_000_000));
    }

    private static Process curlProcess(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("curl", "-s"));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).start();
    }

    @Test
    void idleConnectionsAreClosed() throws Exception {
        rig = new Rig("idle.seconds", 1);
        try (Raw raw = rig.raw()) {
            raw.send(GET).reply();
            assertThat(raw.rest()).isEmpty();
        }
    }

    @Test
    void aSiteThatIsGoneStaysAsItWasAndIsAProblemUntilItIsBack() throws IOException {
        Path site = Files.createDirectory(folder.resolve("site"));
        Files.writeString(site.resolve("index.html"), "hello");
        rig = new Rig("site", site.toString());
        Path moved = Files.move(site, folder.resolve("moved"));
        await().until(() -> !rig.endpoint.problems().isEmpty());
        assertThat(rig.endpoint.problems())
                .singleElement()
                .asString()
                .contains("endpoint test", "site = " + site, "the previous files stay in use");
        try (Raw raw = rig.raw()) {
            raw.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
            assertThat(raw.rest()).endsWith("hello");
        }
        Files.move(moved, site);
        await().until(() -> rig.endpoint.problems().isEmpty());
    }
}
