// SPDX-License-Identifier: Apache-2.0
package io.httun.erltunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.httun.api.target.Target;
import io.httun.testrig.Echoes;
import io.httun.testrig.Programs;
import io.httun.testrig.TunnelRig;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Erlang itself at the other end; and, where its module is at hand, the stock program. */
class ErlangTest {
    private final TunnelRig rig = new TunnelRig();
    private final ErltunnelEnds ends = new ErltunnelEnds(rig);

    @TempDir
    Path folder;

    private Programs programs;
    private String script;

    @BeforeEach
    void open() throws Exception {
        programs = new Programs(folder);
        rig.closing(programs::close);
        Programs.need("escript", "erl");
        try (InputStream in = ErlangTest.class.getResourceAsStream("/speak.escript")) {
            script = Files.write(folder.resolve("speak.escript"), in.readAllBytes())
                    .toString();
        }
    }

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    @Test
    void anErlangClientIsServed() throws Exception {
        int server = ErltunnelEnds.portOf(ends.server());
        assertThat(programs.run("escript", script, "client", "" + server, "" + rig.echo()))
                .contains("got hello");
    }

    @Test
    void anErlangServerIsUsed() throws Exception {
        programs.start("escript", script, "server");
        int port = await().until(this::announcedPort, announced -> announced > 0);
        try (Socket socket = TunnelRig.dial(ends.through(port, 7))) {
            Echoes.bothWays(socket, 500_000);
        }
        assertThat(ends.client(port)
                        .connect(
                                Target.parse("127.0.0.1:1"), rig.loops().group().next())
                        .await()
                        .cause())
                .hasMessageContaining("the server cannot connect to 127.0.0.1:1");
    }

    private int announcedPort() throws Exception {
        try (Stream<Path> logs = Files.list(folder)) {
            for (Path log :
                    logs.filter(path -> path.toString().endsWith(".log")).toList()) {
                String text = Files.readString(log).strip();
                if (text.matches("[0-9]+")) {
                    return Integer.parseInt(text);
                }
            }
        }
        return 0;
    }

    @Test
    void theStockModuleSpeaksWithBothOurEnds() throws Exception {
        Path module = Path.of(System.getProperty("httun.erltunnel.module", "/nowhere"));
        assumeTrue(Files.exists(module), "Skipped: no -Dhttun.erltunnel.module=PATH of the stock erltunnel.erl");
        programs.run("erlc", "-o", folder.toString(), module.toString());
        int ours = ErltunnelEnds.portOf(ends.server());
        int local = Programs.freePort();
        int stock = Programs.freePort();
        programs.start(
                "erl",
                "-noshell",
                "-pa",
                folder.toString(),
                "-eval",
                "erltunnel:start_client(c," + local + ",{{127,0,0,1}," + ours + "},noProxy),"
                        + "erltunnel:start_server(s," + stock + ").");
        Programs.awaitListening(local);
        Programs.awaitListening(stock);
        Echoes.bothWays(ends.through(stock, rig.echo()), 1_000_000);
        try (Socket socket = TunnelRig.dial(local)) {
            socks4(socket, rig.echo());
            Echoes.bothWays(socket, 1_000_000);
        }
    }

    private static void socks4(Socket socket, int target) throws Exception {
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes(ByteBuffer.allocate(9)
                .put((byte) 4)
                .put((byte) 1)
                .putShort((short) target)
                .put(new byte[] {127, 0, 0, 1})
                .put((byte) 0)
                .array());
        OutputStream out = socket.getOutputStream();
        out.write(request.toByteArray());
        assertThat(socket.getInputStream().readNBytes(8)[1]).isEqualTo((byte) 90);
    }
}
