// SPDX-License-Identifier: Apache-2.0
package io.httun.erltunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.target.Target;
import io.httun.testrig.Echoes;
import io.httun.testrig.Programs;
import io.httun.testrig.TunnelRig;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Our client through our server, directly and through Squid, and the wire page line by line. */
class ErltunnelTest {
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
        Echoes.bothWays(ends.through(Ends.portOf(server), rig.echo()), MANY);
        assertThat(Ends.lastCause(server)).isEqualTo("closed");
    }

    @Test
    void carriesTwentyConnectionsAtOnce() throws Exception {
        int port = ends.through(Ends.portOf(ends.server()), rig.echo());
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < 20; i++) {
                sockets.add(TunnelRig.dial(port));
            }
            for (Socket socket : sockets) {
                Echoes.bothWays(socket, 50_000);
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
        try (Socket socket = TunnelRig.dial(ends.through(Ends.portOf(ends.server()), target))) {
            assertThat(socket.getInputStream().readAllBytes()).asString().isEqualTo("bye");
        }
    }

    @Test
    void stillGetsTheAnswerAfterTheApplicationEndedItsOutput() throws Exception {
        try (Socket socket = TunnelRig.dial(ends.through(Ends.portOf(ends.server()), rig.echo()))) {
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
        try (Socket socket = TunnelRig.dial(ends.through(Ends.portOf(ends.server()), target))) {
            socket.getOutputStream().write(1);
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(IOException.class);
        }
    }

    @Test
    void saysWhyThereIsNoConnection() throws Exception {
        int server = Ends.portOf(ends.server());
        assertThat(failure(server, "127.0.0.1:1")).hasMessageContaining("it cannot connect to 127.0.0.1:1");
        assertThat(failure(server, "[::1]:1")).hasMessageContaining("no IPv4 address");
        int strict = Ends.portOf(
                ends.server("basic.auth.file", programs.secret("user:password").toString()));
        assertThat(failure(strict, "127.0.0.1:1")).hasMessageContaining("it closed the connection");
    }

    private Throwable failure(int server, String target, Object... more) throws Exception {
        return ends.client(server, more)
                .connect(Target.parse(target), rig.loops().group().next())
                .await()
                .cause();
    }

    @Test
    void worksThroughSquidWithAndWithoutCredentials() throws Exception {
        int open = programs.squid("");
        int strict = programs.squid("user:password");
        int server = Ends.portOf(ends.server());
        int target = rig.echo();
        Echoes.bothWays(ends.through(server, target, "proxy", "127.0.0.1:" + open), 2_000_000);
        String file = programs.secret("user:password").toString();
        Echoes.bothWays(
                ends.through(server, target, "proxy", "127.0.0.1:" + strict, "proxy.auth.file", file), 2_000_000);
        assertThat(failure(server, "127.0.0.1:1", "proxy", "127.0.0.1:" + strict))
                .hasMessageContaining("407");
    }

    /** What a stock client writes, and how it reads. */
    private static final class Raw implements AutoCloseable {
        private final Socket socket;

        Raw(int port) throws IOException {
            socket = TunnelRig.dial(port);
        }

        Message ask(String hex) throws IOException {
            write(hex);
            return answer();
        }

        void write(String hex) throws IOException {
            byte[] body = ByteBufUtil.decodeHexDump(hex);
            socket.getOutputStream()
                    .write(("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Erlang-Client\r\nContent-Length: "
                                    + body.length + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(body);
        }

        /** Null where the connection was closed. */
        Message answer() throws IOException {
            InputStream in = socket.getInputStream();
            StringBuilder head = new StringBuilder();
            while (!head.toString().endsWith("\r\n\r\n")) {
                int next = in.read();
                if (next < 0) {
                    return null;
                }
                head.append((char) next);
            }
            assertThat(head.toString()).startsWith("HTTP/1.1 200 OK\r\nContent-Length: ");
            int length = Integer.parseInt(
                    head.toString().split("Content-Length: ")[1].split("\r")[0]);
            return Terms.read(Unpooled.wrappedBuffer(in.readNBytes(length)));
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static String open(int port) {
        return ByteBufUtil.hexDump(
                Terms.open(io.netty.buffer.UnpooledByteBufAllocator.DEFAULT, new byte[] {127, 0, 0, 1}, port));
    }

    private static String data(Message.Ok tunnel, String text) {
        ByteBuf out = Terms.data(io.netty.buffer.UnpooledByteBufAllocator.DEFAULT, tunnel.id(), text.length());
        int start = out.writerIndex();
        out.writeCharSequence(text, StandardCharsets.US_ASCII);
        Terms.setLength(out, start);
        return ByteBufUtil.hexDump(out);
    }

    @Test
    void takesATunnelsMessagesFromOneConnectionAfterTheOther() throws Exception {
        int port = Ends.portOf(ends.server());
        Message.Ok tunnel;
        try (Raw first = new Raw(port)) {
            tunnel = (Message.Ok) first.ask(open(rig.echo()));
            assertThat(tunnel.id().bitLength()).isGreaterThan(32);
        }
        try (Raw second = new Raw(port)) {
            Message.Data echo = (Message.Data) second.ask(data(tunnel, "hello"));
            assertThat(echo.bytes().toString(StandardCharsets.US_ASCII)).isEqualTo("hello");
            String close =
                    ByteBufUtil.hexDump(Terms.close(io.netty.buffer.UnpooledByteBufAllocator.DEFAULT, tunnel.id()));
            assertThat(second.ask(close)).isEqualTo(new Message.Close(tunnel.id()));
            assertThat(second.answer()).isNull();
        }
    }

    @Test
    void closesWithoutAnAnswerWhatItDoesNotUnderstand() throws Exception {
        int port = Ends.portOf(ends.server());
        for (String hex :
                List.of("83640003666f6f", "68656c6c6f", "83500000001a789c", "836802640005636c6f7365620000270f")) {
            try (Raw raw = new Raw(port)) {
                assertThat(raw.ask(hex)).isNull();
            }
        }
    }

    @Test
    void whoGuessesTenIdsIsRefusedAndTheOwnersTunnelToo() throws Exception {
        int port = Ends.portOf(ends.server());
        try (Raw owner = new Raw(port)) {
            Message.Ok tunnel = (Message.Ok) owner.ask(open(rig.echo()));
            for (int i = 0; i < 10; i++) {
                try (Raw raw = new Raw(port)) {
                    assertThat(raw.ask("836802640005636c6f73656103")).isNull();
                }
            }
            try (Raw raw = new Raw(port)) {
                assertThat(raw.answer()).isNull();
            }
            assertThat(owner.ask(data(tunnel, "hello"))).isNull();
        }
    }

    @Test
    void letsOnlyItsSourcesCome() throws Exception {
        try (Raw raw = new Raw(Ends.portOf(ends.server("sources", "10.0.0.0/8")))) {
            assertThat(raw.answer()).isNull();
        }
    }

    @Test
    void aVanishedClientsTargetIsClosed() throws Exception {
        ServerComponent server = ends.server("idle.seconds", 10);
        try (Raw raw = new Raw(Ends.portOf(server))) {
            raw.ask(open(rig.echo()));
        }
        org.awaitility.Awaitility.await()
                .atMost(java.time.Duration.ofSeconds(20))
                .until(() -> server.connections().isEmpty());
        assertThat(Ends.lastCause(server)).contains("no message came for 10 s");
    }
}
