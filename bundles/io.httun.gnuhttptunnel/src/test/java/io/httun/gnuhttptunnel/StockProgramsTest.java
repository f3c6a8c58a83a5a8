// SPDX-License-Identifier: Apache-2.0
package io.httun.gnuhttptunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.testrig.Echoes;
import io.httun.testrig.Programs;
import io.httun.testrig.TunnelRig;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Debian's {@code hts} and {@code htc} at the other end. */
class StockProgramsTest {
    private static final int MANY = 20_000_000;

    private final TunnelRig rig = new TunnelRig();
    private final GnuHttptunnelEnds ends = new GnuHttptunnelEnds(rig);

    @TempDir
    Path folder;

    private Programs programs;

    @BeforeEach
    void open() {
        programs = new Programs(folder);
        rig.closing(programs::close);
        Programs.need("hts", "htc");
    }

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    private int htc(int server, String... more) throws IOException {
        int port = Programs.freePort();
        List<String> command = new ArrayList<>(List.of("htc", "-w", "-F", Integer.toString(port)));
        command.addAll(List.of(more));
        command.add("127.0.0.1:" + server);
        programs.start(command.toArray(new String[0]));
        Programs.awaitListening(port);
        return port;
    }

    private int hts(int target, String... more) throws IOException {
        int port = Programs.freePort();
        List<String> command = new ArrayList<>(List.of("hts", "-w", "-F", "127.0.0.1:" + target));
        command.addAll(List.of(more));
        command.add("127.0.0.1:" + port);
        programs.start(command.toArray(new String[0]));
        Programs.awaitListening(port);
        return port;
    }

    @Test
    void ourServerCarriesAStockClientBothWaysAtOnce() throws Exception {
        int server = GnuHttptunnelEnds.portOf(ends.server(rig.echo()));
        Echoes.bothWays(htc(server), MANY);
    }

    @Test
    void ourServerRenewsTheGetOfAStockClient() throws Exception {
        int server = GnuHttptunnelEnds.portOf(ends.server(rig.echo(), "content.length", 102_400L));
        int port = htc(server, "-c", "5000");
        try (Socket socket = TunnelRig.dial(port)) {
            // One direction at a time: a stock client loses data when both are renewed at once.
            for (int i = 0; i < 20; i++) {
                Echoes.bothWays(socket, 4000);
            }
        }
    }

    @Test
    void ourServerCarriesAStockClientOneConnectionAfterTheOther() throws Exception {
        GnuHttptunnelServer server = ends.server(rig.echo());
        int port = htc(GnuHttptunnelEnds.portOf(server));
        for (int i = 0; i < 3; i++) {
            Echoes.bothWays(port, 100_000);
        }
    }

    @Test
    void ourServerTakesStrictLengthsAndPadding() throws Exception {
        int server = GnuHttptunnelEnds.portOf(ends.server(rig.echo()));
        Echoes.bothWays(htc(server, "-S", "-c", "9000"), 200_000);
    }

    @Test
    void ourServerOutlivesAStockClientThatIsKilled() throws Exception {
        GnuHttptunnelServer server = ends.server(rig.echo());
        int port = Programs.freePort();
        Process client = programs.start(
                "htc", "-w", "-F", Integer.toString(port), "127.0.0.1:" + GnuHttptunnelEnds.portOf(server));
        Programs.awaitListening(port);
        try (Socket socket = TunnelRig.dial(port)) {
            Echoes.hello(socket);
            client.destroyForcibly();
            assertThat(GnuHttptunnelEnds.lastCause(server)).contains("broke off");
        }
        Echoes.bothWays(htc(GnuHttptunnelEnds.portOf(server)), 1000);
    }

    @Test
    void ourClientUsesAStockServerBothWaysAtOnce() throws Exception {
        int server = hts(rig.echo(), "-c", "1000000000");
        Echoes.bothWays(ends.through(server), MANY);
    }

    @Test
    void ourClientFollowsTheRenewalsOfAStockServer() throws Exception {
        int server = hts(rig.echo());
        Echoes.bothWays(ends.through(server), MANY);
    }

    @Test
    void ourClientRenewsItsPostAtAStockServer() throws Exception {
        int server = hts(rig.echo(), "-c", "1000000000");
        Echoes.bothWays(ends.through(server, "content.length", 102_400L), 2_000_000);
    }

    @Test
    void ourClientUsesAStockServerOneConnectionAfterTheOther() throws Exception {
        int port = ends.through(hts(rig.echo()));
        for (int i = 0; i < 3; i++) {
            Echoes.bothWays(port, 100_000);
        }
    }

    @Test
    void connectionsWaitForTheirTurnAtAStockServer() throws Exception {
        int port = ends.through(hts(rig.echo()));
        try (Socket first = TunnelRig.dial(port);
                Socket second = TunnelRig.dial(port)) {
            Echoes.hello(first);
            first.shutdownOutput();
            Echoes.hello(second);
        }
    }

    @Test
    void aStockServerThatIsKilledResetsTheConnection() throws Exception {
        int port = Programs.freePort();
        Process server = programs.start("hts", "-w", "-F", "127.0.0.1:" + rig.echo(), "127.0.0.1:" + port);
        Programs.awaitListening(port);
        try (Socket socket = TunnelRig.dial(ends.through(port))) {
            Echoes.hello(socket);
            server.destroyForcibly();
            await().untilAsserted(() -> org.assertj.core.api.Assertions.assertThatThrownBy(
                            () -> socket.getInputStream().read())
                    .isInstanceOf(IOException.class));
        }
    }

    @Test
    void ourClientReachesAStockServerThroughSquidWithCredentials() throws Exception {
        int squid = programs.squid("user:password");
        String proxy = "127.0.0.1:" + squid;
        String file = programs.secret("user:password").toString();
        int stock = hts(rig.echo());
        Echoes.bothWays(ends.through(stock, "proxy", proxy, "proxy.auth.file", file), 3_000_000);
    }

    @Test
    void aStockClientReachesOurServerThroughSquidWithCredentials() throws Exception {
        int squid = programs.squid("user:password");
        int ours = GnuHttptunnelEnds.portOf(ends.server(rig.echo()));
        int port = htc(ours, "-P", "127.0.0.1:" + squid, "-A", "user:password", "-c", "50000");
        try (Socket socket = TunnelRig.dial(port)) {
            // No faster: Squid may drop the end of a body whose client has closed already, as a stock client does.
            for (int i = 0; i < 30; i++) {
                Echoes.bothWays(socket, 5000);
            }
        }
    }
}
