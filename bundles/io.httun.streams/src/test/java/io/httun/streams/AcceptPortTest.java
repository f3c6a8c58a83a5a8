// SPDX-License-Identifier: Apache-2.0
package io.httun.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.httun.api.config.ConfigException;
import io.httun.api.relay.RelayOrigin;
import io.httun.api.stream.AcceptedStream;
import io.httun.api.stream.ListenRule;
import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Ports of the server that a client listens on. */
@Timeout(60)
class AcceptPortTest {
    private final StreamRig both = new StreamRig();
    private InetSocketAddress listen;
    private final Queue<Channel> accepted = new ConcurrentLinkedQueue<>();

    @BeforeEach
    void allow() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            listen = (InetSocketAddress) probe.getLocalSocketAddress();
        }
        both.atServer = new Http2Multiplexer(both.rig.loops(), 1);
        both.reverse = List.of(ListenRule.parse("reverse.allow", "127.0.0.1:*"));
    }

    @AfterEach
    void close() throws IOException {
        // A stream that nobody reads keeps what has come for it until its owner closes it.
        accepted.forEach(stream -> stream.close().awaitUninterruptibly());
        both.close();
    }

    private Future<AcceptedStream> ask() {
        return both.connector
                .accept(listen, both.rig.loops().group().next())
                .addListener((FutureListener<AcceptedStream>) stream -> {
                    if (stream.isSuccess()) {
                        accepted.add(stream.getNow().channel());
                    }
                });
    }

    private Socket dial() {
        await().until(() -> both.atServer.reverses().stream().anyMatch(port -> port.waiting() > 0));
        Socket[] dialled = new Socket[1];
        await().ignoreExceptions().until(() -> {
            dialled[0] = new Socket(listen.getAddress(), listen.getPort());
            return true;
        });
        return dialled[0];
    }

    private static void echo(Channel channel) {
        channel.pipeline().addLast(new SimpleChannelInboundHandler<ByteBuf>() {
            @Override
            protected void channelRead0(ChannelHandlerContext ctx, ByteBuf bytes) {
                ctx.writeAndFlush(bytes.retain());
            }
        });
        channel.config().setAutoRead(true);
    }

    private Cause refusal() {
        return ((RefusedException) ask().awaitUninterruptibly().cause()).refusal();
    }

    @Test
    void aConnectionConsumesTheStreamThatWaits() throws IOException {
        Future<AcceptedStream> first = ask();
        Future<AcceptedStream> second = ask();
        try (Socket one = dial()) {
            await().until(() -> first.isDone() || second.isDone());
            Future<AcceptedStream> taken = first.isDone() ? first : second;
            assertThat(first.isDone() && second.isDone()).isFalse();
            assertThat(taken.getNow().peer())
                    .contains(new InetSocketAddress(InetAddress.getLoopbackAddress(), one.getLocalPort()));
            echo(taken.getNow().channel());
            one.getOutputStream().write(7);
            assertThat(one.getInputStream().read()).isEqualTo(7);
            assertThat(both.origin.connections().get(0).target()).isEqualTo("127.0.0.1:" + listen.getPort());
            assertThat(both.origin.connections().get(0).bytesToTarget()).isEqualTo(1);
            assertThat(both.atServer.reverses())
                    .allMatch(port -> port.waiting() == 1 && port.connections() == 1 && port.accepted() == 1);
            taken.getNow().channel().close();
            assertThatThrownBy(() -> one.getInputStream().read()).hasMessageContaining("reset");
        }
        await().until(() -> both.origin.open() == 0);
    }

    /** The client listens at another server then; what it has accepted here goes on. */
    @Test
    void aServerThatIsDrainedGivesThePortUp() throws IOException {
        Future<AcceptedStream> first = ask();
        Future<AcceptedStream> second = ask();
        try (Socket one = dial()) {
            await().until(() -> first.isDone() || second.isDone());
            Future<AcceptedStream> taken = first.isDone() ? first : second;
            Future<AcceptedStream> waiting = first.isDone() ? second : first;
            both.atServerEnd.forEach(pipe ->
                    pipe.eventLoop().submit(() -> both.atServer.drain(pipe)).syncUninterruptibly());
            assertThat(waiting.awaitUninterruptibly().isSuccess()).isFalse();
            await().untilAsserted(() -> assertThatThrownBy(() -> new Socket(listen.getAddress(), listen.getPort()))
                    .isInstanceOf(ConnectException.class));
            echo(taken.getNow().channel());
            one.getOutputStream().write(7);
            assertThat(one.getInputStream().read()).isEqualTo(7);
            taken.getNow().channel().close();
        }
        await().until(() -> both.origin.open() == 0);
    }

    @Test
    void aConnectionThatComesTooEarlyWaitsForAStream() throws IOException {
        Future<AcceptedStream> first = ask();
        try (Socket one = dial();
                Socket two = new Socket(listen.getAddress(), listen.getPort())) {
            await().until(first::isSuccess);
            two.getOutputStream().write(9);
            Future<AcceptedStream> second = ask();
            await().until(second::isSuccess);
            echo(second.getNow().channel());
            assertThat(two.getInputStream().read()).isEqualTo(9);
            assertThat(one.isConnected()).isTrue();
        }
    }

    @Test
    void whatTheChannelDoesNotAllowIsDenied() {
        both.reverse = List.of(ListenRule.parse("reverse.allow", "127.0.0.1:1-2"), ListenRule.parse("x", "[::1]:*"));
        assertThat(refusal()).isEqualTo(Cause.DENIED);
        assertThat(both.atServer.reverses()).isEmpty();
    }

    @Test
    void aPortThatIsTakenIsRefused() throws IOException {
        try (ServerSocket other = new ServerSocket(listen.getPort(), 1, listen.getAddress())) {
            Future<AcceptedStream> refused = ask().awaitUninterruptibly();
            assertThat(refused.cause()).hasMessageContaining("taken");
            assertThat(other.isBound()).isTrue();
        }
        Future<AcceptedStream> later = ask();
        try (Socket one = dial()) {
            await().until(later::isSuccess);
            assertThat(one.isConnected()).isTrue();
        }
    }

    @Test
    void aPortOfAnotherChannelIsTaken() {
        AcceptPorts ports = new AcceptPorts(both.rig.loops(), 1);
        RelayOrigin other = both.rig.engine().open(StreamRig.settings(), both.rig::direct);
        Optional<AcceptPort> first = ports.of(listen, both.origin);
        assertThat(first).isPresent();
        assertThat(ports.of(listen, both.origin)).isEqualTo(first);
        assertThat(ports.of(listen, other)).isEmpty();
        ports.close();
        other.close();
    }

    @Test
    void aClientThatGoesAwayFreesThePort() {
        Future<AcceptedStream> waiting = ask();
        await().until(() -> !both.atServer.reverses().isEmpty());
        waiting.cancel(false);
        await().until(() -> both.atServer.reverses().isEmpty());
        await().ignoreExceptions().until(() -> {
            try (ServerSocket free = new ServerSocket(listen.getPort(), 1, listen.getAddress())) {
                return free.isBound();
            }
        });
        assertThat(both.connector.streams()).isZero();
    }

    @Test
    void rulesNameAddressesAndPorts() {
        InetSocketAddress any = new InetSocketAddress("0.0.0.0", 80);
        assertThat(ListenRule.parse("x", "*:80").allows(any)).isTrue();
        assertThat(ListenRule.parse("x", "127.0.0.1:80").allows(any)).isFalse();
        assertThat(ListenRule.parse("x", "*:81-90").allows(any)).isFalse();
        for (String wrong : List.of("80", "*:0", "*:9-8", "*:70000", "localhost:80", "::1:80", "")) {
            assertThatThrownBy(() -> ListenRule.parse("reverse.allow", wrong))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("must be ADDRESS:PORT");
        }
    }
}
