// SPDX-License-Identifier: Apache-2.0
package io.httun.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.target.Target;
import io.httun.testrig.Echoes;
import io.httun.testrig.Programs;
import io.httun.testrig.TunnelRig;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Our client through our server, directly and through Squid, and real programs through both. */
class BridgeTest {
    private static final int MANY = 20_000_000;

    private final TunnelRig rig = new TunnelRig();
    private final Ends ends = new Ends(rig);

    @TempDir
    Path folder;

    private Programs programs;

    @BeforeEach
    void open() {
        programs = new Programs(folder);
        rig.closing(programs::close);
    }

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    @Test
    void carriesBothWaysAtOnce() throws Exception {
        ServerComponent server = ends.server();
        Echoes.bothWays(ends.through(ends.mount(server), rig.echo()), MANY);
        assertThat(Ends.lastCause(server)).isEqualTo("closed");
    }

    @Test
    void carriesTwentyConnectionsAtOnce() throws Exception {
        int port = ends.through(ends.mount(ends.server()), rig.echo());
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < 20; i++) {
                sockets.add(TunnelRig.dial(port));
            }
            for (int round = 0; round < 3; round++) {
                for (Socket socket : sockets) {
                    Echoes.bothWays(socket, 50_000);
                }
            }
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    @Test
    void tellsTheEndOfTheTarget() throws Exception {
        int target = rig.target(socket -> socket.getOutputStream().write("bye".getBytes(StandardCharsets.US_ASCII)));
        try (Socket socket = TunnelRig.dial(ends.through(ends.mount(ends.server()), target))) {
            assertThat(socket.getInputStream().readAllBytes()).asString().isEqualTo("bye");
        }
    }

    @Test
    void stillGetsTheAnswerAfterTheApplicationEndedItsOutput() throws Exception {
        try (Socket socket = TunnelRig.dial(ends.through(ends.mount(ends.server()), rig.echo()))) {
            socket.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
            socket.shutdownOutput();
            assertThat(socket.getInputStream().readAllBytes()).asString().isEqualTo("hello");
        }
    }

    @Test
    void aTargetThatResetsShowsAsAReset() throws Exception {
        int target = rig.target(socket -> {
            socket.getInputStream().read();
            socket.setSoLinger(true, 0);
        });
        try (Socket socket = TunnelRig.dial(ends.through(ends.mount(ends.server()), target))) {
            socket.getOutputStream().write(1);
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(IOException.class);
        }
    }

    @Test
    void saysWhyThereIsNoConnection() throws Exception {
        int server = ends.mount(ends.server());
        assertThat(failure(server, "127.0.0.1:1")).hasMessageContaining("127.0.0.1:1: connection refused");
        assertThat(failure(server, "no.such.invalid:1")).hasMessageContaining("the name has no address");
        int filtered = ends.mount(ends.server("filters", "missing"));
        assertThat(failure(filtered, "127.0.0.1:1")).hasMessageContaining("not allowed");
        int strict = ends.mount(
                ends.server("basic.auth.file", programs.secret("user:password").toString()));
        assertThat(failure(strict, "127.0.0.1:1")).hasMessageContaining("404");
    }

    private Throwable failure(int server, String target, Object... more) throws Exception {
        return ends.client(server, more)
                .connect(Target.parse(target), rig.loops().group().next())
                .await()
                .cause();
    }

    @Test
    void logsInWhereItMust() throws Exception {
        String file = programs.secret("user:password").toString();
        int server = ends.mount(ends.server("basic.auth.file", file));
        Echoes.bothWays(ends.through(server, rig.echo(), "basic.auth.file", file), 1000);
    }

    @Test
    void worksThroughSquidWithCredentials() throws Exception {
        int squid = programs.squid("user:password");
        String proxy = "127.0.0.1:" + squid;
        String file = programs.secret("user:password").toString();
        int server = ends.mount(ends.server());
        Echoes.bothWays(ends.through(server, rig.echo(), "proxy", proxy, "proxy.auth.file", file), MANY);
        assertThat(failure(server, "127.0.0.1:1", "proxy", proxy)).hasMessageContaining("407");
    }

    @Test
    void carriesWhatCurlAsks() throws Exception {
        Programs.need("curl");
        int target = rig.target(socket -> {
            socket.getInputStream().read(new byte[1000]);
            socket.getOutputStream()
                    .write("HTTP/1.0 200 OK\r\n\r\nfrom the target".getBytes(StandardCharsets.US_ASCII));
        });
        int port = ends.through(ends.mount(ends.server()), target);
        assertThat(programs.run("curl", "-s", "-m", "20", "http://127.0.0.1:" + port + "/"))
                .isEqualTo("from the target");
    }

    @Test
    void aVanishedServerResetsTheConnection() throws Exception {
        ServerComponent server = ends.server();
        try (Socket socket = TunnelRig.dial(ends.through(ends.mount(server), rig.echo()))) {
            Echoes.hello(socket);
            server.stop();
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(IOException.class);
        }
    }

    /** Debian has what it needs; the script itself is not ours to ship, so it is looked for beside the repository. */
    @Test
    void theStockScriptSpeaksWithBothOurEnds() throws Exception {
        Programs.need("ruby", "uuidgen");
        Path script = Path.of(System.getProperty("httun.bridge.script", "/nowhere"));
        org.junit.jupiter.api.Assumptions.assumeTrue(
                Files.exists(script), "Skipped: no -Dhttun.bridge.script=PATH of the stock bridge script");
        int local = Programs.freePort();
        int server = ends.mount(ends.server());
        programs.start(
                "ruby",
                script.toString(),
                "" + local,
                "http://127.0.0.1:" + server + "/bridge",
                "127.0.0.1",
                "" + rig.echo());
        Programs.awaitListening(local);
        Echoes.bothWays(local, 2_000_000);

        int stock = Programs.freePort();
        programs.start("ruby", script.toString(), "" + stock, "/bridge");
        Programs.awaitListening(stock);
        Echoes.bothWays(ends.through(stock, rig.echo()), 2_000_000);
    }
}
