// SPDX-License-Identifier: Apache-2.0
package io.httun.erltunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.httun.api.target.Target;
import io.httun.testrig.Echoes;
import io.httun.testrig.TunnelContract;
import io.httun.testrig.TunnelRig;
import io.httun.toolkit.login.PendingLogins;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.math.BigInteger;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Our client through our server, and the wire page line by line. */
class ErltunnelTest extends TunnelContract<ErltunnelServer> {
    private final ErltunnelEnds ends = new ErltunnelEnds(rig);

    @Override
    protected ErltunnelEnds ends() {
        return ends;
    }

    @Test
    void saysWhyThereIsNoConnection() throws Exception {
        int server = ErltunnelEnds.portOf(ends.server());
        assertThat(ends.failure(server, "127.0.0.1:1"))
                .hasMessageContaining("the server cannot connect to 127.0.0.1:1");
        assertThat(ends.failure(server, "[::1]:1")).hasMessageContaining("no IPv4 address");
        int strict = ErltunnelEnds.portOf(
                ends.server("basic.auth.file", programs.secret("user:password").toString()));
        assertThat(ends.failure(strict, "127.0.0.1:1")).hasMessageContaining("it closed the connection");
        assertThatThrownBy(() -> ends.client(1, "server", "https://a.example"))
                .hasMessageContaining("this protocol has no https");
    }

    @Test
    void limitsConnectionsThatHaveNotLoggedIn() throws Exception {
        ErltunnelServer server =
                ends.server("basic.auth.file", programs.secret("user:password").toString());
        int port = ErltunnelEnds.portOf(server);
        List<Socket> silent = new ArrayList<>();
        for (int i = 0; i <= PendingLogins.MOST; i++) {
            silent.add(new Socket("127.0.0.1", port));
        }
        await().until(() -> server.listeners().get(0).refused() > 0);
        for (Socket socket : silent) {
            socket.close();
        }
        assertThat(silent).hasSize(PendingLogins.MOST + 1);
    }

    @Test
    void aPortThatEveryoneCanUseIsAProblem() throws Exception {
        assertThat(ends.server("bind", "0.0.0.0:0", "sources", "any")
                        .problems()
                        .get(0)
                        .what())
                .isEqualTo("is open to everyone who can reach 0.0.0.0:0");
        assertThat(ends.server("bind", "0.0.0.0:0", "sources", "192.0.2.0/24").problems())
                .isEmpty();
        String file = programs.secret("user:password").toString();
        assertThat(ends.server("bind", "0.0.0.0:0", "sources", "any", "basic.auth.file", file)
                        .problems())
                .isEmpty();
        assertThat(ends.server("sources", "any").problems()).isEmpty();
    }

    @Test
    void worksThroughSquidWithoutCredentials() throws Exception {
        int open = programs.squid("");
        Echoes.bothWays(
                ends.through(ErltunnelEnds.portOf(ends.server()), rig.echo(), "proxy", "127.0.0.1:" + open), 2_000_000);
    }

    /** A stock server dies of a reset right after it has answered an open. */
    @Test
    void givesBackAConnectionThatNobodyWantsAnyMoreWhenItComes() throws Exception {
        CompletableFuture<String> heard = new CompletableFuture<>();
        CompletableFuture<Void> givenUp = new CompletableFuture<>();
        CompletableFuture<Void> asked = new CompletableFuture<>();
        int stock = rig.target(socket -> {
            Raw raw = new Raw(socket);
            raw.request();
            asked.complete(null);
            givenUp.join();
            raw.respond("8368026400026f6b6102");
            Message close = raw.request();
            raw.respond("836802640005636c6f73656102");
            heard.complete(close + " " + socket.getInputStream().read());
        });
        Future<Channel> opening = ends.client(stock)
                .connect(Target.parse("127.0.0.1:1"), rig.loops().group().next());
        asked.get(10, TimeUnit.SECONDS);
        opening.cancel(false);
        // Behind what the cancelling sets off on the client's loop.
        rig.loops().group().forEach(loop -> loop.submit(() -> {}).syncUninterruptibly());
        givenUp.complete(null);
        assertThat(heard.get(10, TimeUnit.SECONDS)).isEqualTo(new Message.Close(BigInteger.TWO) + " -1");
    }

    /** What a stock client writes, and how it reads. */
    private static final class Raw implements AutoCloseable {
        private final Socket socket;

        Raw(int port) throws IOException {
            this(TunnelRig.dial(port));
        }

        Raw(Socket socket) {
            this.socket = socket;
        }

        /** A client's message, at a server. */
        Message request() throws IOException {
            return Terms.read(Unpooled.wrappedBuffer(socket.getInputStream().readNBytes(length(head()))));
        }

        void respond(String hex) throws IOException {
            byte[] body = ByteBufUtil.decodeHexDump(hex);
            socket.getOutputStream()
                    .write(("HTTP/1.1 200 OK\r\nContent-Length: " + body.length + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(body);
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
            String head = head();
            if (head.isEmpty()) {
                return null;
            }
            assertThat(head).startsWith("HTTP/1.1 200 OK\r\nContent-Length: ");
            return Terms.read(Unpooled.wrappedBuffer(socket.getInputStream().readNBytes(length(head))));
        }

        /** Empty where the connection was closed. */
        private String head() throws IOException {
            StringBuilder head = new StringBuilder();
            while (!head.toString().endsWith("\r\n\r\n")) {
                int next = socket.getInputStream().read();
                if (next < 0) {
                    return "";
                }
                head.append((char) next);
            }
            return head.toString();
        }

        private static int length(String head) {
            return Integer.parseInt(head.split("Content-Length: ")[1].split("\r")[0]);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static String open(int port) {
        return TermsTest.hex(Terms.open(UnpooledByteBufAllocator.DEFAULT, new byte[] {127, 0, 0, 1}, port));
    }

    private static String data(Message.Ok tunnel, String text) {
        ByteBuf out = Terms.data(UnpooledByteBufAllocator.DEFAULT, tunnel.id(), text.length());
        int start = out.writerIndex();
        out.writeCharSequence(text, StandardCharsets.US_ASCII);
        Terms.setLength(out, start);
        return TermsTest.hex(out);
    }

    @Test
    void takesATunnelsMessagesFromOneConnectionAfterTheOther() throws Exception {
        int port = ErltunnelEnds.portOf(ends.server());
        Message.Ok tunnel;
        try (Raw first = new Raw(port)) {
            tunnel = (Message.Ok) first.ask(open(rig.echo()));
            assertThat(tunnel.id().bitLength()).isGreaterThan(32);
        }
        try (Raw second = new Raw(port)) {
            Message.Data echo = (Message.Data) second.ask(data(tunnel, "hello"));
            assertThat(echo.bytes().toString(StandardCharsets.US_ASCII)).isEqualTo("hello");
            String close = TermsTest.hex(Terms.close(UnpooledByteBufAllocator.DEFAULT, tunnel.id()));
            assertThat(second.ask(close)).isEqualTo(new Message.Close(tunnel.id()));
            assertThat(second.answer()).isNull();
        }
    }

    @Test
    void closesWithoutAnAnswerWhatItDoesNotUnderstand() throws Exception {
        int port = ErltunnelEnds.portOf(ends.server());
        for (String hex :
                List.of("83640003666f6f", "68656c6c6f", "83500000001a789c", "836802640005636c6f7365620000270f")) {
            try (Raw raw = new Raw(port)) {
                assertThat(raw.ask(hex)).isNull();
            }
        }
    }

    @Test
    void whoGuessesTenIdsIsRefusedAndTheOwnersTunnelToo() throws Exception {
        int port = ErltunnelEnds.portOf(ends.server());
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
        try (Raw raw = new Raw(ErltunnelEnds.portOf(ends.server("sources", "10.0.0.0/8")))) {
            assertThat(raw.answer()).isNull();
        }
    }

    @Test
    void aVanishedClientsTargetIsClosed() throws Exception {
        ErltunnelServer server = ends.server("idle.seconds", 10);
        try (Raw raw = new Raw(ErltunnelEnds.portOf(server))) {
            raw.ask(open(rig.echo()));
        }
        org.awaitility.Awaitility.await()
                .atMost(java.time.Duration.ofSeconds(20))
                .until(() -> server.connections().isEmpty());
        assertThat(ErltunnelEnds.lastCause(server)).contains("no message came for 10 s");
    }

    @Test
    void aClientThatKeepsItsConnectionHasNotVanished() throws Exception {
        ErltunnelServer server = ends.server("idle.seconds", 10);
        try (Raw raw = new Raw(ErltunnelEnds.portOf(server))) {
            Message.Ok tunnel = (Message.Ok) raw.ask(open(rig.echo()));
            await().pollDelay(Duration.ofSeconds(15))
                    .atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(server.connections()).hasSize(1));
            Message.Data echo = (Message.Data) raw.ask(data(tunnel, "hello"));
            assertThat(echo.bytes().toString(StandardCharsets.US_ASCII)).isEqualTo("hello");
        }
    }

    @Test
    void aMessageForATargetThatDoesNotReadIsAnsweredInTheEnd() throws Exception {
        CompletableFuture<Void> over = new CompletableFuture<>();
        int target = rig.target(socket -> over.join());
        try (Raw raw = new Raw(ErltunnelEnds.portOf(ends.server()))) {
            Message.Ok tunnel = (Message.Ok) raw.ask(open(target));
            String much = "x".repeat(Polls.MAX_DATA);
            long held = 0;
            while (held < Polls.LONGEST_HOLD_NANOS / 2) {
                long begun = System.nanoTime();
                assertThat(raw.ask(data(tunnel, much))).isInstanceOf(Message.Data.class);
                held = System.nanoTime() - begun;
            }
        } finally {
            over.complete(null);
        }
    }

    @Test
    void connectionsThatSayNothingAreLimitedWithoutALoginToo() throws Exception {
        ErltunnelServer server = ends.server("connections.max", 4);
        int port = ErltunnelEnds.portOf(server);
        List<Socket> silent = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            silent.add(TunnelRig.dial(port));
        }
        for (Socket socket : silent.subList(0, 6)) {
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
        for (Socket socket : silent) {
            socket.close();
        }
        assertThat(server.listeners().get(0).refused()).isEqualTo(6);
    }

    @Test
    void theBodyOfARequestWithoutALoginIsNotWaitedFor() throws Exception {
        int port = ErltunnelEnds.portOf(
                ends.server("basic.auth.file", programs.secret("user:password").toString()));
        try (Socket socket = TunnelRig.dial(port)) {
            socket.getOutputStream()
                    .write("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }
}
